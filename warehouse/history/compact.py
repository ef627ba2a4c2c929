"""Many small files of a bucket into one. Readers are not disturbed: the old files stay until nobody reads a state that names them."""

from __future__ import annotations

from collections.abc import Sequence

from warehouse.history.layout import Table, quoted
from warehouse.history.manifest import File
from warehouse.history.parquet import paths_sql
from warehouse.history.write import History

SMALL_BYTES = 16_000_000
FEW = 8
"""So many small files in a bucket are left alone."""


def compact(history: History, few: int = FEW) -> int:
    """Merges the small files of every bucket that has more than `few`, and removes files that no reader has open; how many files went."""
    gone = 0
    for table in history.tables.values():
        for files in _by_bucket(history.manifest.of(table.name)):
            small = [file for file in files if file.bytes < SMALL_BYTES]
            if len(small) > few:
                history.commit(history.manifest.changed(small, [_merged(history, table, small)]))
                gone += len(small)
    history.remove_retired()
    return gone


def _by_bucket(files: Sequence[File]) -> list[list[File]]:
    return [[file for file in files if file.bucket == bucket] for bucket in sorted({file.bucket for file in files})]


def _merged(history: History, table: Table, files: Sequence[File]) -> File:
    held = {column for file in files for column in file.columns}
    columns = ", ".join(quoted(name) if name in held else f"null as {quoted(name)}" for name in table.schema.names)
    return history.write(table, files[0].bucket, f"select {columns} from {paths_sql(history.folder, files)}")
