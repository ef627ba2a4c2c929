"""Many small files of a bucket into one. Readers are not disturbed: the old files stay until nobody reads a state that names them."""

from __future__ import annotations

from collections.abc import Sequence

from warehouse.errors import HistoryFileFault
from warehouse.history.layout import MIXED, Table
from warehouse.history.manifest import File
from warehouse.history.parquet import digest_of, rows_sql
from warehouse.history.write import History

SMALL_BYTES = 16_000_000
FEW = 8
"""So many small files in a bucket are left alone."""


def compact(history: History, few: int = FEW) -> int:
    """Merges the small files of every bucket that has more than `few` (at least 1), and removes files that no reader has open; how many files went.

    Files of mixed buckets are divided by bucket as soon as they have rows enough together. Raises: `HistoryFileFault` where one is not as it was written; nothing is merged then.
    """
    gone = 0
    for table in history.tables.values():
        mixed = [file for file in history.manifest.of(table.name) if file.bucket == MIXED]
        if table.divided(sum(file.rows for file in mixed)):
            history.commit(history.manifest.changed(mixed, history.write(table, _whole(history, table, mixed))))
            gone += len(mixed)
        for files in _by_bucket(history.manifest.of(table.name)):
            small = [file for file in files if file.bytes < SMALL_BYTES]
            if len(small) > few:
                merged = history.write_into(table, small[0].bucket, _whole(history, table, small))
                history.commit(history.manifest.changed(small, [merged]))
                gone += len(small)
    history.remove_retired()
    return gone


def _by_bucket(files: Sequence[File]) -> list[list[File]]:
    return [[file for file in files if file.bucket == bucket] for bucket in sorted({file.bucket for file in files})]


def _whole(history: History, table: Table, files: Sequence[File]) -> str:
    """The rows of files that are as they were written: what was altered must not get a digest that says it was not."""
    for file in files:
        if digest_of(history.folder / file.path) != file.sha256:
            raise HistoryFileFault(file=file.path)
    return rows_sql(history.folder, files, table)
