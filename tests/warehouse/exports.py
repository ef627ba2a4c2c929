"""Exports for tests: what the cabin itself has of a table, and the same table as each reader gives it back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import deltalake
import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa

from contracts.model import Contracts
from warehouse.export.tables import Exported, exported_history, exported_marts
from warehouse.files import LocalFiles
from warehouse.history import Cut, reading
from warehouse.history.layout import history_tables
from warehouse.publish import snapshot_path


class DiskDied(OSError):
    """An operation on the disk failed."""


class FailingFiles(LocalFiles):
    """Fails at one operation, counted from 0, before or after it is done; never where `place` is None."""

    def __init__(self, place: int | None = None, after: bool = False) -> None:
        self.calls: list[str] = []
        self._place = place
        self._after = after

    def __getattribute__(self, name: str) -> Any:
        found = super().__getattribute__(name)
        if name.startswith("_") or name == "calls":
            return found

        def operate(*arguments: object) -> None:
            due = len(self.calls) == self._place
            self.calls.append(name)
            if due and not self._after:
                raise DiskDied(name)
            found(*arguments)
            if due:
                raise DiskDied(name)

        return operate


def exported_tables(known: Contracts) -> list[Exported]:
    return [*exported_marts(known), *exported_history(known)]


def differing(wanted: pa.Table, found: pa.Table) -> int:
    """How many rows one has and the other has not, as often as it has them; columns by name, in the type of the first."""
    assert sorted(wanted.column_names) == sorted(found.column_names)
    with duckdb.connect() as connection:
        connection.register("wanted", wanted)
        connection.register("found", found)
        types = connection.execute("select column_name, column_type from (describe wanted)").fetchall()
        columns = ", ".join(f'"{name}"::{type_} as "{name}"' for name, type_ in types)
        sides = [f"(select {columns} from found) except all (from wanted)", f"(from wanted) except all (select {columns} from found)"]
        return sum(connection.execute(f"select count(*) from ({side})").fetchall()[0][0] for side in sides)


def cabins_own(data: Path, known: Contracts) -> dict[str, pa.Table]:
    """Every table by its place, as the published snapshot and history give it."""
    found: dict[str, pa.Table] = {}
    with duckdb.connect(str(snapshot_path(data / "published")), read_only=True) as snapshot:
        for table in exported_marts(known):
            found[table.place] = snapshot.sql(f'from "{table.name}"').to_arrow_table()
    with reading(data / "history", known) as read, duckdb.connect() as connection:
        for table in exported_history(known):
            found[table.place] = connection.sql(read.select(history_tables(known)[table.name], Cut())).to_arrow_table()
    return found


def by_duckdb(place: Path) -> pa.Table:
    with duckdb.connect() as connection:
        return connection.sql(f"from read_parquet('{place}/*.parquet')").to_arrow_table()


def by_polars(place: Path) -> pa.Table:
    return pl.read_parquet(place / "*.parquet").to_arrow()


def by_polars_delta(place: Path) -> pa.Table:
    """By pyarrow: Polars' own reader takes no unsigned integer where Delta says decimal."""
    return pl.scan_delta(str(place), use_pyarrow=True).collect().to_arrow()


def by_pandas_delta(place: Path) -> pa.Table:
    frame = deltalake.DeltaTable(place).to_pandas(types_mapper=pd.ArrowDtype)
    return pa.Table.from_pandas(frame, preserve_index=False)


def by_pandas(place: Path) -> pa.Table:
    return pa.Table.from_pandas(pd.read_parquet(place, dtype_backend="pyarrow"), preserve_index=False)


def by_deltalake(place: Path) -> pa.Table:
    return deltalake.DeltaTable(place).to_pyarrow_table()


READERS: Mapping[str, Callable[[Path], pa.Table]] = {
    "DuckDB": by_duckdb,
    "Polars": by_polars,
    "pandas": by_pandas,
    "deltalake": by_deltalake,
    "Polars over Delta": by_polars_delta,
    "pandas over Delta": by_pandas_delta,
}
