"""Whether deliveries come when they should: against the contract's service level, and against the days on which a feed has come before."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import duckdb
import numpy as np

from contracts.model import ServiceLevel
from quality.monitors.bounds import LEAST_OF_A_KIND, LEAST_POINTS
from quality.monitors.calendar import Calendar
from quality.monitors.points import WINDOW, Judged
from quality.monitors.raised import SHOWN, Raised

EXPECTED, RARE = 0.9, 0.5
"""On days of a kind a delivery is expected where it came on so many of them; a day off counts for nothing where it came on fewer than so many."""
DAILY_HOURS = 24.0
ARRIVED_SQL = """select feed, recorded_at::date as day, count(distinct delivery) as deliveries, min(recorded_at) as first, max(recorded_at) as last,
  max(value) filter (measure = 'latency') as latency from profile where recorded_at <= $moment group by all order by all"""


@dataclass(frozen=True, slots=True)
class Arrived:
    """A day on which a feed delivered: how many deliveries, when the first and the last were recorded, the longest time from a moment to its recording in hours."""

    deliveries: int
    first: datetime
    last: datetime
    latency: float | None


@dataclass(frozen=True, slots=True)
class Feed:
    """What a feed's days were like."""

    name: str
    days: Mapping[date, Arrived]
    calendar: Calendar
    lasts: Sequence[datetime]
    """When the last delivery of each day was recorded, in order."""

    def before(self, day: date) -> list[date]:
        """The days looked back at: since the feed first came, at most `WINDOW`."""
        begun = max(min(self.days), day - timedelta(days=WINDOW))
        return [begun + timedelta(days=each) for each in range((day - begun).days)]

    def habit(self, day: date) -> list[date]:
        """The days from which is told when it comes: those up to its last arrival before `day`, so that a feed that fell silent stays expected."""
        last = max((each for each in self.days if each < day), default=day)
        return self.before(min(day, last + timedelta(days=1)))

    def came(self, days: list[date]) -> int:
        return sum(each in self.days for each in days)

    def expected(self, day: date) -> bool:
        """Whether the feed has come on nearly all days of this kind."""
        alike = [each for each in self.habit(day) if self.calendar.kind(each) == self.calendar.kind(day)]
        return len(alike) >= LEAST_OF_A_KIND and self.came(alike) >= EXPECTED * len(alike)

    def rests(self, day: date) -> bool:
        """Whether the feed seldom comes on days off."""
        off = [each for each in self.before(day) if self.calendar.off(each)]
        return len(off) >= LEAST_OF_A_KIND and self.came(off) < RARE * len(off)

    def due(self, day: date) -> datetime:
        """When a delivery of the day is overdue at the latest: by when the first of the day came before, and an hour."""
        hours = [(self.days[each].first - datetime.combine(each, time())) for each in self.habit(day) if each in self.days]
        return datetime.combine(day, time()) + max(hours, default=timedelta(days=1)) + timedelta(hours=1)

    def history(self, days: list[date]) -> tuple[float, ...]:
        return tuple(float(self.days[each].deliveries) if each in self.days else 0.0 for each in days[-SHOWN:])


def arrival_alarms(engine: duckdb.DuckDBPyConnection, asked: Judged, calendar: Calendar, levels: Mapping[str, ServiceLevel]) -> Iterator[Raised]:
    """Feeds that did not come, are older than promised or came later than promised."""
    days: dict[str, dict[date, Arrived]] = {}
    for feed, day, *arrived in engine.execute(ARRIVED_SQL, {"moment": asked.moment}).fetchall():
        days.setdefault(feed, {})[day] = Arrived(*arrived)
    for name, arrived_on in days.items():
        feed = Feed(name, arrived_on, calendar, [each.last for each in arrived_on.values()])
        level = levels.get(name, ServiceLevel())
        for day in _judged(feed, asked):
            before = feed.before(day)
            if feed.came(feed.habit(day)) >= LEAST_POINTS:
                yield from _missing(feed, day, asked, before)
            if len(before) >= LEAST_POINTS:  # the contract says how old, so days are points here, with a delivery or without
                yield from _old(feed, day, asked, level)
            if feed.came(before) >= LEAST_POINTS:
                yield from _late(feed, day, level, before)


def _judged(feed: Feed, asked: Judged) -> list[date]:
    """The days asked about; without a first one the moment's, and the one before as long as today's delivery may still come."""
    today = asked.moment.date()
    if asked.since is not None:
        return [asked.since + timedelta(days=each) for each in range((today - asked.since).days + 1) if asked.since + timedelta(days=each) > min(feed.days)]
    open_still = today not in feed.days and asked.moment < feed.due(today)
    return [day for day in (today - timedelta(days=1), today) if day > min(feed.days) and (open_still or day == today)]


def _missing(feed: Feed, day: date, asked: Judged, before: list[date]) -> Iterator[Raised]:
    if day not in feed.days and feed.expected(day) and asked.moment >= min(feed.due(day), datetime.combine(day + timedelta(days=1), time())):
        yield Raised(feed.name, "", "", "delivery", "", day, 0.0, 1.0, None, feed.came(feed.habit(day)), feed.history(before))


def _old(feed: Feed, day: date, asked: Judged, level: ServiceLevel) -> Iterator[Raised]:
    """Age of the newest delivery at the end of the day, or at the moment; days off count for nothing where a daily feed rests on them."""
    if level.frequency_hours is None or (asked.since is None and day != asked.moment.date()):
        return
    age = _age(feed, min(asked.moment, datetime.combine(day + timedelta(days=1), time())), level.frequency_hours)
    allowed, before = level.frequency_hours + (level.latency_hours or 0.0), feed.before(day)
    if age > allowed:
        ages = [round(_age(feed, datetime.combine(each + timedelta(days=1), time()), level.frequency_hours), 2) for each in before[-SHOWN:]]
        yield Raised(feed.name, "", "", "freshness", "", day, round(age, 2), None, allowed, len(before), tuple(ages))


def _age(feed: Feed, at: datetime, every: float) -> float:
    """Hours since the newest delivery before `at`."""
    newest = feed.lasts[max(bisect_right(feed.lasts, at) - 1, 0)]
    hours = (at - newest).total_seconds() / 3600
    if every > DAILY_HOURS or not feed.rests(at.date()):
        return hours
    between = [newest.date() + timedelta(days=each) for each in range((at.date() - newest.date()).days + 1)]
    rest = sum((_overlap(each, newest, at) for each in between if feed.calendar.off(each)), timedelta())
    return hours - rest.total_seconds() / 3600


def _overlap(day: date, since: datetime, until: datetime) -> timedelta:
    begins = datetime.combine(day, time())
    return max(min(begins + timedelta(days=1), until) - max(begins, since), timedelta())


def _late(feed: Feed, day: date, level: ServiceLevel, before: list[date]) -> Iterator[Raised]:
    arrived = feed.days.get(day)
    if level.latency_hours is None or arrived is None or arrived.latency is None or arrived.latency <= level.latency_hours:
        return
    history = [feed.days[each].latency for each in before if each in feed.days]
    shown = np.array([each for each in history if each is not None], float)[-SHOWN:]
    yield Raised(feed.name, "", "", "latency", "", day, round(arrived.latency, 2), None, level.latency_hours, len(before), tuple(shown.tolist()))
