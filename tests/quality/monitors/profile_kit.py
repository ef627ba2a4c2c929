"""Profiles written by hand: a few numbers a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta

import pyarrow as pa

from contracts.model import ServiceLevel
from contracts.profiling import PROFILE
from quality.monitors import Calendar, Judged, alarms

BEGIN = date(2026, 3, 2)
"""A Monday."""
NOTHING: dict[str, float] = {}
"""A day without a delivery."""


def same(rows: float, nulls: float = 0.0) -> dict[str, float]:
    """A field of five different cells."""
    return {"rows": rows, "nulls": nulls, "distinct": 5.0, "top": (rows - nulls) / 2}


def on(place: int, hour: float = 0.0) -> datetime:
    """The moment of a day by its number."""
    return datetime.combine(BEGIN + timedelta(days=place), time()) + timedelta(hours=hour)


def profiles(days: Sequence[Mapping[str, float]], hours: Mapping[int, float] | None = None, whole: Mapping[int, Mapping[str, float]] | None = None) -> pa.Table:
    """A delivery at seven o'clock of each day, or at its hour, with the measures of one field (`code:a`: of a code); a day without measures has none.

    `whole`: by day what is told of the delivery as a whole, by measure or `measure:item`.
    """
    rows = []
    for place, measures in enumerate(days):
        head = {"feed": "f", "delivery": f"f{place}", "mode": "increment", "recorded_at": on(place, (hours or {}).get(place, 7.0))}
        told = {"rows": measures["rows"]} | dict((whole or {}).get(place, {})) if measures else {}
        for field, numbers in (("", told), ("x", measures)):
            rows += [
                {**head, "field": field, "measure": name.partition(":")[0], "item": name.partition(":")[2], "value": value} for name, value in numbers.items()
            ]
    return pa.Table.from_pylist(rows, PROFILE)


def judged(
    table: pa.Table, at: datetime, since: date | None = BEGIN, level: ServiceLevel | None = None, calendar: Calendar | None = None
) -> list[dict[str, object]]:
    """The alarms at a moment."""
    found: list[dict[str, object]] = alarms(table, Judged(at, since), calendar or Calendar(), {"f": level} if level else {}).to_pylist()
    return found


def names(found: Sequence[Mapping[str, object]]) -> set[object]:
    """The monitors that alarmed."""
    return {row["monitor"] for row in found}
