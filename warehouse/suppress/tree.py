"""One tree of areas: a county, its townships and their villages, for one period and category; and what was released of it before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from warehouse.suppress.rule import Marks, Numbers

COUNTY, TOWNSHIP, VILLAGE = 6, 9, 12
"""Digits of division codes: an area lies in the one its code begins with."""
ENDLESS = 1 << 40
"""In place of a high end that nobody told; sums of it stay numbers."""
KNOWN = -1
"""In place of a floor: the value was shown before it was hidden and has not changed, so it protects nothing."""


@dataclass(frozen=True, slots=True)
class Told:
    """How a row was released: `values` shown, or (`seat` given) hidden, with the least value of each measure in any release since as `values`.

    Rows with equal seats were hidden among the same rows in every release, so that any amount could lie in one or the other without a trace.
    """

    values: tuple[int, ...]
    seat: str | None = None


@dataclass(frozen=True, slots=True)
class Earlier:
    """What was released of a tree before: how often, the counts never shown, and every row by area."""

    release: int = 0
    dropped: tuple[str, ...] = ()
    rows: Mapping[str, Told] = field(default_factory=dict)


@dataclass(frozen=True)
class Tree:
    """Areas in code order (the county first) with their counts, one row each; `thin`: too few people live there to show a 0.
    `highs`: the high ends of counts whose low ends are `counts`, `ENDLESS` where there is none."""

    areas: Sequence[str]
    counts: Numbers
    thin: Marks
    highs: Numbers

    @classmethod
    def of(cls, areas: Sequence[str], counts: Numbers, thin: Marks, highs: Numbers) -> Tree:
        """The tree of these rows, under the county's own where they lie in one that has none: whoever hears the sum from elsewhere knows it."""
        county = areas[0][:COUNTY]
        if areas[0] == county:
            return cls(areas, counts, thin, highs)
        over = [each.sum(axis=0, keepdims=True) for each in (counts, highs)]
        return cls([county, *areas], np.vstack((over[0], counts)), np.append(False, thin), np.vstack((over[1], highs)))

    @cached_property
    def townships(self) -> tuple[int, ...]:
        return self._long(TOWNSHIP)

    @cached_property
    def villages(self) -> Mapping[int, tuple[int, ...]]:
        """The villages of each township, as row numbers; a township of which no village is told stands for its only one."""
        found: dict[str, list[int]] = {self.areas[each]: [] for each in self.townships}
        for row in self._long(VILLAGE):
            found[self.areas[row][:TOWNSHIP]].append(row)
        return {each: tuple(found[self.areas[each]]) or (each,) for each in self.townships}

    def filled(self, untold: Marks) -> Tree:
        """The tree with the sum of its parts for every count of a larger area that nobody told; `untold`: one mark a row and count."""
        if not untold.any():
            return self
        return Tree(self.areas, self._summed(self.counts, untold), self.thin, self._summed(self.highs, untold))

    def told(self, earlier: Earlier) -> list[Told | None]:
        return [earlier.rows.get(area) for area in self.areas]

    def hidden_before(self, earlier: Earlier, late: bool) -> Marks:
        """What was hidden in an earlier release; with `late` also what was not told then: it lay in a sum that was shown, and now would tell the others in it."""
        return np.array([_was_hidden(earlier.rows.get(area), late and earlier.release > 0) for area in self.areas], dtype=np.bool_)

    def _summed(self, given: Numbers, untold: Marks) -> Numbers:
        sums = given.copy()
        for township, villages in self.villages.items():
            if villages != (township,):
                sums[township] = np.where(untold[township], sums[list(villages)].sum(axis=0), sums[township])
        if self.townships:
            sums[0] = np.where(untold[0], sums[list(self.townships)].sum(axis=0), sums[0])
        return sums

    def _long(self, digits: int) -> tuple[int, ...]:
        return tuple(row for row, area in enumerate(self.areas) if len(area) == digits)


def _was_hidden(before: Told | None, late: bool) -> bool:
    return late if before is None else before.seat is not None


def floors(measures: Numbers, told: Sequence[Told | None]) -> Numbers:
    """Per row and measure the least that a hidden row held in any release, this one included; `KNOWN` where the value was shown and is the same."""
    least = measures.copy()
    for row, before in enumerate(told):
        if before is not None and len(before.values) == measures.shape[1]:
            seen = np.array(before.values, dtype=np.int64)
            least[row] = np.minimum(seen, measures[row]) if before.seat is not None else np.where(seen == measures[row], KNOWN, measures[row])
    return least
