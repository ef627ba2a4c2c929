"""Kinds of days by the released calendar."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from contracts.check import check
from contracts.read import load
from quality.monitors import DayKind, calendar_of

CALENDAR = calendar_of(load())


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        (date(2026, 2, 14), DayKind.EXTRA),
        (date(2026, 2, 16), DayKind.HOLIDAY),
        (date(2026, 2, 23), DayKind.HOLIDAY),
        (date(2026, 2, 24), DayKind.FIRST),
        (date(2026, 2, 25), DayKind.WEDNESDAY),
        (date(2026, 3, 1), DayKind.SUNDAY),
        (date(2026, 3, 2), DayKind.FIRST),
        (date(2026, 1, 5), DayKind.EXTRA),
        (date(2027, 2, 10), DayKind.WEDNESDAY),
    ],
)
def test_a_day_is_of_the_kind_that_people_work_by(day: date, kind: DayKind) -> None:
    """Holidays are days off, worked weekends are not; the first working day after days off is one of its own, also a Tuesday; a Monday after a worked Sunday is not; unknown years have weekdays."""
    assert CALENDAR.kind(day) is kind
    assert CALENDAR.kinds(np.array([day], "datetime64[D]")).tolist() == [kind]


def test_the_released_calendar_is_whole() -> None:
    """Each year has as many days off as its notice says (28 and 33) and as many worked days at weekends (5 and 6); worked days are weekends, and no day is both."""
    for year, off, worked in ((2025, 28, 5), (2026, 33, 6)):
        assert sum(day.year == year for day in CALENDAR.holidays) == off
        assert sum(day.year == year for day in CALENDAR.worked) == worked
    assert all(day.weekday() >= 5 for day in CALENDAR.worked) and not CALENDAR.worked & CALENDAR.holidays


def test_an_installation_adds_a_year(tmp_path: Path) -> None:
    """`holiday.<year>.csv` beside the installation's own feeds adds days to the shipped ones."""
    (tmp_path / "holiday.2027.csv").write_text("day,kind,zh,en,source\n2027-02-10,holiday,春节,Spring Festival,\nsoon,holiday,,,\n", encoding="utf-8")
    calendar = calendar_of(load(extra=[tmp_path]))
    assert calendar.kind(date(2027, 2, 10)) is DayKind.HOLIDAY and CALENDAR.holidays < calendar.holidays
    assert check([tmp_path]) == []
