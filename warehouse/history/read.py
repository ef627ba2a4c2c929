"""History as a reader sees it: the files of one manifest as views, whole or cut at a moment."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from contracts.model import Contracts
from contracts.partition import partition_of
from warehouse.engine import run
from warehouse.errors import NoHistory
from warehouse.history.layout import BUCKETS, MIXED, Table, history_tables, quoted
from warehouse.history.lock import leased
from warehouse.history.manifest import Manifest, read_manifest
from warehouse.history.parquet import rows_sql

DATED = frozenset({"finding", "request", "roster", "visit"})
"""Facts that say when they were true, besides claims. A verification judges a finding and counts with it, whenever it was made; a recall concerns what we knew."""

FACTS_READ = ("presence", "finding", "roster", "verification", "visit", "chunk", "closed", "switch")
"""The facts that golden statements ask for, besides claims."""


@dataclass(frozen=True, slots=True)
class Cut:
    """What is left out: facts about later moments than `observed`, and those recorded after `recorded`. None leaves nothing out."""

    observed: datetime | None = None
    recorded: datetime | None = None

    @property
    def moments(self) -> Moments:
        return Moments(*(None if moment is None else literal(moment) for moment in (self.observed, self.recorded)))


@dataclass(frozen=True, slots=True)
class Moments:
    """A cut whose moments are SQL: literals, or parameters of a function that may be null. None leaves nothing out."""

    observed: str | None = None
    recorded: str | None = None

    def rows(self, table: Table, rows: str) -> str:
        """SQL: the rows of a select over the table that are inside. That a row was listed later changes nothing of when it was true."""
        conditions = []  # a row of a full list is no later than the list's moment
        if self.recorded is not None:
            conditions.append(f"recorded_at <= {self.recorded}")
        if self.observed is not None and table.name.startswith("claim_"):
            conditions.append(f"(observed_at <= {self.observed} or moment <= {self.observed})")
        elif self.observed is not None and table.name in DATED:
            conditions.append(f"observed_at <= {self.observed}")
        inside = f"select * from ({rows}) where {' and '.join(conditions)}" if conditions else rows
        if table.name != "closed" or self.observed is None:
            return inside
        # a full list of a later moment judges nothing, but what it supersedes was wrong all along
        return f"select * replace (case when moment <= {self.observed} then moment end as moment) from ({inside})"


@dataclass(frozen=True, slots=True)
class Reading:
    """One state of history, kept from being removed while it is read."""

    folder: Path
    manifest: Manifest
    contracts: Contracts

    def show(self, connection: duckdb.DuckDBPyConnection, cut: Cut, only: Collection[str] | None = None) -> None:
        """Make a view of every table, or of `only` some, in the connection's current database, cut. Raises: `HistoryFileFault`."""
        for table in history_tables(self.contracts).values():
            if only is not None and table.name not in only:
                continue
            run(connection, f"create or replace view {quoted(table.name)} as {self.select(table, cut)}")

    def select(self, table: Table, cut: Cut, key: str | None = None) -> str:
        """The rows of a table inside a cut; files that lie wholly beyond it, or in another bucket than what is filed under `key`, are not opened. Raises: `HistoryFileFault`."""
        near = None if key is None else (partition_of(key, BUCKETS), MIXED)
        files = [
            file for file in self.manifest.of(table.name) if (cut.recorded is None or file.oldest <= cut.recorded) and (near is None or file.bucket in near)
        ]
        return cut.moments.rows(table, rows_sql(self.folder, files, table))


@contextmanager
def reading(folder: Path, contracts: Contracts) -> Iterator[Reading]:
    """The newest state of history. Raises: `NoHistory` where nothing was loaded; `HistoryUnreadable`."""
    while True:
        manifest = read_manifest(folder)
        if not manifest.positions:
            raise NoHistory()
        with leased(folder, manifest.sequence):
            if read_manifest(folder).sequence == manifest.sequence:  # else its files may be gone already
                yield Reading(folder, manifest, contracts)
                return


def literal(moment: datetime) -> str:
    """A moment as SQL, of the type that Parquet's moments are read as."""
    return f"timestamp '{moment.isoformat(sep=' ', timespec='milliseconds')}'"
