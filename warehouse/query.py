"""Questions to the published snapshot: one read-only SQL statement, and its answer as CSV, JSON or Parquet."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from typing import Literal

import duckdb
import orjson
import pyarrow as pa

from warehouse.engine import run
from warehouse.errors import QueryFailed, QueryRefused
from warehouse.snapshots import open_published

Format = Literal["csv", "json", "parquet"]
ASKING = frozenset({duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN})
LIMIT = 1000
SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Answer:
    """The rows of a query; `cut`: there are more than the limit."""

    table: pa.Table
    cut: bool


@contextmanager
def opened(folder: Path, *, memory_mb: int = 1000) -> Iterator[duckdb.DuckDBPyConnection]:
    """The published snapshot of a folder, as `connected` gives it, closed at the end."""
    connection = connected(folder, memory_mb=memory_mb)
    try:
        yield connection
    finally:
        connection.close()


def connected(folder: Path, *, memory_mb: int = 1000) -> duckdb.DuckDBPyConnection:
    """The published snapshot of a folder, read-only, to be closed by the caller: no files, no network, no settings can be reached from SQL.

    Raises: `NoSnapshot`, `SnapshotUnreadable`.
    """
    config = {
        "enable_external_access": "false",
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "memory_limit": f"{memory_mb}MB",
        "threads": "2",
    }
    connection = open_published(folder, config).connection
    run(connection, "set lock_configuration = true")
    return connection


def run_sql(folder: Path, sql: str, *, limit: int | None = LIMIT, seconds: float = SECONDS, memory_mb: int = 1000) -> Answer:
    """The answer of the published snapshot to one statement, at most `limit` rows (None: all).

    Raises: `NoSnapshot`; `QueryRefused` where it is no question; `QueryFailed` where the engine cannot answer it, or not in time.
    """
    with opened(folder, memory_mb=memory_mb) as connection:
        timer = Timer(seconds, connection.interrupt)
        timer.start()
        try:
            return _answer(connection, _question(sql), limit)
        except duckdb.Error as fault:
            raise QueryFailed(detail=str(fault).splitlines()[0]) from fault
        finally:
            timer.cancel()
            timer.join()


def written(table: pa.Table, form: Format) -> bytes:
    """A table as a file's bytes: CSV with a header line, one JSON array of objects, or Parquet (zstd). Lists stand in CSV as JSON."""
    sink = io.BytesIO()
    if form == "parquet":
        import pyarrow.parquet as pq

        pq.write_table(table, sink, compression="zstd")
    elif form == "csv":
        import pyarrow.csv as pc

        pc.write_csv(_flat(table), sink)
    else:
        sink.write(orjson.dumps(table.to_pylist(), default=str))
    return sink.getvalue()


def _question(sql: str) -> str:
    """The text of the only statement, if it asks."""
    try:
        statements = duckdb.extract_statements(sql)
    except duckdb.Error as fault:
        raise QueryFailed(detail=str(fault).splitlines()[0]) from fault
    if len(statements) != 1 or statements[0].type not in ASKING:
        raise QueryRefused()
    return str(statements[0].query)


def _answer(connection: duckdb.DuckDBPyConnection, question: str, limit: int | None) -> Answer:
    relation = connection.sql(question)
    if relation is None:
        return Answer(pa.table({}), cut=False)
    table = (relation if limit is None else relation.limit(limit + 1)).to_arrow_table()
    if limit is None or table.num_rows <= limit:
        return Answer(table, cut=False)
    return Answer(table.slice(0, limit), cut=True)


def _flat(table: pa.Table) -> pa.Table:
    """Nested columns as JSON texts."""
    for index, field in enumerate(table.schema):
        if pa.types.is_nested(field.type):
            texts = [None if cell is None else orjson.dumps(cell, default=str).decode() for cell in table.column(index).to_pylist()]
            table = table.set_column(index, field.name, pa.array(texts, pa.string()))
    return table
