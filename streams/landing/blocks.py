"""Blocks of clean cells under the contract's names, from whatever was read; pure but for pulling from the reader.

Layout rows and undeclared columns end here: of the former only the count goes on, of the latter name, type and number of values.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from contracts.model import Feed
from streams.landing.clean import clean
from streams.landing.header import Matched
from streams.landing.layout import layout_rows
from streams.landing.model import Drift
from streams.landing.source import Source

ROW, WIDE, PADDED, LONG_TEXT = "__row", "__wide", "__padded", "__long_text"
SHAPES = (("integer", r"^-?\d{1,18}$"), ("number", r"^-?\d+(\.\d+)?([eE][+-]?\d+)?$"), ("date", r"^\d{4}[-/年.]\d{1,2}[-/月.]\d{1,2}"))


@dataclass(slots=True)
class Seen:
    """What one pass over a delivery counts."""

    rows: int = 0
    layout: int = 0
    values: Counter[str] = field(default_factory=Counter)
    shapes: dict[str, str] = field(default_factory=dict)

    def drift(self, feed: Feed, matched: Matched) -> tuple[Drift, ...]:
        """Undeclared columns that hold anything, and optional ones that are missing."""
        undeclared = [Drift("undeclared", name, self.shapes.get(name, "blank"), self.values[name]) for _, name in matched.undeclared if self.values[name]]
        missing = [
            Drift("missing", column.header, column.type, 0) for column, position in zip(feed.columns, matched.positions, strict=True) if position is None
        ]
        return (*{drift.column: drift for drift in undeclared}.values(), *missing)


def blocks(feed: Feed, source: Source, matched: Matched, seen: Seen) -> Iterator[pa.RecordBatch]:
    """Per read block: `__row` (1-based, layout rows counted), every contract column (utf8), and what was mended or is too long per row (bool)."""
    for batch in source.blocks():
        cells, wide, padded = clean_all(batch)
        layout = layout_rows(cells, source.header)
        long_text = _undeclared(feed, matched, cells, layout, seen)
        block = _named(feed, matched, cells, seen.rows, (wide, padded, long_text))
        if layout is not None:
            block = block.filter(pa.array(~layout))
            seen.layout += int(layout.sum())
        seen.rows += batch.num_rows
        yield block


def clean_all(batch: pa.RecordBatch) -> tuple[list[pa.StringArray], NDArray[np.bool_], NDArray[np.bool_]]:
    """The clean columns, and which rows were full-width or padded in any of them."""
    cells = []
    wide, padded = np.zeros(batch.num_rows, np.bool_), np.zeros(batch.num_rows, np.bool_)
    for column in batch.columns:
        cleaned, is_wide, is_padded = clean(column)
        cells.append(cleaned)
        wide |= is_wide if is_wide is not None else False
        padded |= is_padded if is_padded is not None else False
    return cells, wide, padded


def _named(feed: Feed, matched: Matched, cells: list[pa.StringArray], before: int, marks: tuple[NDArray[np.bool_], ...]) -> pa.RecordBatch:
    count = len(cells[0])
    columns = {ROW: pa.array(np.arange(before + 1, before + count + 1, dtype=np.int32))}
    for column, position in zip(feed.columns, matched.positions, strict=True):
        columns[column.name] = pa.nulls(count, pa.string()) if position is None else cells[position]
    columns |= {name: pa.array(mark) for name, mark in zip((WIDE, PADDED, LONG_TEXT), marks, strict=True)}
    return pa.RecordBatch.from_pydict(columns)


def _undeclared(feed: Feed, matched: Matched, cells: list[pa.StringArray], layout: NDArray[np.bool_] | None, seen: Seen) -> NDArray[np.bool_]:
    """Rows with a text above the limit in a column nobody declared."""
    long_text = np.zeros(len(cells[0]), np.bool_)
    for position, name in matched.undeclared:
        column = cells[position] if layout is None else pc.if_else(pa.array(layout), None, cells[position])
        seen.values[name] += len(column) - column.null_count
        if column.null_count < len(column):
            seen.shapes[name] = _wider(seen.shapes.get(name), _shape(column))
            long_text |= pc.fill_null(pc.greater(pc.utf8_length(column), feed.free_text_limit), False).to_numpy(zero_copy_only=False)
    return long_text


def _shape(column: pa.StringArray) -> str:
    filled = column.drop_null()
    return next((name for name, pattern in SHAPES if pc.all(pc.match_substring_regex(filled, pattern)).as_py()), "text")


def _wider(first: str | None, second: str) -> str:
    if first is None or first == second:
        return second
    return "number" if {first, second} == {"integer", "number"} else "text"
