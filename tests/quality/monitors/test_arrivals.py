"""Deliveries that are late, missing or older than promised, and those that are not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from contracts.model import ServiceLevel
from quality.monitors import Calendar
from tests.quality.monitors.profile_kit import NOTHING, judged, names, on, profiles, same

DAILY = ServiceLevel(24.0, 24.0)


def working(days: int) -> list[dict[str, float]]:
    """A feed that comes on Mondays to Fridays."""
    return [same(100.0) if on(place).weekday() < 5 else NOTHING for place in range(days)]


def test_a_day_off_is_no_missing_delivery() -> None:
    """A feed that rests at weekends is missed on a Monday, and neither on a Sunday nor, by its contract, before Monday's time is over."""
    table = profiles(working(42))  # up to a Sunday
    assert judged(table, on(42, 6), level=DAILY) == []
    monday = judged(table, on(43), level=DAILY)
    assert names(monday) == {"delivery"} and monday[0]["day"] == on(42).date()
    assert (monday[0]["value"], monday[0]["lower"], monday[0]["points"]) == (0.0, 1.0, 30)


def test_a_public_holiday_is_no_missing_delivery() -> None:
    """On a public holiday nobody is missed, though it is a Monday; without the calendar it is."""
    table = profiles(working(42))
    holiday = Calendar(frozenset({on(42).date()}))
    assert judged(table, on(43), calendar=holiday, level=DAILY) == []
    assert names(judged(table, on(43))) == {"delivery"}


def test_today_is_missed_once_it_is_overdue() -> None:
    """Asked early in the day nothing is missing; an hour after the latest first arrival it is; once it came it is not, but came late."""
    usual = [same(100.0)] * 30
    table = profiles(usual)
    assert judged(table, on(30, 7.5), None) == []
    assert names(judged(table, on(30, 8.5), None)) == {"delivery"}
    assert names(judged(profiles([*usual, same(100.0)], hours={30: 15.0}), on(30, 16), None)) == {"arrival"}


@pytest.mark.parametrize(("every", "silent_days", "old"), [(24.0, 1, False), (24.0, 3, True), (168.0, 5, False), (168.0, 9, True)])
def test_freshness_is_the_contract_s(every: float, silent_days: int, old: bool) -> None:
    """The newest delivery may be as old as the contract's frequency and latency together, counted at the moment."""
    table = profiles([same(100.0)] * 20)
    found = judged(table, on(19 + silent_days, 7), None, ServiceLevel(every, 24.0))
    assert ("freshness" in names(found)) == old
    if old:
        (row,) = [each for each in found if each["monitor"] == "freshness"]
        assert (row["value"], row["upper"]) == (24.0 * silent_days, every + 24.0)


def test_latency_is_the_contract_s() -> None:
    """A delivery that is recorded longer after its moment than promised alarms with both numbers; one within does not, nor one that promises nothing."""
    table = profiles([same(100.0)] * 20, whole={18: {"latency": 20.0}, 19: {"latency": 30.0}})
    (late,) = judged(table, on(20), level=DAILY)
    assert (late["monitor"], late["value"], late["upper"], late["day"], late["history"]) == ("latency", 30.0, 24.0, on(19).date(), [20.0])
    assert judged(table, on(20)) == []


def test_nothing_is_missed_of_a_feed_hardly_known() -> None:
    """Before fourteen days of a feed nothing is missing and nothing is old."""
    table = profiles([same(100.0)] * 13)
    assert judged(table, on(13) + timedelta(hours=23), level=ServiceLevel(1.0, 1.0)) == []
    assert "freshness" in names(judged(table, on(14, 12), level=ServiceLevel(1.0, 1.0)))


def test_a_feed_that_fell_silent_stays_missing() -> None:
    """A daily feed without a service level that stops coming is told the next day, a week later and three months later: its silence does not become its habit."""
    table = profiles([same(100.0)] * 60)
    for days in (61, 68, 90, 150):
        assert "delivery" in names(judged(table, on(days), None)), days
