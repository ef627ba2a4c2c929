"""History's Parquet files: written once, synced, digested and named for good."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import duckdb

from warehouse.engine import quoted as quoted_path
from warehouse.engine import run
from warehouse.files import UNFINISHED, Files
from warehouse.history.layout import Table
from warehouse.history.manifest import File

ROW_GROUP_ROWS = 20_480
"""Ten vectors: who reads one entity reads one row group, and dictionaries are still long enough to pay."""
EPOCH = datetime(1970, 1, 1)


def write_parquet(connection: duckdb.DuckDBPyConnection, folder: Path, files: Files, table: Table, bucket: int, select: str) -> File:
    """The rows of a select, in the table's order. The file's name is its digest, so equal rows make equal names and nothing is ever overwritten by something else."""
    home = Path(table.name) / f"bucket={bucket}"
    (folder / home).mkdir(parents=True, exist_ok=True)
    written = folder / home / f"{table.name}{UNFINISHED}"
    rows = run(
        connection,
        f"copy (select {table.columns} from ({select}) order by {table.order}) to '{quoted_path(written)}' (format parquet, compression zstd, row_group_size {ROW_GROUP_ROWS})",
    )[0][0]
    files.sync(written)
    digest = digest_of(written)
    path = home / f"{digest[:20]}.parquet"
    oldest, newest = run(connection, f"select min(recorded_at), max(recorded_at) from read_parquet('{quoted_path(written)}')")[0]
    size = written.stat().st_size
    files.replace(written, folder / path)
    files.sync(folder / home)
    return File(str(path), table.name, bucket, int(rows), size, digest, oldest or EPOCH, newest or EPOCH, tuple(table.schema.names))


def digest_of(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def paths_sql(folder: Path, files: Iterable[File]) -> str:
    """A table function over these files; a column that an older file lacks is null in its rows."""
    listed = ", ".join(f"'{quoted_path(folder / file.path)}'" for file in files)
    return f"read_parquet([{listed}], union_by_name = true)"
