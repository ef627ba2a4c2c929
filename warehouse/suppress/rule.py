"""What is small, and what a mart says about its counts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LEAST_SHOWN = 10
"""Counts from 1 up to less than this are hidden."""
WIDEST_HIDDEN = LEAST_SHOWN - 1
"""Every hidden cell must be able to vary by this much, given all that was ever published: 1 to 9 lies in a range of that width that begins at 0."""
BASE_FOR_ZERO = 50
"""A 0 is shown only where at least so many people live."""
BASE_FOR_RATE = 20
"""A rate is shown only over at least so many."""

Numbers = NDArray[np.int64]
Marks = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Suppression:
    """The counts of a mart, and which differ by something that is a count too: (`registered`, `both`) where some registered do not live there.
    `rates`: other columns by the counts that they would help to find, a pair for each; a number not listed is shown only where all counts are.
    `period`: the columns of first and last day, where periods may overlap; then only one of those that do is released (see `turns`), and
    what is told of one only after it was released is not shown. `ends`: the columns of least and most of a count that is told with a bound (4000余, 近200).
    `beside`: numbers that help to find no count. `area`: the column that names the area, where it is not the first of the grain."""

    counts: tuple[str, ...]
    remainders: tuple[tuple[str, str], ...] = ()
    rates: tuple[tuple[str, str], ...] = ()
    period: tuple[str, str] | None = None
    ends: tuple[tuple[str, str, str], ...] = ()
    beside: tuple[str, ...] = ()
    area: str = ""

    def measured(self, counts: Numbers, kept: tuple[str, ...]) -> Numbers:
        """The kept counts, and the remainders between kept ones; rows as given, one column each."""
        return self._beside_remainders(counts, counts, kept)

    def most(self, counts: Numbers, highs: Numbers, kept: tuple[str, ...]) -> Numbers:
        """The most that each measure may be: the high end of a count, of a remainder the high end of the whole without the low end of the part."""
        return self._beside_remainders(highs, counts, kept)

    def _beside_remainders(self, wholes: Numbers, parts: Numbers, kept: tuple[str, ...]) -> Numbers:
        columns = [wholes[:, self.counts.index(name)] for name in kept]
        columns += [
            wholes[:, self.counts.index(whole)] - parts[:, self.counts.index(part)] for whole, part in self.remainders if whole in kept and part in kept
        ]
        return np.column_stack(columns)


def small(measures: Numbers, most: Numbers, thin: Marks) -> Marks:
    """The rows that hold something not to be shown: less than 10 at least and not certainly none, or a 0 where too few people live (`thin`)."""
    few = (measures < LEAST_SHOWN) & (most > 0)
    none: Marks = (measures == 0) & thin[:, None]
    found: Marks = np.logical_or.reduce(few | none, axis=1)
    return found
