"""Everything that is watched, with its newest value and its bounds, whether it is beyond them or not: `watched`. Pure: the moment is handed in."""

from __future__ import annotations

import pyarrow as pa

from contracts.database import connect
from quality.monitors.calendar import Calendar
from quality.monitors.measured import measured, series_of
from quality.monitors.points import KEY, SERIES, Judged, points_of
from quality.monitors.raised import SHOWN, history_before

WATCHED = pa.schema(
    [
        *SERIES,
        ("beyond", pa.bool_()),
    ]
)
"""One series of numbers: what is watched where, the newest day with its value, the bounds of that day (null: none on that side, or too few points), the points they rest on, the last of
those (oldest first), and whether the value is beyond. A value beyond its bounds is no alarm where another alarm of the day explains it."""


def watched(profiles: pa.Table, asked: Judged, calendar: Calendar) -> pa.Table:
    """In the shape of `WATCHED`, by feed, mode, field, monitor, item and day. `profiles` is in the shape of `contracts.profiling.PROFILE`."""
    with connect(config={"threads": 2}) as engine:
        engine.register("profile", profiles)
        points = points_of(engine, asked)
    found = measured(points, series_of(points, calendar))
    told = points.table.take(pa.array(points.judged)).select([*KEY, "day", "value"])
    bounds = [found.told(at) for at in range(len(points.judged))]
    added = {
        "lower": [lower for lower, _ in bounds],
        "upper": [upper for _, upper in bounds],
        "points": found.points.tolist(),
        "history": [history_before(points, at)[-SHOWN:].tolist() for at in points.judged],
        "beyond": found.beyond.tolist(),
    }
    columns = [*(told[name] for name in told.column_names), *(pa.array(each, WATCHED.field(name).type) for name, each in added.items())]
    return pa.table(columns, names=WATCHED.names).cast(WATCHED)
