"""How much planning few rows are worth: over statements as long as those that contracts compile to DuckDB's optimizer takes longer than all the rest."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from typing import TYPE_CHECKING

from contracts.database import UNSOUND, connect, parsed
from contracts.golden import Heard, Relations, heard_sql
from contracts.model import Kind

if TYPE_CHECKING:
    import duckdb

QUICK_ROWS = 20_000
"""Up to so many rows, or touched entities, a statement is planned quickly. Only its time depends on it."""
NEEDED = ("build_side_probe_side", "column_lifetime", "cte_inlining", "filter_pushdown", "join_filter_pushdown", "materialized_cte", "unused_columns")
"""What keeps a quick plan from reading more than it needs of what is stored. The others take up to half of the planning, and gain nothing on few rows."""


@contextmanager
def planned_for(con: duckdb.DuckDBPyConnection, rows: int) -> Iterator[None]:
    """Statements inside are planned for so many rows, or touched entities."""
    import duckdb

    if rows > QUICK_ROWS:
        yield
        return
    con.execute(f"set disabled_optimizers = '{_spared()}'")
    try:
        yield
    finally:
        with suppress(
            duckdb.TransactionException
        ):  # one that failed takes no more settings: until the next statements are planned here they are planned quickly
            con.execute(f"set disabled_optimizers = '{UNSOUND}'")


@cache
def _spared() -> str:
    """The optimizers of this DuckDB that few rows do without."""
    with connect() as con:
        found: str = con.execute(f"select string_agg(name, ',') from duckdb_optimizers() where name not in {NEEDED}").fetchall()[0][0]
    return found


def heard_among(con: duckdb.DuckDBPyConnection, kind: Kind, relations: Relations, rows: int) -> Heard | None:
    """Who speaks about so many touched entities; None where asking would take longer than planning for everyone."""
    return Heard.of(con.execute(parsed(con, heard_sql(kind, relations))).fetchall()) if rows <= QUICK_ROWS else None
