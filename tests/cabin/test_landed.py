"""What an officer reads after landing: totals that do not add up, drift and faults in words."""

from __future__ import annotations

import re
from pathlib import Path

import openpyxl
import pytest

from tests.cabin.kit import cabin, done, holds_english

HEADER = ("序号", "设备编号", "权属类别", "安装位置", "经度", "纬度", "状态", "建成日期")


def inventory(file: Path, stated: int, extra: str | None = None) -> Path:
    """A list of three devices that states a total; `extra` is the header of a column nobody declared."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append([*HEADER, *([extra] if extra else [])])
    for number in range(1, 4):
        sheet.append([number, f"SB{number:04}", "公共高清", "五马街", 120.65, 28.0, "正常", "2020-01-01", *(["7"] if extra else [])])
    sheet.append(["合计", str(stated)])
    book.save(file)
    return file


@pytest.mark.parametrize("stated", [2, 4])
def test_a_total_off_by_one_is_not_silent(tmp_path: Path, stated: int) -> None:
    """The rows land, with exit code 1 and a hint, again when it is tried again; `feed show` and feed health count it."""
    data, file = tmp_path / "data", inventory(tmp_path / "thing_device.xlsx", stated)
    line = ("land", "thing_device", str(file), "--mode", "snapshot", "--moment", "2026-03-31", "--area", "610922", "--rows", "3")
    first, again = cabin(data, *line, lang="zh"), cabin(data, "--json", *line)
    assert (first.code, again.code) == (1, 1)
    assert f"申报 {stated}，实得 3" in first.out and "建议：" in first.out
    landed = again.document["landed"][0]
    assert landed["landed"] == 3 and "recall" in landed["hint"] and [total["agrees"] for total in landed["totals"]] == [False]
    assert [each["wrong_totals"] for each in done(data, "--json", "feed", "show", "thing_device").document["deliveries"]] == [1]
    done(data, "run")
    assert done(data, "--json", "sql", "select wrong_totals from feed_health").document["rows"] == [{"wrong_totals": 1}]


def test_a_total_that_agrees_is_no_finding(tmp_path: Path) -> None:
    """Exit code 0, no hint, nothing counted."""
    file = inventory(tmp_path / "thing_device.xlsx", 3)
    said = done(
        tmp_path / "data", "--json", "land", "thing_device", str(file), "--moment", "2026-03-31", "--area", "610922", "--rows", "3", "--mode", "snapshot"
    )
    assert "hint" not in said.document["landed"][0] and said.document["landed"][0]["layout"] == 1


def test_drift_is_told_in_the_language(tmp_path: Path) -> None:
    """An undeclared column is named with its type; in Chinese no English word stands beside it."""
    file = inventory(tmp_path / "thing_device.xlsx", 3, extra="备用编号")
    line = ("land", "thing_device", str(file), "--moment", "2026-03-31", "--area", "610922", "--rows", "3", "--mode", "snapshot")
    zh, en = (cabin(tmp_path / lang, *line, lang=lang).out for lang in ("zh", "en"))
    assert "版式变化：未申报的列 备用编号（整数，3 个值）" in zh and "drift: undeclared column 备用编号 (integer, 3 values)" in en
    assert not any(holds_english(line) or re.search(r"undeclared|integer", line) for line in zh.splitlines())
