"""Total rows as an oracle: what they state against what the rows above them add up to, or how many there are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from contracts.model import Feed
from streams.landing.blocks import clean_all
from streams.landing.header import Matched, cleaned, words
from streams.landing.layout import layout_rows
from streams.landing.model import Total
from streams.landing.source import Source


def judged_totals(feed: Feed, source: Source, matched: Matched) -> tuple[Total, ...]:
    """Every number a total row states; a pass of its own, since few deliveries have total rows."""
    totals = Totals(_summed(feed, source, matched))
    found: list[Total] = []
    rows = 0
    for batch in source.blocks():
        cells, _, _ = clean_all(batch)
        layout = layout_rows(cells, source.header)
        found += _judged(cells, np.zeros(batch.num_rows, np.bool_) if layout is None else layout, rows, totals)
        rows += batch.num_rows
    return tuple(found)


class Totals:
    """Adds up the numeric columns as rows pass, so that a total row can be checked against them."""

    def __init__(self, names: Mapping[int, str]) -> None:
        self._names = names
        self._since: dict[int, Decimal] = {}
        self._all: dict[int, Decimal] = {}
        self._rows_since = 0
        self._rows = 0

    @property
    def names(self) -> Mapping[int, str]:
        """The columns that may hold totals: position and shown name."""
        return self._names

    def add(self, position: int, column: pa.StringArray) -> None:
        """The data rows of one column between two layout rows."""
        numbers = column.filter(pc.match_substring_regex(column, r"^-?\d{1,15}(\.\d{1,6})?$"))
        total = pc.sum(numbers.cast(pa.decimal128(22, 6)).cast(pa.decimal128(38, 6))).as_py() or Decimal(0)
        self._since[position] = self._since.get(position, Decimal(0)) + total
        self._all[position] = self._all.get(position, Decimal(0)) + total

    def add_rows(self, count: int) -> None:
        self._rows_since += count
        self._rows += count

    def judge(self, row: int, label: str, cells: Mapping[int, str | None]) -> list[Total]:
        """Each stated number against the sum of its column, or against the count of rows, which is what totals of lists state."""
        whole = re.sub(r"[\s:]", "", label) != "小计"
        rows = self._rows if whole else self._rows_since
        judged = []
        for position, text in cells.items():
            stated = _number(text)
            if stated is None or position not in self._names:
                continue
            found = (self._all if whole else self._since).get(position, Decimal(0))
            agrees = stated in (found, Decimal(rows))
            judged.append(Total(row, self._names[position], f"{stated.normalize():f}", f"{(found or Decimal(rows)).normalize():f}", agrees))
        if not whole:
            self._since.clear()
            self._rows_since = 0
        return judged


def _number(text: str | None) -> Decimal | None:
    try:
        return Decimal(text.replace(",", "")) if text else None
    except InvalidOperation:
        return None


def _summed(feed: Feed, source: Source, matched: Matched) -> dict[int, str]:
    """Columns a total row may speak of: all but identifiers."""
    identifiers = {position for column, position in zip(feed.columns, matched.positions, strict=True) if column.identifier}
    known = words(feed)
    return {
        position: feed.columns[known[cleaned(word)]].header
        for position, word in enumerate(source.header)
        if position not in identifiers and cleaned(word) in known
    }


def _judged(cells: list[pa.StringArray], layout: NDArray[np.bool_], before: int, totals: Totals) -> list[Total]:
    found: list[Total] = []
    start = 0
    for index in (int(row) for row in np.flatnonzero(layout)):
        _sum_up(cells, slice(start, index), totals)
        start = index + 1
        stated = {position: column[index].as_py() for position, column in enumerate(cells)}
        label = next((text for text in stated.values() if text), None)
        if label is not None:
            found += totals.judge(before + index + 1, label, stated)
    _sum_up(cells, slice(start, len(layout)), totals)
    return found


def _sum_up(cells: list[pa.StringArray], rows: slice, totals: Totals) -> None:
    if rows.stop > rows.start:
        totals.add_rows(rows.stop - rows.start)
        for position in totals.names:
            totals.add(position, cells[position].slice(rows.start, rows.stop - rows.start))
