"""History as a reader sees it: the files of one manifest as views, whole or cut at a moment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from contracts.model import Contracts
from warehouse.engine import run
from warehouse.errors import HistoryFileLost
from warehouse.history.layout import Table, history_tables, quoted
from warehouse.history.lock import leased
from warehouse.history.manifest import Manifest, read_manifest
from warehouse.history.parquet import paths_sql

DATED = frozenset({"finding", "request", "roster", "visit"})
"""Facts that say when they were true, besides claims. A verification judges a finding and counts with it, whenever it was made; a recall concerns what we knew."""


@dataclass(frozen=True, slots=True)
class Cut:
    """What is left out: facts about later moments than `observed`, and those recorded after `recorded`. None leaves nothing out."""

    observed: datetime | None = None
    recorded: datetime | None = None

    def where(self, table: Table) -> str:
        """SQL: whether a row of the table is inside. A full list of a later moment judges nothing; that its rows were written down then changes nothing of when they were true."""
        conditions = []  # a row of a full list is no later than the list's moment
        if self.recorded is not None:
            conditions.append(f"recorded_at <= {literal(self.recorded)}")
        if self.observed is not None and (table.name in DATED or table.name.startswith("claim_")):
            at = literal(self.observed)
            conditions.append(f"(observed_at <= {at} or moment <= {at})" if table.name.startswith("claim_") else f"observed_at <= {at}")
        if self.observed is not None and table.name == "closed":
            conditions.append(f"coalesce(moment <= {literal(self.observed)}, true)")
        return " and ".join(conditions) or "true"


@dataclass(frozen=True, slots=True)
class Reading:
    """One state of history, kept from being removed while it is read."""

    folder: Path
    manifest: Manifest
    contracts: Contracts

    def show(self, connection: duckdb.DuckDBPyConnection, cut: Cut) -> None:
        """Make a view of every table in the connection's current database, cut. Raises: `HistoryFileLost`."""
        for table in history_tables(self.contracts).values():
            run(connection, f"create or replace view {quoted(table.name)} as {self.select(table, cut)}")

    def select(self, table: Table, cut: Cut) -> str:
        """The rows of a table inside a cut; files that lie wholly beyond it are not opened."""
        files = [file for file in self.manifest.of(table.name) if cut.recorded is None or file.oldest <= cut.recorded]
        for file in files:
            if not (self.folder / file.path).exists():
                raise HistoryFileLost(file=file.path)
        held = {column for file in files for column in file.columns}
        columns = ", ".join(_column(table, name, name in held) for name in table.schema.names)
        return f"select {columns} from {paths_sql(self.folder, files)} where {cut.where(table)}" if files else f"select {columns} where false"


@contextmanager
def reading(folder: Path, contracts: Contracts) -> Iterator[Reading]:
    """The newest state of history. Raises: `HistoryUnreadable`."""
    while True:
        manifest = read_manifest(folder)
        with leased(folder, manifest.sequence):
            if read_manifest(folder).sequence == manifest.sequence:  # else its files may be gone already
                yield Reading(folder, manifest, contracts)
                return


def literal(moment: datetime) -> str:
    """A moment as SQL, of the type that Parquet's moments are read as."""
    return f"timestamp '{moment.isoformat(sep=' ', timespec='milliseconds')}'"


def _column(table: Table, name: str, held: bool) -> str:
    """A column in its contract's type: Parquet gives moments back in microseconds."""
    return f"{quoted(name) if held else 'null'}::{table.sql_type(name)} as {quoted(name)}"
