"""Which rows of a tree to hide.

A row is shown or hidden whole. Hidden villages of a shown township share one published remainder; those of hidden townships share the county's. Among rows that
have been hidden together in every release, any amount can be moved from one to another in all releases at once: what unchanged rows held before and hold now
stays equal, and every published sum stays true. So each of them can vary by as much as the least they held together, which must be 9 or more, in every measure.
That is all there is to show in a first release; later ones may hide more, and never show what was hidden. What was shown cannot be taken back: a larger area that a
later release hides may still be the sum of villages that were shown and have not changed.

A count that is told with a bound (4000余, 近200) is measured by its low end, and hidden where that is below 10, unless the high end says that there is none. Its low end
protects the rest, too: whatever is moved from one hidden low end to another, the count itself and its high end move along, as far above it as they were, so that
all published sums of low ends, of high ends and of numbers stay true. So a hidden count can vary by no less than its low end can, and its high end as well.
Two counts that are shown, one a part of the other, have low ends that differ by 10 or more, or the rest is certainly none: at most it is the high end of the whole without
the low end of the part, which is no less than that difference, so that nobody can tell it to be small.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from warehouse.suppress.rule import WIDEST_HIDDEN, Marks, Numbers, small
from warehouse.suppress.tree import Tree

ROOT = 0


@dataclass(frozen=True)
class Sight:
    """What hiding looks at, rows as in the tree: the measures of this release and the most that each may be, their floors over all releases (see `tree`), the seats that
    rows have taken so far, and whether anything was released before (then no shown row can protect another: its value is known)."""

    measures: Numbers
    most: Numbers
    floors: Numbers
    seats: Sequence[str]
    again: bool


def hidden_rows(tree: Tree, sight: Sight, always: Marks) -> Marks:
    """The rows to hide: small ones, those of `always`, and as many more as it takes. Larger areas are given up last, the county last of all."""
    hidden = small(sight.measures, sight.most, tree.thin) | always
    for township in tree.townships:
        _settle_township(tree, sight, hidden, township)
    _settle_county(tree, sight, hidden)
    return hidden


def seats_after(tree: Tree, seats: Sequence[str], hidden: Marks, release: int) -> list[str]:
    """The seats of hidden villages after a release: one more label where they now share another published sum than before."""
    after = list(seats)
    for township, villages in tree.villages.items():
        sum_of = tree.areas[township] if not hidden[township] else "" if hidden[ROOT] else tree.areas[ROOT]
        for row in villages:
            if hidden[row] and sum_of and _last(seats[row]) != sum_of:
                after[row] = f"{seats[row]}{sum_of}@{release} "
    return after


def _settle_township(tree: Tree, sight: Sight, hidden: Marks, township: int) -> None:
    villages = tree.villages[township]
    if not hidden[township] and not _safe(sight, [row for row in villages if hidden[row]]):
        more = _enough(sight, [row for row in villages if hidden[row]], [row for row in villages if not hidden[row]])
        hidden[more] = True
        hidden[township] = not more
    if hidden[township]:
        _cover(sight, hidden, villages)


def _settle_county(tree: Tree, sight: Sight, hidden: Marks) -> None:
    while not hidden[ROOT] and not _safe(sight, _under_hidden(tree, hidden), {row: township for township in tree.townships for row in tree.villages[township]}):
        shown = [township for township in tree.townships if not hidden[township]]
        if sight.again or not shown:
            hidden[ROOT] = True
        else:
            chosen = min(shown, key=lambda township: (sight.measures[township, 0], township))
            hidden[chosen] = True
            _cover(sight, hidden, tree.villages[chosen])


def _cover(sight: Sight, hidden: Marks, villages: Sequence[int]) -> None:
    """A hidden township must hold a hidden village, or its villages would add up to it."""
    if villages and not hidden[list(villages)].any():
        hidden[min(villages, key=lambda row: (sight.measures[row, 0], row))] = True


def _under_hidden(tree: Tree, hidden: Marks) -> list[int]:
    return [row for township in tree.townships if hidden[township] for row in tree.villages[township] if hidden[row]]


def _enough(sight: Sight, group: list[int], shown: list[int]) -> list[int]:
    """The fewest of the smallest shown rows that make a group safe; none where no number does, or where all are known already."""
    if sight.again:
        return []
    ordered = sorted(shown, key=lambda row: (sight.measures[row, 0], row))
    if not _safe(sight, group + ordered):
        return []
    return ordered[: 1 + bisect_left(range(1, len(ordered) + 1), True, key=lambda count: _safe(sight, group + ordered[:count]))]


def _safe(sight: Sight, group: Iterable[int], part_of: dict[int, int] | None = None) -> bool:
    """Whether every hidden row of a published sum can vary enough; `part_of`: rows of one township alone do not protect that township."""
    by_seat = groupby(sorted(group, key=lambda row: sight.seats[row]), key=lambda row: sight.seats[row])
    return all(_varies(sight.floors[rows], [part_of[row] if part_of else row for row in rows]) for rows in (list(rows) for _, rows in by_seat))


def _varies(floors: Numbers, parts: list[int]) -> bool:
    taking = floors >= 0
    enough = np.where(taking, floors, 0).sum(axis=0) >= WIDEST_HIDDEN
    several = np.array([len({part for part, takes in zip(parts, column, strict=True) if takes}) > 1 for column in taking.T])
    return bool(((enough & several) | ~taking.any(axis=0)).all())


def _last(seat: str) -> str:
    return seat.split()[-1].split("@")[0] if seat else ""
