"""The published snapshot as an exporter reads it: by our own statements, which write files, so not with the locks that strangers' SQL is asked under."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from contracts.database import connect
from contracts.model import Contracts
from warehouse.engine import prepare, run
from warehouse.errors import SnapshotOutdated
from warehouse.history import Means
from warehouse.publish import snapshot_path


@dataclass(frozen=True, slots=True)
class Snapshot:
    """An open snapshot; it stays readable also where it is retired meanwhile. `about`: what it was made from."""

    connection: duckdb.DuckDBPyConnection
    about: Mapping[str, str]
    tables: frozenset[str]


@contextmanager
def snapshot_of(published: Path, contracts: Contracts, means: Means, spill: Path) -> Iterator[Snapshot]:
    """The newest snapshot in a folder. Raises: `NoSnapshot`; `SnapshotOutdated` where these contracts are not those it was made under."""
    path, connection = _connected(published, {"memory_limit": f"{means.memory_mb}MB", "threads": means.threads, "temp_directory": str(spill)})
    try:
        prepare(connection)
        about = dict(run(connection, "select name, value from about"))
        if about.get("contracts") != contracts.fingerprint:
            raise SnapshotOutdated(snapshot=path.stem)
        tables = frozenset(str(name) for (name,) in run(connection, "select table_name from information_schema.tables"))
        yield Snapshot(connection, about, tables)
    finally:
        connection.close()


def _connected(published: Path, config: dict[str, str | bool | int | float | list[str]]) -> tuple[Path, duckdb.DuckDBPyConnection]:
    while True:
        path = snapshot_path(published)
        try:
            return path, connect(str(path), read_only=True, config=config)
        except duckdb.IOException:
            if path.exists():
                raise  # else it was retired between being named and being opened: another one is current
