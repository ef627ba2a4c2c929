"""What the macros over household visits, and those that several feeds share, must say, in plain Python. `None` is null."""

from __future__ import annotations

from collections.abc import Sequence

from tests.contracts import oracle

KINDS = {"房屋": "dwelling", "人房关系": "residency", "人": "person", "企业": "business", "场所": "venue", "设备": "thing"}
OUTCOMES = {"属实": "confirmed", "更正": "corrected", "无法核实": "not_observable", "拒绝": "declined"}
ENDS = {
    "完成": "done",
    "无人": "nobody_home",
    "拒访": "declined",
    "未找到": "not_found",
    "已不存在": "no_longer_exists",
    "不存在": "no_longer_exists",
    "查无此房": "no_longer_exists",
}
OWNERS = {"公共高清": "public", "内部单位": "unit", "社会": "private", "农村小探头": "rural"}
FLAGS = {"true": {"是", "有", "在", "存在", "1", "true", "TRUE", "真"}, "false": {"否", "无", "不在", "已不存在", "0", "false", "FALSE", "假"}}


def kind(text: str | None) -> str | None:
    """A blank object is the dwelling."""
    return KINDS.get(text or "房屋")


def entity(of: str, number: str, dwelling: str) -> str:
    """The id of what a visit speaks about, as the kinds have it."""
    if of == "thing":
        owner, _, serial = number.partition(":")
        return f"{OWNERS.get(owner, owner.lower())}:{serial.split(':')[0].upper().lstrip('0')}"
    return {"dwelling": dwelling, "residency": f"{number}@{dwelling}", "person": number}.get(of, number.upper())


def flag(text: str) -> str | None:
    return next((word for word, says in FLAGS.items() if text in says), None)


def code(text: str, codes: Sequence[str]) -> str | None:
    """A code of the list, zeros in front not counted; one alone counts."""
    plain = text.lstrip("0") if len(text) > 1 else text
    return plain if plain in codes else None


def whole(text: str) -> str | None:
    number = oracle.number_of(text)
    return str(int(number)) if number is not None and number == int(number) else None


def seen(text: str | None, entity_id: str, field: str) -> list[str]:
    """Ids of findings: `visit#counter` is of the same object and field, a whole id stands for itself."""
    ids = [] if text is None else text.split(";")
    return ids if ":" in (text or "") else [f"{visit}:{entity_id}:{field}#{counter}" for visit, counter in (each.split("#") for each in ids)]


def people_band(count: int) -> str | None:
    return None if count < 0 else str(count) if count < 3 else "3-5" if count < 6 else "6+"


def venue_id(licence: str | None, name: str | None, key: str | None) -> str | None:
    """The licence, else name and address where both are known."""
    return licence.upper() if licence is not None else f"{name}@{key}" if name is not None and key is not None else None
