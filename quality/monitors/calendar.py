"""Kinds of days: a baseline compares a Monday with Mondays, and a public holiday with days off. Pure; the calendar comes from the released table `holiday`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from contracts.model import Contracts

Kinds = npt.NDArray[np.int8]


class DayKind(IntEnum):
    """What a day is like for those who deliver. `FIRST` is a working day after a day off, when what lay still comes in; `EXTRA` a day at a weekend that is worked for a holiday."""

    FIRST = 0
    TUESDAY = 1
    WEDNESDAY = 2
    THURSDAY = 3
    FRIDAY = 4
    SATURDAY = 5
    SUNDAY = 6
    HOLIDAY = 7
    EXTRA = 8


OFF = (DayKind.SATURDAY, DayKind.SUNDAY, DayKind.HOLIDAY)
"""Days off; the others are worked."""
IS_OFF = np.array([kind in OFF for kind in DayKind])


@dataclass(frozen=True, slots=True)
class Calendar:
    """Public holidays and days worked for them. Days of a year that `years` does not have are told by their weekday alone."""

    holidays: frozenset[date] = frozenset()
    worked: frozenset[date] = frozenset()

    @property
    def years(self) -> frozenset[int]:
        return frozenset(day.year for day in self.holidays)

    def off(self, day: date) -> bool:
        return day in self.holidays or (day.weekday() >= 5 and day not in self.worked)

    def kind(self, day: date) -> DayKind:
        if day in self.holidays:
            return DayKind.HOLIDAY
        if day.weekday() >= 5:
            return DayKind.EXTRA if day in self.worked else DayKind(day.weekday())
        if self.off(day - timedelta(days=1)):
            return DayKind.FIRST
        return DayKind(day.weekday()) if day.weekday() else DayKind.EXTRA

    def kinds(self, days: npt.NDArray[np.datetime64]) -> Kinds:
        """The kind of each day of an array of days; each different day is asked once."""
        different, place = np.unique(days, return_inverse=True)
        told: list[date] = different.astype("datetime64[D]").tolist()
        return np.array([self.kind(day) for day in told], np.int8)[place]


def calendar_of(contracts: Contracts) -> Calendar:
    """The calendar of the released table; a row whose day is none says nothing."""
    found: dict[str, set[date]] = {"holiday": set(), "working": set()}
    for text, kind, *_ in contracts.tables.get("holiday", ()):
        day = _day(text or "")
        if kind in found and day is not None:
            found[kind].add(day)
    return Calendar(frozenset(found["holiday"]), frozenset(found["working"]))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
