"""Numbers as departments write them: 4000余人, 近20万元, 不到200,000, 380万余条, 每2小时."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType

from contracts.quantities.quantity import Bound, Period, Quantity, given

WORDS = MappingProxyType(
    {
        Bound.GE: ("不少于", "不低于", "以上", "超过", "至少", "余", "多", "超", "逾", "≥"),
        Bound.LT: ("将近", "接近", "不到", "不足", "未满", "近", "<"),
        Bound.APPROX: ("大约", "大概", "左右", "上下", "约"),
        Bound.EQ: ("达到", "共计", "达", "共"),
    }
)
SCALES = MappingProxyType({"": 1, "百": 100, "千": 1_000, "万": 10_000, "亿": 100_000_000})
UNITS = MappingProxyType(
    {
        "人": "persons", "名": "persons", "人次": "person_times", "户": "households", "家": "businesses", "元": "yuan", "次": "times", "轮": "times", "场": "sessions", "起": "cases", "件": "cases",
        "套": "sets", "份": "sheets", "条": "items", "处": "sites", "个": "pieces", "箱": "boxes", "吨": "tonnes", "克": "grams", "平方公里": "km2",
        "分钟": "minutes", "小时": "hours", "天": "days", "日": "days", "周": "weeks", "月": "months", "个月": "months",
    }
)  # fmt: skip
TIMES = frozenset({"minutes", "hours", "days", "weeks", "months"})
MINUTES = MappingProxyType({"minutes": 1, "hours": 60, "days": 1_440, "weeks": 10_080})
MOST = Decimal(10) ** 12
"""Numbers from here on have no room in a column."""
_BOUNDS = {bound: re.compile("|".join(words)) for bound, words in WORDS.items()}
_ANY = re.compile("|".join(word for bound in (Bound.GE, Bound.LT, Bound.APPROX, Bound.EQ) for word in WORDS[bound]))
_NUMBER = re.compile(r"([0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(\.[0-9]{1,6})?(百|千|万|亿)?(" + "|".join(sorted(UNITS, key=len, reverse=True)) + ")?")


def bound_of(text: str, word: str = "") -> Bound:
    """The bound that the words in a number and beside it say together; words that contradict each other leave it approximate."""
    said = [bound for bound in (Bound.GE, Bound.LT, Bound.APPROX) if _BOUNDS[bound].search(text + word)]
    return said[0] if len(said) == 1 else Bound.APPROX if said else Bound.EQ


def unit_of(word: str) -> str | None:
    """The unit's code; None for a word that is none."""
    return UNITS.get(word)


def amount_of(text: str, unit: str | None = None, scale: int = 1) -> tuple[Decimal, str | None] | None:
    """The number in the base unit (元 for 万元), and the unit: the one in the text, else `unit`; None where the text is no number of that unit.

    A number without scale or unit of its own is counted in `scale` (10,000 under a heading in 万元).
    """
    clean = re.sub(r"\s", "", unicodedata.normalize("NFKC", text))
    found = _NUMBER.fullmatch("0" if clean in ("无", "没有", "零") else _ANY.sub("", clean))
    if found is None:
        return None
    whole, rest, scaled, word = found[1].replace(",", ""), found[2] or "", found[3] or "", found[4]
    known = UNITS.get(word) if word else unit
    if unit is not None and known != unit:
        return None
    number = Decimal(whole + rest) * (SCALES[scaled] if scaled or word else scale)
    return (number, known) if number < MOST else None


def quantity_of(text: str, word: str = "", unit: str | None = None, period: Period | None = None, as_of: date | None = None) -> Quantity | None:
    """The quantity that a cell and its bound word beside it say; None where the cell is blank or no number. Without any unit the unit is blank."""
    read = amount_of(text, unit)
    said = bound_of(unicodedata.normalize("NFKC", text), word)
    if read is None or (said is Bound.LT and read[0] == 0):
        return None
    return given(read[0], said, read[1] or "", period, as_of)


def timer_of(text: str) -> Quantity | None:
    """The length of time after which somebody must act (2小时, 每2小时, 每月); None where no unit of time is named: no unit, no timer."""
    bare = text.strip().removeprefix("每")
    found = quantity_of(bare if bare[:1].isdigit() else f"1{bare}")
    return found if found and found.unit in TIMES and found.bound is Bound.EQ else None


def timer_minutes(text: str) -> int | None:
    """The minutes within which somebody must act; None for what comes again and again (每2小时), has no fixed length (个月) or names no unit. Halves of a minute count as one."""
    found = None if text.strip().startswith("每") else timer_of(text)
    each = MINUTES.get(found.unit) if found else None
    return None if found is None or each is None else int(found.value * each + Fraction(1, 2))
