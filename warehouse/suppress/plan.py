"""What to publish of a tree: which rows are hidden and which counts dropped whole, and what is to be remembered of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from warehouse.suppress.hide import Sight, hidden_rows, seats_after
from warehouse.suppress.rule import Marks, Suppression
from warehouse.suppress.tree import Earlier, Told, Tree, floors


@dataclass(frozen=True)
class Plan:
    """Rows hidden (in the tree's order), counts shown nowhere in it, and the tree as released now."""

    hidden: Marks
    dropped: tuple[str, ...]
    released: Earlier


def plan(tree: Tree, rule: Suppression, earlier: Earlier) -> Plan:
    """Of all ways to drop counts the one that tells most; what was dropped or hidden before stays so. A rare count would otherwise hide the rows of all."""
    if earlier.release:
        return _planned(tree, rule, earlier, tuple(name for name in rule.counts if name not in earlier.dropped))
    return max((_planned(tree, rule, earlier, kept) for kept in _choices(rule)), key=lambda made: _told(tree, rule, made))


def digest_of(tree: Tree) -> str:
    """Equal for equal areas, counts, thinness and high ends."""
    open_ended = () if np.array_equal(tree.highs, tree.counts) else (tree.highs.tobytes(),)
    return hashlib.sha256(b"\0".join(("|".join(tree.areas).encode(), tree.counts.tobytes(), tree.thin.tobytes(), *open_ended))).hexdigest()


def _choices(rule: Suppression) -> Iterator[tuple[str, ...]]:
    """The most counts first; `max` keeps the first of equals."""
    for size in range(len(rule.counts), 0, -1):
        yield from combinations(rule.counts, size)


def _told(tree: Tree, rule: Suppression, made: Plan) -> int:
    """How much of what was counted is shown: per kept count and level of areas the share that lies in shown rows, in millionths, so that a row of zeros weighs nothing."""
    lengths = np.array([len(area) for area in tree.areas])
    told = 0
    for column, name in enumerate(rule.counts):
        if name not in made.dropped:
            held = tree.counts[:, column]
            told += sum(
                int(held[~made.hidden & (lengths == digits)].sum()) * 1_000_000 // max(int(held[lengths == digits].sum()), 1)
                for digits in set(lengths.tolist())
            )
    return told


def _planned(tree: Tree, rule: Suppression, earlier: Earlier, kept: tuple[str, ...]) -> Plan:
    measures = rule.measured(tree.counts, kept)
    told = tree.told(earlier)
    seats = [before.seat if before and before.seat else "" for before in told]
    sight = Sight(measures, rule.most(tree.counts, tree.highs, kept), floors(measures, told), seats, earlier.release > 0)
    hidden = hidden_rows(tree, sight, tree.hidden_before(earlier, late=rule.period is not None))
    number = earlier.release + 1
    after = seats_after(tree, seats, hidden, number)
    values = np.where(hidden[:, None], sight.floors, measures).tolist()
    rows = {area: Told(tuple(values[row]), after[row] if hidden[row] else None) for row, area in enumerate(tree.areas)}
    dropped = tuple(name for name in rule.counts if name not in kept)
    nothing_told = bool(hidden.all()) and not earlier.release
    return Plan(hidden, dropped, earlier if nothing_told else Earlier(number, dropped, {**earlier.rows, **rows}))
