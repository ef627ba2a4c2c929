"""How much planning a settle is worth: over the golden statement DuckDB's optimizer takes longer than all the rest of a small settle."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

QUICK_ENTITIES = 20_000
"""Up to so many touched entities a statement is planned quickly. Only its time depends on it."""
NEEDED = ("build_side_probe_side", "column_lifetime", "cte_inlining", "filter_pushdown", "join_filter_pushdown", "materialized_cte", "unused_columns")
"""What keeps a quick plan from reading more of the stored claims than it needs. The others take half of the planning, and gain nothing on few entities."""


@contextmanager
def planned_for(con: duckdb.DuckDBPyConnection, entities: int) -> Iterator[None]:
    """Statements inside are planned for so many touched entities."""
    if entities > QUICK_ENTITIES:
        yield
        return
    spared = con.execute(f"select string_agg(name, ',') from duckdb_optimizers() where name not in {NEEDED}").fetchall()[0][0]
    con.execute(f"set disabled_optimizers = '{spared}'")
    try:
        yield
    finally:
        con.execute("reset disabled_optimizers")
