"""Running SQL: every statement's result is taken to its end, because a DuckDB connection refuses further work while one is open."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import duckdb

from contracts.database import parsed
from contracts.engine import GOLDEN_MACROS, macros_sql

OPTIONS = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "preserve_insertion_order": "false",
    "checkpoint_threshold": "'512MB'",
}
MART_MACROS = ("interval_sum", "interval_ratio", "interval_bound")
"""The rules that marts ask for besides: numbers with bounds."""


def run(connection: duckdb.DuckDBPyConnection, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """The rows of a statement."""
    return connection.execute(parsed(connection, sql), list(values)).fetchall()


def number(connection: duckdb.DuckDBPyConnection, sql: str, values: Sequence[Any] = ()) -> int:
    """The first cell of the first row; 0 where there is none."""
    rows = run(connection, sql, values)
    return int(rows[0][0] or 0) if rows else 0


def prepare(connection: duckdb.DuckDBPyConnection) -> None:
    for name, value in OPTIONS.items():
        run(connection, f"set {name} = {value}")


def speak(connection: duckdb.DuckDBPyConnection, rules_sql: str, names: Iterable[str] = (*GOLDEN_MACROS, *MART_MACROS)) -> None:
    """Let the connection's statements use these rules, by default those of golden statements and marts; nothing of them is kept in a file."""
    connection.execute(macros_sql(rules_sql, names).replace("create or replace macro", "create or replace temp macro"))


def quoted(path: Path) -> str:
    """A path as the inside of an SQL string."""
    return str(path).replace("'", "''")
