"""A mart's rows by area in, the rows to publish out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from warehouse.suppress.plan import digest_of, plan
from warehouse.suppress.released import Record, Released
from warehouse.suppress.rule import Marks, Numbers, Suppression
from warehouse.suppress.tree import COUNTY, Tree
from warehouse.suppress.turns import Turns

MARK = "suppressed"


@dataclass(frozen=True, slots=True)
class Shape:
    """A mart by area: its name, its grain (the area first, then what makes a tree: period, category) and what is said of its counts."""

    mart: str
    grain: tuple[str, ...]
    rule: Suppression


def suppressed(made: pa.Table, shape: Shape, released: Released) -> pa.Table:
    """The rows with every number of hidden rows null, and every count that is dropped in its tree; what that releases is put into `released`.

    Rows: any order in, grain order by (the rest of the grain, area) out; per tree every area with the areas it lies in. The column `suppressed` comes in as "too few
    people live here to show a 0" and leaves as "some number of this row is hidden". Other numbers (rates) are null where the
    count they belong to is. A count that is null is one that nobody told: it stays null, and is taken for the sum
    of its parts, which other sums may tell.
    """
    area, *rest = shape.grain
    rows = made.sort_by([(name, "ascending") for name in (*rest, area)])
    hidden = np.zeros(rows.num_rows, dtype=np.bool_)
    gone = np.zeros((rows.num_rows, len(shape.rule.counts)), dtype=np.bool_)
    counts = np.column_stack([rows[name].fill_null(0).to_numpy() for name in shape.rule.counts]).astype(np.int64)
    untold = np.column_stack([rows[name].is_null().to_numpy() for name in shape.rule.counts])
    thin = rows[MARK].to_numpy(zero_copy_only=False).astype(np.bool_)
    areas = rows[area].to_pylist()
    turns = Turns.of(_places(shape.rule.period, rest), released.trees(shape.mart))
    for name, first, last in sorted(_trees(rows, rest, areas), key=lambda found: turns.order(found[0])):
        if not turns.free(name):
            hidden[first:last] = True
            continue
        tree = Tree(areas[first:last], counts[first:last], thin[first:last]).filled(untold[first:last])
        record = _released(tree, name, shape, released)
        told = record.earlier.rows
        hidden[first:last] = [each not in told or told[each].seat is not None for each in tree.areas]
        gone[first:last] = [count in record.earlier.dropped for count in shape.rule.counts]
        if record.earlier.release:
            turns.take(name)
    return _shown(rows, shape, hidden, gone & ~_told_by_zero(counts, shape.rule, gone))


def _places(period: tuple[str, str] | None, rest: Sequence[str]) -> tuple[int, int] | None:
    return (rest.index(period[0]), rest.index(period[1])) if period else None


def _released(tree: Tree, name: str, shape: Shape, released: Released) -> Record:
    """What is released of a tree: as before where nothing changed. A tree of which nothing is shown leaves no record: all rows are hidden."""
    record, digest = released.record(shape.mart, name), digest_of(tree)
    if record.digest == digest:
        return record
    made = plan(tree, shape.rule, record.earlier)
    if made.released.release:
        released.put(shape.mart, name, Record(digest, made.released))
    return Record(digest, made.released)


def _trees(rows: pa.Table, rest: Sequence[str], areas: list[str]) -> Iterator[tuple[str, int, int]]:
    """Name, first row and row after the last of each tree."""
    keys = [rows[name].cast(pa.string()).to_pylist() for name in rest]
    names = ["|".join((*parts, area[:COUNTY])) for *parts, area in zip(*keys, areas, strict=True)]
    starts = [row for row, name in enumerate(names) if row == 0 or name != names[row - 1]]
    for first, last in zip(starts, [*starts, len(names)][1:], strict=True):
        yield names[first], first, last


def _told_by_zero(counts: Numbers, rule: Suppression, gone: Marks) -> Marks:
    """Where a dropped part is 0 because its whole is, and the whole is shown: hiding it would hide nothing."""
    told = np.zeros_like(gone)
    for whole, part in rule.remainders:
        at, of = rule.counts.index(part), rule.counts.index(whole)
        told[:, at] |= (counts[:, of] == 0) & ~gone[:, of]
    return told


def _shown(rows: pa.Table, shape: Shape, hidden: Marks, gone: Marks) -> pa.Table:
    some = hidden | gone.any(axis=1)
    rates = {rate: shape.rule.counts.index(count) for rate, count in shape.rule.rates}
    for at, field in enumerate(rows.schema):
        if field.name == MARK:
            rows = rows.set_column(at, field, pa.array(some, pa.bool_()))
        elif field.name in shape.rule.counts:
            rows = rows.set_column(at, field, _blank(rows[field.name], hidden | gone[:, shape.rule.counts.index(field.name)]))
        elif field.name not in shape.grain and (pa.types.is_decimal(field.type) or pa.types.is_integer(field.type)):
            rows = rows.set_column(at, field, _blank(rows[field.name], hidden | gone[:, rates[field.name]] if field.name in rates else some))
    return rows


def _blank(column: pa.ChunkedArray, where: Marks) -> pa.ChunkedArray:
    return pc.if_else(pa.array(where), pa.scalar(None, column.type), column)
