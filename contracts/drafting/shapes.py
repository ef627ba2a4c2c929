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
    "address": "address_region(key) <> ''",
    "dwelling": "dwelling_key(key) is not null",
    "division": "division_code({}) in (select code from divisions)",
    "grid": "regexp_full_match({}, '[0-9]{{15}}') and left({}, 12) in (select code from divisions)",
    "industry": "industry_code({}) is not null",
    "flag": "flag_of({}) is not null",
    "coded": "regexp_full_match({}, '[A-Za-z0-9_/.:#-]+')",
}
"""SQL that holds for a cell of the shape; `{}` stands for the cell, `key` for its address key."""
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
    values = " union all ".join(f'select {place} as place, "{name}" as cell from sample' for place, name in enumerate(cells.column_names))
    engine.register("sample", cells)
    try:
        engine.execute(f"create or replace temp table sampled as select place, cell, count(*) as n from ({values}) where cell is not null group by all")
        counts = {place: row for place, *row in engine.sql("select place, sum(n)::bigint, count(*), max(length(cell)) from sampled group by all").fetchall()}
        words = engine.sql(
            f"select * from sampled where place in (select place from sampled group by all having count(*) <= {MOST_WORDS}) order by all"
        ).fetchall()
        passing = _passing(engine, list(counts))
    finally:
        engine.unregister("sample")
        engine.execute("drop table if exists sampled")
    few: dict[int, dict[str, int]] = {}
    for place, word, count in words:
        few.setdefault(place, {})[word] = count
    return [_shape(cells.num_rows, counts.get(place), passing.get(place), few.get(place, {})) for place in range(cells.num_columns)]


def _shape(rows: int, counts: list[int] | None, passing: Mapping[str, int] | None, words: Mapping[str, int]) -> Shape:
    """The shape of one column; None where it holds nothing at all."""
    filled, distinct, longest = counts or (0, 0, 0)
    return Shape(rows, filled, distinct, longest, passing or dict.fromkeys(CHECKS, 0), words)


def _passing(engine: duckdb.DuckDBPyConnection, places: list[int]) -> dict[int, dict[str, int]]:
    """How many cells of each column pass each check; each different value is looked at once, by one statement: planning it costs more than all cells of a sample.

    A check on which the engine fails passes nowhere in the column that holds such text.
    """
    try:
        return _counted(engine, CHECKS, "true")
    except duckdb.Error:
        return {place: {check: _alone(engine, check, place) for check in CHECKS} for place in places}


def _alone(engine: duckdb.DuckDBPyConnection, check: str, place: int) -> int:
    try:
        return _counted(engine, {check: CHECKS[check]}, f"place = {place}")[place][check]
    except duckdb.Error:
        return 0


def _counted(engine: duckdb.DuckDBPyConnection, checks: Mapping[str, str], where: str) -> dict[int, dict[str, int]]:
    tests = ", ".join(f"coalesce({sql.format(*['cell'] * sql.count('{}'))}, false) as {check}" for check, sql in checks.items())
    sums = ", ".join(f"coalesce(sum(n) filter (where {check}), 0)::bigint" for check in checks)
    keyed = f"select *, address_key(cell) as key from sampled where {where}"
    rows = engine.sql(f"select place, {sums} from (select place, n, {tests} from ({keyed})) group by all").fetchall()
    return {place: dict(zip(checks, row, strict=True)) for place, *row in rows}
