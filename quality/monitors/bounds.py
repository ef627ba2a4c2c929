"""Robust bounds from the points before: what a value of this kind of day usually is, and how far it may be away. Pure numpy, all series at once.

The centre is the median of earlier points of the same kind of day; the spread is the median absolute deviation of all earlier points from their own centres,
times 1.4826, which makes it the standard deviation where values are normal (Rousseeuw and Croux, Alternatives to the Median Absolute Deviation, JASA 88, 1993).
Iglewicz and Hoaglin (How to Detect and Handle Outliers, ASQC 1993) reject beyond 3.5 such spreads for one value. Here a feed has some hundred values a day: at 300 values
on 30 days 3.5 would cry four times a month at values that are perfectly normal, `NORMAL_LIMIT` once in a year. A spread estimated from few points is itself uncertain, so the limit grows
as the quantiles of Student's t do (Abramowitz and Stegun 26.7.5, first term), where a point is worth 0.37: the efficiency of the median absolute deviation.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from quality.monitors.calendar import IS_OFF, DayKind, Kinds
from quality.monitors.points import WINDOW
from quality.monitors.words import STEP

Numbers = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int64]

NORMAL_LIMIT = 4.5
"""Spreads between the centre and a bound, were the spread known."""
EFFICIENCY = 0.37
NORMAL = 1.4826
LEAST_POINTS = 14
"""Points that a series must have before its next one can alarm."""
LEAST_OF_A_KIND = 4
"""Points of a kind of day that make a centre of their own."""
FEW = 0.5
"""Of counts judged as ratios: how much of a Poisson count's own scatter, one over its root, is believed in at least; three codes are four as often as not."""
LAST = 5
"""Days whose width is asked."""
SLICE = 20_000
"""Points judged at once: their windows take some tens of megabytes."""


@dataclass(frozen=True, slots=True)
class Series:
    """Points by series, then day: values on the scale they are judged on, cells they were counted over, widths of their distributions, kinds of their days, the place of each one's first."""

    value: Numbers
    n: Numbers
    width: Numbers
    kind: Kinds
    start: Places


@dataclass(frozen=True, slots=True)
class Bounds:
    """Of each judged point: `lower` and `upper` (not a number without earlier points) and how many earlier points they rest on."""

    lower: Numbers
    upper: Numbers
    points: Places


@dataclass(frozen=True, slots=True)
class Windows:
    """The earlier points of each judged one, oldest first, one row each; what is not there is not a number, its kind -1."""

    value: Numbers
    n: Numbers
    kind: Kinds

    @property
    def points(self) -> Places:
        counted: Places = np.isfinite(self.value).sum(axis=1)
        return counted


def windows(series: Series, judged: Places) -> Windows:
    """At most `WINDOW` points before each judged one, of its own series."""
    at = judged[:, None] + np.arange(-WINDOW, 0)[None, :]
    there = at >= series.start[judged][:, None]
    at = np.where(there, at, 0)
    return Windows(np.where(there, series.value[at], np.nan), np.where(there, series.n[at], np.nan), np.where(there, series.kind[at], -1).astype(np.int8))


@dataclass(frozen=True, slots=True)
class Asked:
    """The places of judged points, and of each what its monitor says (`words.Monitor`)."""

    at: Places
    floor: Numbers
    relative: Numbers
    share: Flags
    slack: Numbers
    quartile: Flags
    log: Flags

    def slices(self) -> Iterator[Asked]:
        for first in range(0, len(self.at), SLICE):
            part = slice(first, first + SLICE)
            yield Asked(self.at[part], self.floor[part], self.relative[part], self.share[part], self.slack[part], self.quartile[part], self.log[part])


def bounds(series: Series, asked: Asked) -> Bounds:
    """Bounds of the judged points, whose own values have no part in them."""
    parts = [_bounds(series, part) for part in asked.slices()]
    if not parts:
        return Bounds(np.array([]), np.array([]), np.array([], np.int64))
    return Bounds(
        np.concatenate([each.lower for each in parts]), np.concatenate([each.upper for each in parts]), np.concatenate([each.points for each in parts])
    )


