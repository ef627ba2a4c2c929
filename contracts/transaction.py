"""How a file of DuckDB is written to: in transactions whose commit is a port, so that each can fail in a test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import duckdb

from contracts.ports import Commit


def commit(con: duckdb.DuckDBPyConnection) -> None:
    """Make the open transaction durable."""
    con.execute("commit").fetchall()


@contextmanager
def transaction(con: duckdb.DuckDBPyConnection, commit: Commit = commit) -> Iterator[None]:
    """All of what is done inside, or nothing of it."""
    con.execute("begin").fetchall()
    try:
        yield
        commit(con)
    except BaseException:
        with suppress(duckdb.TransactionException):  # nothing to take back where the failure came after the commit
            con.execute("rollback").fetchall()
        raise
