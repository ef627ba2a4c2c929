"""A DuckDB connection that speaks the vocabulary of the contracts: `prepare`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

import pyarrow as pa

from contracts.database import parsed
from contracts.model import CodeList, Contracts, Label

if TYPE_CHECKING:
    import duckdb

LEVELS = {2: "province", 4: "city", 6: "county", 9: "township", 12: "village"}
"""Length of a division code and its level."""
OPTIONS = {  # no temporary folder: nothing clear may spill to disk unless the caller names a place of its own
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "preserve_insertion_order": "false",
    "temp_directory": "''",
    "enable_progress_bar": "false",
}
GOLDEN_MACROS = ("address_silent", "people_band")
"""The rules that golden statements ask for (contracts/golden)."""
MACRO = re.compile(r"^create or replace macro (\w+)\(.*?;(?=\s*(?:--[^\n]*)?$)", re.MULTILINE | re.DOTALL)
WORD = re.compile(r"\w+")


def prepare(con: duckdb.DuckDBPyConnection, contracts: Contracts, *, threads: int | None = None, memory_limit: str | None = None) -> None:
    """Set the options, make `divisions(code, name, level, parent)` and one `code_<list>(code, zh, en)` per code list (all: `codes(list, code, zh, en)`), load the macros of rules.sql.

    Meant for an in-memory database: tables and macros are made in the connection's current catalogue, replacing their like.
    `threads` and `memory_limit` are left alone where not given.
    """
    con.execute(options_sql(threads, memory_limit))
    _table(con, "divisions", divisions_of(contracts.divisions.items()))
    _table(con, "codes", codes_of(contracts.code_lists.values()))
    con.execute("".join(code_list_sql(name) for name in contracts.code_lists) + contracts.rules_sql)


def prepare_golden(con: duckdb.DuckDBPyConnection, contracts: Contracts, *, threads: int | None = None, memory_limit: str | None = None) -> None:
    """`prepare` for who runs golden statements only: the options and the few macros those use, at a tenth of the time."""
    con.execute(options_sql(threads, memory_limit) + macros_sql(contracts.rules_sql, GOLDEN_MACROS))


def macros_sql(rules_sql: str, names: Iterable[str]) -> str:
    """The definitions of these macros and of all macros they use, in the order of rules.sql; names it does not define are left out."""
    defined = {match[1]: match[0] for match in MACRO.finditer(rules_sql)}
    wanted: set[str] = set()
    waiting = [name for name in names if name in defined]
    while waiting:
        name = waiting.pop()
        wanted.add(name)
        waiting += [other for other in set(WORD.findall(defined[name])) & defined.keys() if other not in wanted]
    return "\n".join(definition for name, definition in defined.items() if name in wanted)


def code_list_sql(name: str) -> str:
    """One list as a table of its own, taken from the table of all lists."""
    return f"CREATE OR REPLACE TABLE \"code_{name}\" AS SELECT code, zh, en FROM codes WHERE list = '{name}';\n"


def options_sql(threads: int | None, memory_limit: str | None) -> str:
    """The SET statements of a connection."""
    limits = {"threads": threads, "memory_limit": f"'{memory_limit}'" if memory_limit else None}
    return "".join(f"SET {name} = {value};" for name, value in (OPTIONS | limits).items() if value is not None)


def divisions_of(labels: Iterable[tuple[str, Label]]) -> pa.Table:
    """`divisions`: code, name, level and the code one level up (null for a province). The levels follow from the lengths of the codes."""
    found = list(labels)
    shorter = {long: short for short, long in zip([0, *LEVELS], LEVELS, strict=False)}
    return pa.table(
        {
            "code": pa.array([code for code, _ in found], pa.string()),
            "name": pa.array([label.zh for _, label in found], pa.string()),
            "level": pa.array([LEVELS.get(len(code)) for code, _ in found], pa.string()),
            "parent": pa.array([code[: shorter.get(len(code), 0)] or None for code, _ in found], pa.string()),
        }
    )


def codes_of(lists: Iterable[CodeList]) -> pa.Table:
    """All code lists as one table `codes(list, code, zh, en)`."""
    rows = [(codes.name, code, label.zh, label.en) for codes in lists for code, label in codes.labels.items()]
    return pa.table({name: pa.array([row[place] for row in rows], pa.string()) for place, name in enumerate(("list", "code", "zh", "en"))})


def _table(con: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> None:
    """Copy an Arrow table into the database, so that it outlives the Python object and every cursor sees it."""
    con.register("_given", rows)
    con.execute(f'CREATE OR REPLACE TABLE "{name}" AS SELECT * FROM _given')
    con.unregister("_given")


def rows_of(con: duckdb.DuckDBPyConnection, sql: str) -> pa.Table:
    """The rows of a select, in no order. They are kept in a temporary table first: what is asked through `sql` DuckDB 2.0.0 binds twice, a third of the time of a long statement over few rows."""
    con.execute(parsed(con, f"create or replace temp table kept_rows as {sql}")).fetchall()
    try:
        return con.sql("from kept_rows").to_arrow_table()
    finally:
        con.execute("drop table kept_rows").fetchall()
