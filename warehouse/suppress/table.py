"""A mart's rows by area in, the rows to publish out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from warehouse.suppress.counted import Counted
from warehouse.suppress.plan import digest_of, plan
from warehouse.suppress.released import Record, Released
from warehouse.suppress.rule import Marks, Suppression
from warehouse.suppress.tree import COUNTY, Tree
from warehouse.suppress.turns import Turns

MARK = "suppressed"


@dataclass(frozen=True, slots=True)
class Shape:
    """A mart by area: its name, its grain (the area, and what makes a tree: period, category) and what is said of its counts."""

    mart: str
    grain: tuple[str, ...]
    rule: Suppression

    @property
    def area(self) -> str:
        return self.rule.area or self.grain[0]

    @property
    def rest(self) -> tuple[str, ...]:
        return tuple(name for name in self.grain if name != self.area)


def suppressed(made: pa.Table, shape: Shape, released: Released) -> pa.Table:
    """The rows with every number of hidden rows null, and every count that is dropped in its tree; what that releases is put into `released`.

    Rows: any order in, grain order by (the rest of the grain, area) out; per tree every area with the areas it lies in, but for the county, whose sum is then taken
    for known all the same as long as it could be shown. The column `suppressed` comes in as "too few people live here to show a 0" and leaves as "some number of this row is hidden". The ends of a
    count, and other columns that would help to find it (rates), are null where the count is. A count that is null is one that nobody told: it stays null, and is taken for
    the sum of its parts, which other sums may tell.
    """
    area, rest = shape.area, shape.rest
    rows = made.sort_by([(name, "ascending") for name in (*rest, area)])
    hidden = np.zeros(rows.num_rows, dtype=np.bool_)
    gone = np.zeros((rows.num_rows, len(shape.rule.counts)), dtype=np.bool_)
    counted = Counted.of(rows, shape.rule)
    thin = rows[MARK].to_numpy(zero_copy_only=False).astype(np.bool_)
    areas = rows[area].to_pylist()
    turns = Turns.of(_places(shape.rule.period, rest), released.trees(shape.mart))
    for name, first, last in sorted(_trees(rows, rest, areas), key=lambda found: turns.order(found[0])):
        if not turns.free(name):
            hidden[first:last] = True
            continue
        tree = counted.tree(areas, thin, slice(first, last))
        record = _released(tree, name, shape, released)
        told = record.earlier.rows
        hidden[first:last] = [each not in told or told[each].seat is not None for each in areas[first:last]]
        gone[first:last] = [count in record.earlier.dropped for count in shape.rule.counts]
        if record.earlier.release:
            turns.take(name)
    return _shown(rows, shape, hidden, gone & ~_told_by_zero(counted, shape.rule, gone))


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


def _told_by_zero(counted: Counted, rule: Suppression, gone: Marks) -> Marks:
    """Where a dropped part is 0 because its whole is, and the whole is shown: hiding it would hide nothing."""
    told = np.zeros_like(gone)
    for whole, part in rule.remainders:
        at, of = rule.counts.index(part), rule.counts.index(whole)
        told[:, at] |= (counted.high[:, of] == 0) & (counted.high[:, at] == 0) & ~gone[:, of]
    return told


def _shown(rows: pa.Table, shape: Shape, hidden: Marks, gone: Marks) -> pa.Table:
    some = hidden | gone.any(axis=1)
    told_by = _told_by(shape.rule)
    for at, field in enumerate(rows.schema):
        if field.name == MARK:
            rows = rows.set_column(at, field, pa.array(some, pa.bool_()))
        elif field.name in told_by:
            rows = rows.set_column(at, field, _blank(rows[field.name], hidden | gone[:, told_by[field.name]].any(axis=1)))
        elif field.name not in {*shape.grain, *shape.rule.beside} and (pa.types.is_decimal(field.type) or pa.types.is_integer(field.type)):
            rows = rows.set_column(at, field, _blank(rows[field.name], some))
    return rows


def _told_by(rule: Suppression) -> dict[str, list[int]]:
    """The columns that tell of counts, each with the numbers of those counts: the counts themselves, their ends, and rates."""
    pairs = [*((count, count) for count in rule.counts), *((end, count) for count, *ends in rule.ends for end in ends), *rule.rates]
    found: dict[str, list[int]] = {}
    for column, count in pairs:
        found.setdefault(column, []).append(rule.counts.index(count))
    return found


def _blank(column: pa.ChunkedArray, where: Marks) -> pa.ChunkedArray:
    return pc.if_else(pa.array(where), pa.scalar(None, column.type), column)
