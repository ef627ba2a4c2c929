"""Which columns of a wide table changed: whoever rests on others only need not be made anew."""

from __future__ import annotations

import duckdb

from warehouse.engine import run


def before_name(kind: str) -> str:
    """The temporary table that holds the wide rows of touched entities as they were."""
    return f"before_{kind}"


def reached_name(kind: str) -> str:
    """The temporary table that holds the wide rows of touched entities as they are; in the end of all that are reached."""
    return f"reached_{kind}"


def moved_columns(connection: duckdb.DuckDBPyConnection, before: str, after: str) -> set[str]:
    """The columns in which two tables with the same columns, one row an entity, differ anywhere; all of them where an entity is in one only."""
    old, new = (connection.sql(f"from {rows} order by entity").to_arrow_table() for rows in (before, after))
    if not old["entity"].equals(new["entity"]):
        return set(new.column_names)
    return {name for name in new.column_names if not old[name].equals(new[name])}


def columns_of(connection: duckdb.DuckDBPyConnection, table: str) -> set[str]:
    return {str(row[0]) for row in run(connection, f"describe {table}")}


def exists(connection: duckdb.DuckDBPyConnection, temporary: str) -> bool:
    """Whether the connection has a temporary table of this name."""
    return bool(run(connection, "select 1 from duckdb_tables() where temporary and table_name = ?", [temporary]))
