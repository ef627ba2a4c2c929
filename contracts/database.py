"""The one way to open DuckDB: without what it gets wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

UNSOUND = "common_subplan"
"""An optimizer of DuckDB 2.0.0 after which statistics of one column count for another: of a common table expression read twice a sum above nothing was taken for nothing,
and a case of a mart came out null (tests/contracts/test_database.py has the statement). Nothing of ours is slower without it."""


def connect(
    database: str = ":memory:", *, read_only: bool = False, config: Mapping[str, str | bool | int | float | list[str]] | None = None
) -> duckdb.DuckDBPyConnection:
    """A connection to the file `database`, or to one in memory, to be closed. Whoever sets `disabled_optimizers` later names `UNSOUND`, too."""
    import duckdb

    return duckdb.connect(database, read_only=read_only, config={"disabled_optimizers": UNSOUND, **(config or {})})