def _bounds(series: Series, asked: Asked) -> Bounds:
    before = windows(series, asked.at)
    centres, known = _centres(before)
    points, rows = before.points, np.arange(len(asked.at))
    kind, n = series.kind[asked.at], series.n[asked.at]
    centre = centres[rows, kind]
    away = np.abs(before.value - np.take_along_axis(centres, np.maximum(before.kind, 0), axis=1))
    fewer = np.sqrt(points / np.maximum(points - (known > 0).sum(axis=1), 1))  # centres that follow the points leave too small a rest
    spread = NORMAL * fewer * np.maximum(_median(away), _median(away * np.sqrt(before.n)) / np.sqrt(np.maximum(n, 1)))
    spread = np.maximum(spread, asked.floor + asked.relative * np.abs(centre))
    spread = np.where(asked.quartile, np.maximum(spread, _jumps(series, asked, before)), spread)
    spread = np.where(asked.log, np.maximum(spread, FEW * np.exp(-np.where(asked.log, centre, 0.0) / 2)), spread)
    spread = np.where(asked.share, np.maximum(spread, _chance(before, n)), spread)
    reach = asked.slack * limit(points) * spread
    lower, upper = centre - reach, centre + reach
    strange = known[rows, kind] == 0  # a kind of day hardly seen before: whatever was seen at all is usual
    least, most = np.fmin.reduce(before.value, axis=1), np.fmax.reduce(before.value, axis=1)
    return Bounds(np.where(strange, np.fmin(lower, least), lower), np.where(strange, np.fmax(upper, most), upper), points)


def _jumps(series: Series, asked: Asked, before: Windows) -> Numbers:
    """How far quartiles scatter by chance alone: 0.93 widths over the root of the cells (McGill, Tukey and Larsen, Variations of Box Plots, The American Statistician 32, 1978),
    a tenth of the width, because few values lie around a quartile where numbers are lumped, and a step where all of them were whole. The width is the median of the last few days'."""
    at = np.maximum(asked.at[:, None] - np.arange(1, LAST + 1)[None, :], series.start[asked.at][:, None])
    width = np.median(np.where(at < asked.at[:, None], series.width[at], 0.0), axis=1)
    whole = np.all(np.isnan(before.value) | (before.value == np.round(before.value)), axis=1)
    jumps: Numbers = (0.1 + 0.93 / np.sqrt(np.maximum(series.n[asked.at], 1))) * width + np.where(whole, STEP, 0.0)
    return jumps


def limit(points: Places) -> Numbers:
    """Spreads that a value may be away from its centre, for a spread estimated from so many points."""
    worth = EFFICIENCY * np.maximum(points, 1)
    return np.asarray(NORMAL_LIMIT + (NORMAL_LIMIT**3 + NORMAL_LIMIT) / (4 * worth), float)


def _chance(before: Windows, n: Numbers) -> Numbers:
    """The standard deviation of a share of `n` cells where each has the chance seen so far (Laplace's rule keeps it above nothing)."""
    cells = np.nansum(before.n, axis=1)
    p = (np.nansum(before.value * before.n, axis=1) + 1) / (cells + 2)
    deviation: Numbers = np.sqrt(np.clip(p * (1 - p), 0, None) / np.maximum(n, 1))
    return deviation


def _centres(before: Windows) -> tuple[Numbers, Places]:
    """Of each window the median of every kind of day, and how many points are of it (0: too few, and the centre is that of days off, or of working days, or of all)."""
    order = np.argsort(before.value, axis=1)  # what is not there goes last
    kinds = np.take_along_axis(before.kind, order, axis=1)
    groups = np.argsort(np.where(kinds < 0, len(DayKind), kinds), axis=1, kind="stable")
    ranked = np.take_along_axis(np.take_along_axis(before.value, order, axis=1), groups, axis=1)
    counts = np.stack([(before.kind == kind).sum(axis=1) for kind in DayKind], axis=1)
    first = np.cumsum(counts, axis=1) - counts
    middle = [np.take_along_axis(ranked, np.minimum(first + half, WINDOW - 1), axis=1) for half in ((np.maximum(counts, 1) - 1) // 2, counts // 2)]
    own = (middle[0] + middle[1]) / 2
    common = _median(before.value)
    known = np.where(counts >= LEAST_OF_A_KIND, counts, 0)
    off = np.isin(before.kind, np.flatnonzero(IS_OFF))
    classes = [
        np.where(mask.sum(axis=1) >= LEAST_OF_A_KIND, _median(np.where(mask, before.value, np.nan)), common) for mask in (~off & (before.kind >= 0), off)
    ]
    fallback = np.where(IS_OFF[None, :], classes[1][:, None], classes[0][:, None])
    return np.where(known > 0, own, fallback), known


def _median(values: Numbers) -> Numbers:
    """The median of each row, numbers only; not a number where there is none."""
    ranked, count = np.sort(values, axis=1), np.isfinite(values).sum(axis=1)
    rows = np.arange(len(values))
    low, high = ranked[rows, (np.maximum(count, 1) - 1) // 2], ranked[rows, np.minimum(count // 2, ranked.shape[1] - 1)]
    return np.where(count > 0, (low + high) / 2, np.nan)
