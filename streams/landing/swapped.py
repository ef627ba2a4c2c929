"""Two columns that hold each other's values, in more than nine rows of ten.

A column is suspected when its values fail their own check; it is found when its values are in another column: every identity number under 姓名.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from contracts.model import CodeList, Column, Contracts, Feed
from streams.errors import SwappedColumns
from streams.landing.rows_sql import literal, quoted

SHARE = 0.9
SAMPLED_ROWS = 20_000
"""Rows of the first block that decide which columns are suspected; all rows decide what is found."""


@dataclass(frozen=True, slots=True)
class Check:
    """SQL that holds for a plausible value; `{}` stands for the cell."""

    column: Column
    holds: str

    def sql(self, cell: str) -> str:
        return f"coalesce({self.holds.replace('{}', cell)}, false)"


def checks_of(feed: Feed, contracts: Contracts) -> tuple[Check, ...]:
    """The columns whose values can be told from others: identifiers, dates, numbers, coded cells."""
    checks = ((column, _holds(column, contracts)) for column in feed.columns if not column.identifier_when)
    return tuple(Check(column, holds) for column, holds in checks if holds)


def _holds(column: Column, contracts: Contracts) -> str | None:
    if column.identifier:
        return {"subject": r"regexp_full_match({}, '\d{15}|\d{17}[0-9Xx]')", "phone": "regexp_full_match({}, '[+0-9 -]{7,20}')"}[column.identifier]
    if column.code_list:
        return _listed(contracts.code_lists[column.code_list]) if column.code_list in contracts.code_lists else None
    return {"date": "date_of({}) is not null", "timestamp": "date_of({}) is not null", "integer": "try_cast({} as bigint) is not null"}.get(column.type)


def _listed(codes: CodeList) -> str:
    """A code, whatever its leading zeros, or its label."""
    words = {word for code, label in codes.labels.items() for word in (code.lstrip("0"), label.zh)}
    return f"ltrim({{}}, '0') in ({', '.join(literal(word) for word in sorted(words))})"


class Swaps:
    """Counts as blocks pass; looks at pairs only where nearly all of the first rows fail their check."""

    def __init__(self, feed: Feed, contracts: Contracts, engine: duckdb.DuckDBPyConnection) -> None:
        self._feed = feed
        self._engine = engine
        self._checks = checks_of(feed, contracts)
        self._pairs: dict[tuple[str, str], int] | None = None
        self._rows = 0

    def add(self, block: pa.RecordBatch) -> None:
        """One more block; the first decides which pairs are counted at all."""
        if self._pairs == {} or not block.num_rows:
            return
        self._engine.register("delivered", block)
        try:
            if self._pairs is None:
                self._pairs = dict.fromkeys(self._suspected(), 0)
            self._rows += block.num_rows
            self._count()
            self._pairs = {pair: count for pair, count in self._pairs.items() if count * 2 > self._rows}
        finally:
            self._engine.unregister("delivered")

    def refuse(self, file: Path) -> None:
        """Raises `SwappedColumns` for the pair exchanged most often, where that is above the share."""
        for (first, second), count in sorted((self._pairs or {}).items(), key=lambda pair: -pair[1]):
            if count > SHARE * self._rows:
                headers = self._feed.column(first).header, self._feed.column(second).header
                raise SwappedColumns(file=file.name, first=headers[0], second=headers[1], percent=round(100 * count / self._rows))

    def _suspected(self) -> list[tuple[str, str]]:
        if not self._checks:
            return []
        counts = ", ".join(
            f"count(*) filter (where {quoted(check.column.name)} is not null and not {check.sql(quoted(check.column.name))})" for check in self._checks
        )
        row = self._engine.sql(f"select count(*), {counts} from (select * from delivered limit {SAMPLED_ROWS})").fetchall()[0]
        failing = [check for check, count in zip(self._checks, row[1:], strict=True) if count > SHARE * row[0]]
        return [(check.column.name, other.name) for check in failing for other in self._feed.columns if other.name != check.column.name]

    def _count(self) -> None:
        if not self._pairs:
            return
        pairs = list(self._pairs)
        counts = ", ".join(f"count(*) filter (where {self._exchanged_sql(first, second)})" for first, second in pairs)
        for pair, count in zip(pairs, self._engine.sql(f"select {counts} from delivered").fetchall()[0], strict=True):
            self._pairs[pair] += count

    def _exchanged_sql(self, first: str, second: str) -> str:
        """Both fail where they stand; exchanged, both hold (a column without a check of its own holds what is not the other's)."""
        checks = {check.column.name: check for check in self._checks}
        a, b, own, other = quoted(first), quoted(second), checks[first], checks.get(second)
        there = f"not {own.sql(a)} and {own.sql(b)} and {a} is not null"
        return f"{there} and not {other.sql(b)} and {other.sql(a)}" if other else there
