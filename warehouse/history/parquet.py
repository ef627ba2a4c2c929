"""History's Parquet files: written once, synced, digested and named for good."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import duckdb

from warehouse.engine import quoted as quoted_path
from warehouse.engine import run
from warehouse.errors import HistoryFileFault
from warehouse.files import UNFINISHED, Files
from warehouse.history.layout import Table, quoted
from warehouse.history.manifest import File

ROW_GROUP_ROWS = 20_480
"""Ten vectors: who reads one entity reads one row group, and dictionaries are still long enough to pay."""
EPOCH = datetime(1970, 1, 1)


def write_parquet(connection: duckdb.DuckDBPyConnection, folder: Path, files: Files, table: Table, bucket: int, select: str) -> File:
    """The rows of a select, in the table's order. The file's name is its digest, so equal rows make equal names and nothing is ever overwritten by something else."""
    home = Path(table.name) / f"bucket={bucket}"
    if not (folder / home).exists():
        (folder / home).mkdir(parents=True)
        files.sync(folder / table.name)
        files.sync(folder)
    written = folder / home / f"{table.name}{UNFINISHED}"
    rows = run(
        connection,
        f"copy (select {table.columns} from ({select}) order by {table.order}) to '{quoted_path(written)}' (format parquet, compression zstd, row_group_size {ROW_GROUP_ROWS})",
    )[0][0]
    files.sync(written)
    digest = digest_of(written)
    path = home / f"{digest[:20]}.parquet"
    oldest, newest = run(connection, f"select min(recorded_at), max(recorded_at) from read_parquet('{_literally(quoted_path(written))}')")[0]
    size = written.stat().st_size
    files.replace(written, folder / path)
    files.sync(folder / home)
    return File(str(path), table.name, bucket, int(rows), size, digest, oldest or EPOCH, newest or EPOCH, tuple(table.schema.names))


def digest_of(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def rows_sql(folder: Path, files: Sequence[File], table: Table, where: str = "true") -> str:
    """All columns of a table in their contract's types (Parquet gives moments back in microseconds); what no file has is null.

    Raises: `HistoryFileFault` where a file is missing or of another size.
    """
    for file in files:
        path = folder / file.path
        if not path.exists() or path.stat().st_size != file.bytes:
            raise HistoryFileFault(file=file.path)
    held = {column for file in files for column in file.columns}
    columns = ", ".join(f"{quoted(name) if name in held else 'null'}::{table.sql_type(name)} as {quoted(name)}" for name in table.schema.names)
    if not files:
        return f"select {columns} where false"
    # the folder's own name is no pattern and no key of a partition
    listed = ", ".join(f"'{_literally(quoted_path(folder / file.path))}'" for file in files)
    return f"select {columns} from read_parquet([{listed}], union_by_name = true, hive_partitioning = false) where {where}"


def _literally(path: str) -> str:
    return re.sub(r"([\[*?])", r"[\1]", path)
