"""What is small, and what a mart says about its counts: the line `Suppress:` of its head."""

from __future__ import annotations

import re
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
    `rates`: other numbers by the count that they would help to find; one not listed is shown only where all counts are.
    `period`: the columns of first and last day, where periods may overlap; then only one of those that do is released (see `turns`), and
    what is told of one only after it was released is not shown."""

    counts: tuple[str, ...]
    remainders: tuple[tuple[str, str], ...] = ()
    rates: tuple[tuple[str, str], ...] = ()
    period: tuple[str, str] | None = None

    def measured(self, counts: Numbers, kept: tuple[str, ...]) -> Numbers:
        """The kept counts, and the remainders between kept ones; rows as given, one column each."""
        columns = [counts[:, self.counts.index(name)] for name in kept]
        columns += [
            counts[:, self.counts.index(whole)] - counts[:, self.counts.index(part)] for whole, part in self.remainders if whole in kept and part in kept
        ]
        return np.column_stack(columns)


def small(measures: Numbers, thin: Marks) -> Marks:
    """The rows that hold something not to be shown: 1 to 9, or a 0 where too few people live (`thin`)."""
    few = (measures > 0) & (measures < LEAST_SHOWN)
    none: Marks = (measures == 0) & thin[:, None]
    found: Marks = np.logical_or.reduce(few | none, axis=1)
    return found


def suppression_of(head: str) -> Suppression | None:
    """`Suppress: counts; whole - part, whole - part; rate of count; first_day to last_day.` in the head of a mart file, all but the first part as needed; None where there is no such line."""
    found = re.search(r"Suppress: ([^.]*)\.", head)
    if not found:
        return None
    parts = [part.strip() for part in found[1].split(";")]
    pairs = [re.findall(r"(\w+) (-|of|to) (\w+)", part) for part in parts[1:]]
    listed = [pair for each in pairs for pair in each]
    remainders = tuple((whole, part) for whole, sign, part in listed if sign == "-")
    rates = tuple((rate, count) for rate, sign, count in listed if sign == "of")
    period = next(((first, last) for first, sign, last in listed if sign == "to"), None)
    return Suppression(tuple(name.strip() for name in parts[0].split(",")), remainders, rates, period)
