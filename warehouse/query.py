"""The published snapshot for readers: a connection for code, one statement that a person typed, and answers as CSV, JSON or Parquet."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import duckdb
import orjson
import pyarrow as pa

from warehouse.ask import Answer, Asker, Limits
from warehouse.ask.limits import ROWS
from warehouse.engine import run
from warehouse.snapshots import open_published

Format = Literal["csv", "json", "parquet"]


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


def run_sql(folder: Path, sql: str, values: Mapping[str, object] | None = None, *, rows: int | None = ROWS, limits: Limits | None = None) -> Answer:
    """The answer of the published snapshot to one statement that a person typed, at most `rows` rows (None: all), from a process of its own that ends with it.

    Raises: as `Asker.ask`. Who asks often keeps an `Asker`.
    """
    with Asker(folder, limits) as asker:
        return asker.ask(sql, values, rows=rows)


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


def _flat(table: pa.Table) -> pa.Table:
    """Nested columns as JSON texts."""
    for index, field in enumerate(table.schema):
        if pa.types.is_nested(field.type):
            texts = [None if cell is None else orjson.dumps(cell, default=str).decode() for cell in table.column(index).to_pylist()]
            table = table.set_column(index, field.name, pa.array(texts, pa.string()))
    return table
