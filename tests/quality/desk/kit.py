"""Fire checks as a department delivers them, some with an object type that no rule knows, and a cabin over them."""

from __future__ import annotations

from pathlib import Path

from tests.cabin.kit import done

HEADER = "检查编号,检查日期,对象类型,对象代码,对象名称,地址,隐患类别,隐患数,整改期限,整改结果"
STREET = "五马街道解放街"


def check(number: int, kind: str = "3", day: str = "2026-02-03") -> str:
    """One delivered line; kinds 1 to 3 are known."""
    return f"JC{number:06d},{day},{kind},XK{number},饭店{number},{STREET}{number}号,其他,1,2026-03-01,"


def deliver(data: Path, lines: list[str], name: str = "fire_hazard.csv") -> None:
    """Lands the lines as one delivery and runs."""
    file = data.parent / name
    file.write_text("\n".join([HEADER, *lines, ""]), encoding="utf-8")
    done(data, "land", "fire_hazard", str(file))
    done(data, "run")
