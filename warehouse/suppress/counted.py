"""The counts of a mart's rows: low and high ends as whole numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from warehouse.suppress.rule import Marks, Numbers, Suppression
from warehouse.suppress.tree import ENDLESS, Tree


@dataclass(frozen=True)
class Counted:
    """One row a row of the mart, one column a count, as the rule lists them. An exact count is both its ends; one that nobody told (`untold`) is 0.
    `high`: `ENDLESS` where a count that was told has no upper end; of a part no more than of its whole, unless it is told to be more than that."""

    low: Numbers
    high: Numbers
    untold: Marks

    @classmethod
    def of(cls, rows: pa.Table, rule: Suppression) -> Self:
        """The counts of these rows; ends that are no whole numbers count as the next ones outside."""
        ends = {count: (least, most) for count, least, most in rule.ends}
        lows = {name: ends[name][0] if name in ends else name for name in rule.counts}
        highs = {name: ends[name][1] if name in ends else name for name in rule.counts}
        untold = np.column_stack([rows[name].is_null().to_numpy() for name in rule.counts])
        low = np.column_stack([_whole(rows[lows[name]], 0, down=True) for name in rule.counts])
        high = np.column_stack([_whole(rows[highs[name]], ENDLESS, down=False) for name in rule.counts])
        high = np.where(untold, 0, high)
        for whole, part in rule.remainders:
            at, of = rule.counts.index(part), rule.counts.index(whole)
            high[:, at] = np.where(untold[:, of], high[:, at], np.maximum(low[:, at], np.minimum(high[:, at], high[:, of])))
        return cls(np.where(untold, 0, low), high, untold)

    def tree(self, areas: Sequence[str], thin: Marks, rows: slice) -> Tree:
        """The tree of some rows, complete."""
        tree = Tree.of(areas[rows], self.low[rows], thin[rows], self.high[rows])
        untold = self.untold[rows]
        return tree.filled(untold if len(untold) == len(tree.areas) else np.vstack((np.zeros_like(untold[:1]), untold)))


def _whole(column: pa.ChunkedArray, missing: int, down: bool) -> Numbers:
    if pa.types.is_decimal(column.type):
        column = (pc.floor if down else pc.ceil)(column).cast(pa.int64())
    return np.asarray(column.cast(pa.int64()).fill_null(missing).to_numpy(), dtype=np.int64)
