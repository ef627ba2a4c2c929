"""What was never there before, and what is there no more: codes, columns, and content that comes a second time."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
import numpy as np

from quality.monitors.bounds import LEAST_POINTS, SLICE, Numbers, Places, Series, windows
from quality.monitors.points import WINDOW, Judged, Points
from quality.monitors.raised import SHOWN, Raised

CHANCE_NEW = 1e-3
"""A code is new where so many rows with codes never seen before would come by chance less often than this."""
CHANCE_GONE = 1e-6
"""A code is gone where its rows would stay away by chance less often than this."""
ALWAYS = 0.95
"""The share of earlier days on which a code must have come to be missed."""
REPEATED_ROWS = 20
"""Fewer rows may well be the same twice."""
MOST_BY_CHANCE = 60

SEEN_SQL = f"""with dated as (select *, recorded_at::date as day from profile where recorded_at <= $moment and field = ''),
large as (select feed, delivery from dated where measure = 'rows' and value >= {REPEATED_ROWS})
select feed, measure, '' as mode, item, day, sum(value) as value from dated where measure in ('undeclared', 'missing') group by all
union all
select distinct feed, measure, mode, value::bigint::varchar, day, null from dated join large using (feed, delivery) where measure = 'digest'
order by feed, day, measure, mode, item"""
DAYS_SQL = "select feed, recorded_at::date as day, count(distinct delivery) as deliveries from profile where recorded_at <= $moment group by all order by all"
NAMES = {"undeclared": "undeclared-column", "missing": "missing-column"}


def code_alarms(points: Points, series: Series) -> Iterator[Raised]:
    """New and vanished codes among the judged points."""
    names, place = points.monitors()
    shares = points.judged[place[points.judged] == names.index("share")] if "share" in names else points.judged[:0]
    if len(shares):
        seen = _seen(series, shares)
        yield from _new(points, shares, seen)
        yield from _gone(points, series, shares, seen)


@dataclass(frozen=True, slots=True)
class Seen:
    """Of each judged code what its earlier points hold: its own cells, all cells of the field, how many points there are and on how many of them the code came."""

    own: Numbers
    cells: Numbers
    points: Places
    came: Places


def _seen(series: Series, shares: Places) -> Seen:
    parts = []
    for first in range(0, len(shares), SLICE):
        before = windows(series, shares[first : first + SLICE])
        parts.append((np.nansum(before.value * before.n, axis=1), np.nansum(before.n, axis=1), before.points, (before.value > 0).sum(axis=1)))
    return Seen(*(np.concatenate(each) for each in zip(*parts, strict=True)))


def _new(points: Points, shares: Places, seen: Seen) -> Iterator[Raised]:
    """Codes that never came, in more rows than chance explains. How likely a row has such a code is the share of codes seen just once
    (Good, The Population Frequencies of Species, Biometrika 40, 1953); half a code is believed where there is none."""
    fields, days = points.fields()[shares], points.day[shares].astype(np.int64)
    _, group = np.unique(np.stack([fields, days]), axis=1, return_inverse=True)
    group = group.ravel()
    once = np.bincount(group, weights=np.isclose(seen.own, 1).astype(float))[group]
    rows, n = points.value[shares] * points.n[shares], points.n[shares]
    most = _by_chance(n * np.maximum(once, 0.5) / np.maximum(seen.cells, 1))
    for place in np.flatnonzero((seen.points >= LEAST_POINTS) & (seen.own == 0) & (rows > most)):
        yield Raised.at(points, shares[place], (None, float(most[place])), int(seen.points[place]), "new-code", float(round(rows[place])))


def _gone(points: Points, series: Series, shares: Places, seen: Seen) -> Iterator[Raised]:
    """Codes that came nearly every day and stay away, which chance does not explain even at the lowest share they usually had."""
    absent = (seen.points >= LEAST_POINTS) & (points.value[shares] == 0) & (seen.came >= ALWAYS * seen.points)
    for place in np.flatnonzero(absent):
        before = windows(series, shares[place : place + 1])
        seldom, often = (float(each) for each in np.nanquantile(before.value[0], [0.1, 0.9]))
        if points.n[shares[place]] * np.log1p(-min(seldom, 1 - 1e-12)) < np.log(CHANCE_GONE):
            yield Raised.at(points, shares[place], (seldom, often), int(seen.points[place]), "vanished-code")


def _by_chance(expected: Numbers) -> Numbers:
    """The most rows that come by chance (Poisson's law with this mean) at least as often as `CHANCE_NEW`; infinite where the mean itself is large."""
    chance, tail = np.exp(-expected), np.ones_like(expected)
    most = np.full(len(expected), np.inf)
    for count in range(MOST_BY_CHANCE):
        tail = tail - chance  # of more than `count` rows
        most = np.where(np.isinf(most) & (tail < CHANCE_NEW), count, most)
        chance = chance * expected / (count + 1)
    return np.where(expected > MOST_BY_CHANCE / 2, np.inf, most)


def delivery_alarms(engine: duckdb.DuckDBPyConnection, asked: Judged) -> Iterator[Raised]:
    """Columns that came or went, and content that was delivered before: each on the first day that is unlike the feed's days before."""
    days: dict[str, list[date]] = {}
    for feed, day, _ in _rows(engine, DAYS_SQL, asked):
        days.setdefault(feed, []).append(day)
    seen: dict[tuple[str, ...], list[date]] = {}
    for feed, measure, mode, item, day, value in _rows(engine, SEEN_SQL, asked):
        place = bisect_left(days[feed], day)
        before = days[feed][max(0, place - WINDOW) : place]
        judged = len(before) >= LEAST_POINTS and (day >= asked.since if asked.since else day == days[feed][-1])
        known = [each for each in seen.get((feed, measure, mode, item), ()) if before and before[0] <= each < day]
        if measure in NAMES and judged and not known:
            yield Raised(feed, "", "", NAMES[measure], item, day, value, 0.0, 0.0, len(before), (0.0,) * min(len(before), SHOWN))
        if measure == "digest" and known:
            often = [each for each in seen.get((feed, "repeated", mode), ()) if before[0] <= each < day]
            if judged and not often:
                yield Raised(feed, mode, "", "repeated", "", day, float((day - max(known)).days), None, None, len(before))
            seen.setdefault((feed, "repeated", mode), []).append(day)
        seen.setdefault((feed, measure, mode, item), []).append(day)


def _rows(engine: duckdb.DuckDBPyConnection, sql: str, asked: Judged) -> list[tuple[Any, ...]]:
    return engine.execute(sql, {"moment": asked.moment}).fetchall()
