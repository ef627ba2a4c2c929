"""What the values of a column are, as counts: one statement over the sample's cells, in the vocabulary of rules.sql."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import duckdb
import pyarrow as pa

from contracts.drafting.model import share

MOST_WORDS = 40
"""Columns with more different values hold no codes."""
CHECKS = {
    "subject": "regexp_full_match(identity_text({}), '[0-9]{{15}}|[0-9]{{17}}[0-9X]') and identity_verdict(identity_text({}), date '2199-12-31') in ('valid', 'legacy15')",
    "numbered": "regexp_full_match(identity_text({}), '[0-9]{{15}}|[0-9]{{17}}[0-9X]')",
    "phone": "phone_check({}) = 'mobile'",
    "credit": "credit_sound(credit_code({}))",
    "credited": "credit_form(credit_code({})) and not regexp_full_match({}, '[0-9]+')",
    "date": "date_of({}) is not null",
    "dashed": "date_of({}) is not null and not regexp_full_match({}, '[0-9.]+')",
    "clock": "timestamp_of({}) is not null and (contains({}, ':') or contains({}, '时') or regexp_full_match({}, '20[0-9]{{12}}'))",
    "integer": "regexp_full_match({}, '-?[0-9]{{1,15}}')",
    "zeros": "regexp_full_match({}, '0[0-9]+')",
    "decimal": "regexp_full_match({}, '-?[0-9]{{1,15}}(?:[.][0-9]+)?')",
    "address": "address_region(address_key({})) <> ''",
    "dwelling": "dwelling_key(address_key({})) is not null",
    "division": "division_code({}) in (select code from divisions)",
    "grid": "regexp_full_match({}, '[0-9]{{15}}') and left({}, 12) in (select code from divisions)",
    "industry": "industry_code({}) is not null",
    "flag": "flag_of({}) is not null",
    "coded": "regexp_full_match({}, '[A-Za-z0-9_/.:#-]+')",
}
"""SQL that holds for a cell of the shape; `{}` stands for the cell."""
STRONG = ("subject", "phone", "credit", "clock", "dwelling")
"""Shapes that prove themselves: hardly any other value has them by chance."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A column in numbers. `words`: its different values with their counts where they are few, for comparison with known codes only; never shown."""

    rows: int
    filled: int
    distinct: int
    longest: int
    passing: Mapping[str, int]
    words: Mapping[str, int] = field(default_factory=dict, repr=False)

    def is_(self, check: str) -> float:
        """The share of filled cells that pass, by the rule of succession."""
        return share(self.passing[check], self.filled)

    def bare(self, check: str) -> float:
        """The plain share of filled cells that pass; 0 where none is filled."""
        return self.passing[check] / self.filled if self.filled else 0.0

    @property
    def unique(self) -> bool:
        """Whether every row has a value of its own."""
        return self.filled == self.rows == self.distinct and self.rows > 1

    @property
    def few(self) -> bool:
        """Whether the values look like a list: few, short, and coming again."""
        return bool(self.words) and self.longest <= 12 and self.distinct <= 12 and self.distinct * 2 <= self.filled

    def spoken(self, known: frozenset[str]) -> float:
        """The share of filled cells among known words, zeros in front aside."""
        return share(sum(count for word, count in self.words.items() if word.lstrip("0") in known), self.filled)


def shapes_of(cells: pa.Table, engine: duckdb.DuckDBPyConnection) -> list[Shape]:
    """The shape of each column, in order. `engine` holds the macros and tables of the contracts (`contracts.engine.prepare`)."""
    engine.register("sample", cells)
    try:
        return [_shape(engine, name, cells.num_rows) for name in cells.column_names]
    finally:
        engine.unregister("sample")


def _shape(engine: duckdb.DuckDBPyConnection, name: str, rows: int) -> Shape:
    filled, distinct, longest = engine.sql(f'select count("{name}"), count(distinct "{name}"), coalesce(max(length("{name}")), 0) from sample').fetchall()[0]
    few = 0 < distinct <= MOST_WORDS
    words = engine.sql(f'select "{name}", count(*) from sample where "{name}" is not null group by all order by all').fetchall() if few else []
    return Shape(rows, filled, distinct, longest, _passing(engine, name, filled), dict(words))


def _passing(engine: duckdb.DuckDBPyConnection, name: str, filled: int) -> dict[str, int]:
    """Each different value is looked at once. A check on which the engine fails passes nowhere: such text is none of its shape."""
    if not filled:
        return dict.fromkeys(CHECKS, 0)
    try:
        return _counted(engine, name, CHECKS)
    except duckdb.Error:
        found = {}
        for check, sql in CHECKS.items():
            try:
                found |= _counted(engine, name, {check: sql})
            except duckdb.Error:
                found[check] = 0
        return found


def _counted(engine: duckdb.DuckDBPyConnection, name: str, checks: Mapping[str, str]) -> dict[str, int]:
    tests = ", ".join(f"coalesce({sql.format(*['cell'] * sql.count('{}'))}, false) as {check}" for check, sql in checks.items())
    values = f'select "{name}" as cell, count(*) as n from sample where "{name}" is not null group by all'
    sums = ", ".join(f"coalesce(sum(n) filter (where {check}), 0)::bigint" for check in checks)
    row = engine.sql(f"select {sums} from (select n, {tests} from ({values}))").fetchall()[0]
    return dict(zip(checks, row, strict=True))
