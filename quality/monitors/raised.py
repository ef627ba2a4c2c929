"""One alarm as the monitors hand it on, before it becomes a row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from quality.monitors.points import WINDOW, Points

SHOWN = 14
"""Points of history that an alarm shows."""


@dataclass(frozen=True, slots=True)
class Raised:
    """An alarm; see `alarms.ALARM`. `excess`: how far beyond its bound the value is, in distances between the bounds."""

    feed: str
    mode: str
    field: str
    monitor: str
    item: str
    day: date
    value: float
    lower: float | None
    upper: float | None
    points: int
    history: tuple[float, ...] = ()
    excess: float = 0.0

    @classmethod
    def at(
        cls, points: Points, place: int, bounds: tuple[float | None, float | None], count: int, monitor: str | None = None, value: float | None = None
    ) -> Raised:
        """The alarm of the point at a place; under the name of another monitor, and with another value, where they are given."""
        row: dict[str, Any] = points.table.slice(place, 1).to_pylist()[0]
        history = tuple(float(each) for each in history_before(points, place)[-SHOWN:])
        told = float(row["value"]) if value is None else value
        return cls(row["feed"], row["mode"], row["field"], monitor or row["monitor"], row["item"], row["day"], told, *bounds, count, history)


def history_before(points: Points, place: int) -> npt.NDArray[np.float64]:
    """The values of the series before a place, at most `WINDOW` of them, oldest first."""
    return points.value[max(int(points.start[place]), int(place) - WINDOW) : int(place)]
