"""A DuckDB connection that speaks the vocabulary of the contracts: `prepare`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pyarrow as pa

from contracts.model import CodeList, Contracts, Label

if TYPE_CHECKING:
    import duckdb

LEVELS = {2: "province", 4: "city", 6: "county", 9: "township", 12: "village"}
"""Length of a division code and its level."""
OPTIONS = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "preserve_insertion_order": "false",
}


def prepare(con: duckdb.DuckDBPyConnection, contracts: Contracts, *, threads: int | None = None, memory_limit: str | None = None) -> None:
    """Set the options, make `divisions(code, name, level, parent)` and one `code_<list>(code, zh, en)` per code list, load the macros of rules.sql.

    Meant for an in-memory database: tables and macros are made in the connection's current catalogue, replacing their like.
    `threads` and `memory_limit` are left alone where not given.
    """
    con.execute(options_sql(threads, memory_limit))
    _table(con, "divisions", divisions_of(contracts.divisions.items()))
    for codes in contracts.code_lists.values():
        _table(con, f"code_{codes.name}", codes_of(codes))
    if contracts.rules_sql:
        con.execute(contracts.rules_sql)


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


def codes_of(codes: CodeList) -> pa.Table:
    """One code list as `code`, `zh`, `en`."""
    return pa.table(
        {
            "code": pa.array(list(codes.labels), pa.string()),
            "zh": pa.array([label.zh for label in codes.labels.values()], pa.string()),
            "en": pa.array([label.en for label in codes.labels.values()], pa.string()),
        }
    )


def _table(con: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> None:
    """Copy an Arrow table into the database, so that it outlives the Python object and every cursor sees it."""
    con.register("_given", rows)
    con.execute(f'CREATE OR REPLACE TABLE "{name}" AS SELECT * FROM _given')
    con.unregister("_given")
