"""Points against what is usual: of each judged one its bounds as people read them, and whether it is beyond. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from quality.monitors.bounds import LEAST_POINTS, Asked, Flags, Numbers, Places, Series, bounds
from quality.monitors.calendar import Calendar
from quality.monitors.points import Points
from quality.monitors.words import NAMED


@dataclass(frozen=True, slots=True)
class Measured:
    """Of each judged point the bounds on the scale of its value, the earlier points they rest on, whether it is a share, whether too little alarms, too, whether it is beyond,
    and how far, in distances between the bounds."""

    lower: Numbers
    upper: Numbers
    points: Places
    share: Flags
    both: Flags
    beyond: Flags
    excess: Numbers

    def told(self, at: int) -> tuple[float | None, float | None]:
        """The bounds of one point; None: none on that side, or too few points for any."""
        if self.points[at] < LEAST_POINTS:
            return None, None
        return float(self.lower[at]) if self.both[at] else None, float(self.upper[at])


def series_of(points: Points, calendar: Calendar) -> Series:
    """The points on the scales that they are judged on."""
    value = np.where(_told(points, "log").astype(bool), np.log(np.maximum(points.value, 0.5)), points.value)
    return Series(value, points.n, points.width, calendar.kinds(points.day), points.start)


def measured(points: Points, series: Series) -> Measured:
    """The judged points, in their order."""
    floor, relative, slack = (_told(points, name)[points.judged] for name in ("floor", "relative", "slack"))
    share, quartile, log, both = (_told(points, name)[points.judged] > 0 for name in ("share", "quartile", "log", "both"))
    found = bounds(series, Asked(points.judged, floor, relative, share, slack, quartile, log))
    value = series.value[points.judged]
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        beyond = (found.points >= LEAST_POINTS) & ((value > found.upper) | (both & (value < found.lower)))
        excess = np.maximum(value - found.upper, found.lower - value) / np.maximum(found.upper - found.lower, 1e-12)
        lower = np.where(log, np.exp(found.lower), np.where(share, np.maximum(found.lower, 0), found.lower))
        upper = np.where(log, np.exp(found.upper), np.where(share, np.minimum(found.upper, 1), found.upper))
    return Measured(lower, upper, found.points, share, both, beyond, excess)


def _told(points: Points, what: str) -> Numbers:
    """What each point's monitor says: one of the numbers or flags of `words.Monitor`."""
    names, place = points.monitors()
    values: Numbers = np.array([float(getattr(NAMED[name], what)) for name in names], float)[place]
    return values
