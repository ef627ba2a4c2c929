"""From facts to tables that people read.

Read `load` (the current file), `wide` and `relations` (what contracts make of it), `marts/*.sql` with `catalogue` (the marts and their order),
`build`, `publish`, `gating` (promises that stop one), `renewing` (small changes) and `retention` (immutable snapshots), then `snapshots`, `query` and `compare` (what readers ask). In a notebook: `import warehouse; warehouse.open()`. Imports contracts and vault, never streams or quality.
Never writes the log, never decides a value: golden values come from the fold.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

__all__ = ["open"]


def open(data: str | Path = "data", *, memory_mb: int = 2000, past: bool = False) -> duckdb.DuckDBPyConnection:  # noqa: A001 - said as `warehouse.open`
    """The snapshot that is published now in a data folder, as a read-only connection; whatever is published later, it shows the same.

    A query is DuckDB's: `warehouse.open().sql("from household")` gives Arrow (`.to_arrow_table()`), Polars (`.pl()`) or pandas (`.df()`), as far as those are installed.
    Names are surname and stars, as in all marts; SQL reaches no file, no network and no setting. At most `memory_mb` megabytes; larger answers fail. To be closed by who opened it.
    With `past` it has functions besides, one for each kind, that tell what was believed: `sql("from person_asof('2026-06-30', '2026-07-15')")` is the table `person_current` about the end of
    30 June as known at the end of 15 July; a moment left out, or null, cuts nothing. Then SQL reaches the files of history, which hold names in clear.
    Raises: `NoSnapshot`, `SnapshotUnreadable`; with `past` also `NoHistory`, `HistoryUnreadable`, `HistoryFileFault`.
    """
    if past:
        from contracts.read import load
        from warehouse.history.functions import with_past

        feeds = Path(data) / "feeds"
        return with_past(Path(data) / "published", Path(data) / "history", load(extra=(feeds,) if feeds.is_dir() else ()), memory_mb=memory_mb)
    from warehouse.query import connected

    return connected(Path(data) / "published", memory_mb=memory_mb)
