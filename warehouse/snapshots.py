"""The snapshots of a folder as readers find them: by name, or the published one opened beside a publisher that goes on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from contracts.database import connect
from warehouse.errors import NoSuchSnapshot, SnapshotUnreadable
from warehouse.publish import pointed, snapshot_path
from warehouse.retention import written

CURRENT = "current"
"""What the published snapshot is called where a name is asked for."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A snapshot and a read-only connection to it; it goes on answering also once the file is retired."""

    name: str
    connection: duckdb.DuckDBPyConnection


def open_published(folder: Path, config: Mapping[str, str] | None = None) -> Opened:
    """The published snapshot, to be closed by the caller. Where it is retired between asking for its name and opening it, the one published since.

    Raises: `NoSnapshot`; `SnapshotUnreadable` where its file is damaged.
    """
    while True:
        path = snapshot_path(folder)
        try:
            return Opened(path.stem, connect(str(path), read_only=True, config=dict(config or {})))
        except (duckdb.IOException, duckdb.SerializationException) as fault:
            if pointed(folder) == path.stem:
                raise SnapshotUnreadable(snapshot=path.stem) from fault


def named_snapshot(folder: Path, name: str) -> Path:
    """The file of a snapshot by its name, by `current` for the published one, or by its path (as `cabin asof --marts` writes one).

    Raises: `NoSuchSnapshot`; `NoSnapshot` where nothing is published and `current` is asked for.
    """
    if name == CURRENT:
        return snapshot_path(folder)
    names = [each.name for each in written(folder)]
    path = folder / f"{name}.duckdb" if name in names else Path(name)
    if not path.is_file():
        raise NoSuchSnapshot(names=", ".join([*names, CURRENT]))
    return path
