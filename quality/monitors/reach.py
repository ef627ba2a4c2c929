"""How much of an installation the monitors can judge, and what keeps them from the rest. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

import duckdb
import pyarrow as pa

from quality.monitors.bounds import LEAST_POINTS
from quality.monitors.points import WINDOW, Judged, Points

DAYS_SQL = "select feed, recorded_at::date as day from profile where recorded_at <= $moment group by all order by all"


@dataclass(frozen=True, slots=True)
class Counted:
    """How many feeds or fields were `judged`; how many could not be, having `few` days before, or `none` that the answer is about."""

    judged: int = 0
    few: int = 0
    none: int = 0


@dataclass(frozen=True, slots=True)
class Reach:
    """Feeds count as judged where anything of them was: their arrivals, their rows, a field. A feed without any delivery up to the moment is one of `none`, and has no fields that count."""

    feeds: Counted = Counted()
    fields: Counted = Counted()


def reach_of(engine: duckdb.DuckDBPyConnection, points: Points, asked: Judged, feeds: Collection[str]) -> Reach:
    """Of the named feeds and of the relation `profile`, whose `points` these are."""
    days: dict[str, list[date]] = {}
    for feed, day in engine.execute(DAYS_SQL, {"moment": asked.moment}).fetchall():
        days.setdefault(feed, []).append(day)
    most = _most_before(points)
    fields = [most.get(key) for key in _known(points) if key[1]]
    whole = {feed: max([_came(days.get(feed, []), asked.moment.date()), *(before for (name, _), before in most.items() if name == feed)]) for feed in days}
    return Reach(_counted([whole.get(feed) for feed in {*feeds, *whole}]), _counted(fields))


def _known(points: Points) -> set[tuple[str, str]]:
    """Feed and field of every point; the field of a delivery as a whole is empty."""
    return {(row["feed"], row["field"]) for row in points.table.select(["feed", "field"]).group_by(["feed", "field"]).aggregate([]).to_pylist()}


def _most_before(points: Points) -> dict[tuple[str, str], int]:
    """Of each feed and field that has points on the days asked about: on how many points before the best known of them rests."""
    before = pa.array(points.judged - points.start[points.judged], pa.int64())
    judged = points.table.select(["feed", "field"]).take(pa.array(points.judged)).append_column("before", before)
    return {(row["feed"], row["field"]): row["before_max"] for row in judged.group_by(["feed", "field"]).aggregate([("before", "max")]).to_pylist()}


def _came(days: list[date], today: date) -> int:
    """On how many days a feed came within the days that its arrival is judged by: those before its newest, or before today where it stays away."""
    newest = max((day for day in days if day < today), default=today)
    return sum((newest - day).days < WINDOW for day in days if day < today)


def _counted(most: Sequence[int | None]) -> Counted:
    """One entry a feed or field: the points it rests on; None: nothing to judge."""
    judged = sum(before is not None and before >= LEAST_POINTS for before in most)
    few = sum(before is not None and before < LEAST_POINTS for before in most)
    return Counted(judged, few, len(most) - judged - few)
