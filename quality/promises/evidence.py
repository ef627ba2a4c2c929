"""One table under check: `Evidence` counts the rows that break each check in as few scans as there are tables, and names their keys. It reads nothing else of a row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb

from contracts.conditions import ROWS, Condition, condition, q
from quality.promises.checks import Check

UNCOMPUTABLE = (duckdb.Error, LookupError, TypeError, ValueError)
"""What a check that cannot be asked raises: its SQL fails, an argument is missing, or is of another kind or number than the check takes."""
MOST_KEYS = 100
"""So many failing rows of a check are told by key; all are counted."""


@dataclass
class Evidence:
    """`relation` as the connection knows it. Rows are counted once: all checks of a suite in one scan, and alone only where one of them cannot be computed."""

    con: duckdb.DuckDBPyConnection
    relation: str
    key: tuple[str, ...]
    _rows: int | None = None
    _counts: dict[str, tuple[int, int]] = field(default_factory=dict)
    _faults: dict[str, duckdb.Error] = field(default_factory=dict)

    def prepare(self, checks: Sequence[Check]) -> None:
        """Counts for all checks at once; one that cannot be computed is asked alone later, and says why."""
        try:
            conditions = {sql.broken: sql for sql in (self._condition(check.type, check.kwargs) for check in checks if check.type in ROWS)}
            self._count(list(conditions.values()))
        except UNCOMPUTABLE:
            self._counts.clear()

    @property
    def rows(self) -> int:
        if self._rows is None:
            self._rows = int(self._one(f"select count(*) from {q(self.relation)}")[0])
        return self._rows

    def about(self, check: str, kwargs: Mapping[str, Any]) -> int:
        """How many rows the check is about."""
        return self._counted(self._condition(check, kwargs))[0]

    def broken(self, check: str, kwargs: Mapping[str, Any]) -> int:
        """How many of them break it."""
        return self._counted(self._condition(check, kwargs))[1]

    def keys(self, check: str, kwargs: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The keys of the first rows that break it, in key order; none where the table has no key that may be told."""
        if not self.key or not self.broken(check, kwargs):
            return []
        listed = ", ".join(q(name) for name in self.key)
        told = f"select {listed}, ({self._condition(check, kwargs).broken}) as broken_row from {q(self.relation)}"  # first told, then chosen: a rule may look at other rows
        sql = f"select {listed} from ({told}) where broken_row order by all limit {MOST_KEYS}"
        return [dict(zip(self.key, row, strict=True)) for row in self.con.execute(sql).fetchall()]

    def other_columns(self, columns: Mapping[str, str]) -> list[dict[str, Any]]:
        """Of these columns those that the table has not, or has with another type; the type that was found, None for none."""
        found = {name: kind for name, kind, *_ in self.con.execute(f"describe {q(self.relation)}").fetchall()}
        return [{"column": name, "type": found.get(name)} for name, kind in columns.items() if found.get(name) != kind]

    def _condition(self, check: str, kwargs: Mapping[str, Any]) -> Condition:
        return condition(check, kwargs, q(self.relation))

    def _counted(self, sql: Condition) -> tuple[int, int]:
        if sql.broken in self._faults:  # the library asks again and again
            raise self._faults[sql.broken]
        if sql.broken not in self._counts:
            try:
                self._count([sql])
            except duckdb.Error as fault:
                self._faults[sql.broken] = fault
                raise
        return self._counts[sql.broken]

    def _count(self, conditions: Sequence[Condition]) -> None:
        """Conditions first, counts over them: an aggregate may not look up by itself."""
        told = [f"({sql.about}) as about_{number}, {_told(sql)} as told_{number}" for number, sql in enumerate(conditions)]
        counts = [f"count(*) filter (where about_{number}), {_counted(sql, number)}" for number, sql in enumerate(conditions)]
        found = self._one(f"select {', '.join(['count(*)', *counts])} from (select {', '.join(told or ['1'])} from {q(self.relation)})")
        self._rows = int(found[0])
        for number, sql in enumerate(conditions):
            about, count = int(found[1 + 2 * number]), int(found[2 + 2 * number])
            self._counts[sql.broken] = (about, count if sql.alone is None else 0 if count == about else self._looked_for(sql))

    def _looked_for(self, sql: Condition) -> int:
        """How many rows share what no two should."""
        return int(self._one(f"select count(*) filter (where told) from (select ({sql.broken}) as told from {q(self.relation)})")[0])

    def _one(self, sql: str) -> tuple[Any, ...]:
        row: tuple[Any, ...] = self.con.execute(sql).fetchall()[0]
        return row


def _told(sql: Condition) -> str:
    return f"({sql.broken})" if sql.alone is None else f"case when {sql.about} then {sql.alone} end"


def _counted(sql: Condition, number: int) -> str:
    return f"count(*) filter (where told_{number})" if sql.alone is None else f"count(distinct told_{number})"
