"""Facts of the log into Parquet files, by stored positions. Every slice is committed by one rename of the manifest, so that whoever dies leaves the state before or the one after,
and at most files that no manifest names, which the next writer removes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import product
from pathlib import Path

import duckdb
import pyarrow as pa

from contracts.engine import options_sql
from contracts.model import Contracts
from contracts.ports import Log
from warehouse.ahead import ahead
from warehouse.engine import number, run
from warehouse.errors import HistoryUnreadable
from warehouse.files import UNFINISHED, Files, LocalFiles
from warehouse.history.layout import Table, history_tables, quoted
from warehouse.history.lock import oldest_lease, only_writer
from warehouse.history.manifest import NAME, File, Manifest, Place, read_manifest, write_manifest
from warehouse.history.parquet import paths_sql, write_parquet
from warehouse.slices import Slice, Taking, alias_version, lost, slices

TOPICS = ("cabin.claims", "cabin.outcomes", "cabin.quarantine")
BATCH = "arrived"


@dataclass(frozen=True, slots=True)
class Added:
    """What one reading of the log added: rows by table. `anew`: the log was another one, so everything was read again. `unreadable`: messages passed over."""

    rows: Mapping[str, int] = field(default_factory=dict)
    anew: bool = False
    unreadable: int = 0


class History:
    """A history open for writing; make one with `open`."""

    def __init__(self, folder: Path, contracts: Contracts, connection: duckdb.DuckDBPyConnection, files: Files) -> None:
        self.folder = folder
        self.connection = connection
        self.manifest = read_manifest(folder)
        self.tables = history_tables(contracts)
        self._contracts = contracts
        self._files = files

    @classmethod
    @contextmanager
    def open(cls, folder: Path, contracts: Contracts, *, memory_mb: int = 1500, files: Files | None = None) -> Iterator[History]:
        """The only writer of the history in `folder`, which is made where it is missing; what a writer that died left is removed.

        Raises: `HistoryInUse`, `HistoryUnreadable`.
        """
        with only_writer(folder), duckdb.connect() as connection:
            connection.execute(options_sql(1, f"{memory_mb}MB") + "set preserve_insertion_order = true")
            history = cls(folder, contracts, connection, files or LocalFiles())
            history._clear()
            yield history

    @staticmethod
    def forget(folder: Path, files: Files | None = None) -> None:
        """History as if nothing was written yet, also where its manifest cannot be read: the next `append` reads the whole log. Raises: `HistoryInUse`."""
        files = files or LocalFiles()
        with only_writer(folder):
            try:
                held = read_manifest(folder)
            except HistoryUnreadable:
                files.remove(folder / NAME)
            else:  # readers keep what they have open
                write_manifest(folder, replace(held.changed(held.files, []), places=(), log={}), files)

    def append(self, log: Log) -> Added:
        """Everything the log holds beyond the stored positions; a second time nothing. Rows told twice are kept once."""
        aliases = alias_version(log)
        anew = self._follow(log, aliases)
        taking = Taking({name: table.schema for name, table in self.tables.items()}, aliases)
        rows: dict[str, int] = {}
        for topic, partition in product(TOPICS, range(log.partitions)):
            for arrived in ahead(slices(log, topic, partition, self.manifest.start(topic, partition), taking)):
                if log.moved():  # what was read may stand where something read before was lost
                    break
                made = [file for name, rows_of in arrived.tables.items() for file in self._file(self.tables[name], rows_of)]
                self._took(arrived, made)
                for file in made:
                    rows[file.table] = rows.get(file.table, 0) + file.rows
        self.remove_retired()
        return Added(rows, anew, len(taking.unreadable))

    def commit(self, manifest: Manifest) -> None:
        """The manifest counts from here on."""
        write_manifest(self.folder, manifest, self._files)
        self.manifest = manifest

    def write(self, table: Table, bucket: int, select: str) -> File:
        """The rows of a select as a new file on disk, which counts as soon as a manifest that names it is committed."""
        return write_parquet(self.connection, self.folder, self._files, table, bucket, select)

    def remove_retired(self) -> None:
        """Remove files that no reader's state names any more."""
        lease = oldest_lease(self.folder)
        gone = {path for path, since in self.manifest.retired.items() if lease is None or since <= lease}
        if gone:
            left = {path: since for path, since in self.manifest.retired.items() if path not in gone}
            self.commit(replace(self.manifest, sequence=self.manifest.sequence + 1, retired=left))
            for path in sorted(gone):
                self._files.remove(self.folder / path)

    def _took(self, arrived: Slice, made: list[File]) -> None:
        place = Place(arrived.topic, arrived.partition, arrived.after, arrived.digest)
        self.commit(replace(self.manifest.read_up_to(place).changed([], made), versions=self._versions()))

    def _versions(self) -> dict[str, int]:
        return {name: feed.version for name, feed in sorted(self._contracts.feeds.items())}

    def _follow(self, log: Log, aliases: int) -> bool:
        """Whether the log is another one than last time or lost something that was read; then history begins anew."""
        known, same = dict(self.manifest.log), {"generation": log.generation, "aliases": str(aliases)}
        places = [(each.topic, each.partition, each.next, each.digest) for each in self.manifest.places]
        again = known.get("era") != log.era
        other = any(known.get(name) != value for name, value in same.items()) or lost(log, places, again)
        if other:
            self.commit(replace(self.manifest.changed(self.manifest.files, []), places=(), log={**same, "era": log.era}))
        elif again:
            self.commit(replace(self.manifest, sequence=self.manifest.sequence + 1, log={**same, "era": log.era}))
        return other and bool(known)

    def _file(self, table: Table, rows: pa.Table) -> Iterator[File]:
        """New rows of a table into one file a bucket."""
        self.connection.register(BATCH, rows)
        try:
            run(self.connection, f"create or replace temp table coming as select {table.columns}, {table.bucket} as bucket from ({self._new_sql(table)})")
        finally:
            self.connection.unregister(BATCH)
        for (bucket,) in run(self.connection, "select distinct bucket from coming order by bucket"):
            yield self.write(table, bucket, f"select {table.columns} from coming where bucket = {bucket}")
        run(self.connection, "drop table coming")

    def _new_sql(self, table: Table) -> str:
        """The arrived rows, each once, without those that history has. Only what it has of the same deliveries is looked at."""
        named = ", ".join(quoted(column) for column in table.identity)
        once = f"select distinct on ({named}) {table.columns} from {BATCH}"
        files = self.manifest.of(table.name)
        if not files:
            return once
        held = f"select {named} from {paths_sql(self.folder, files)}"
        if "delivery" in table.identity:
            if not number(self.connection, f"select count(*) from {paths_sql(self.folder, files)} semi join {BATCH} using (delivery)"):
                return once
            held += f" where delivery in (select delivery from {BATCH})"
        # `except` over the names: equal nulls are equal, which a join does not say
        return f"select once.* from ({once}) once semi join (select {named} from {BATCH} except {held}) news on {_equal(table.identity)}"

    def _clear(self) -> None:
        """Remove what a writer that died left behind."""
        named = {self.folder / file.path for file in self.manifest.files} | {self.folder / path for path in self.manifest.retired}
        for path in self.folder.rglob("*"):
            if path.name.endswith(UNFINISHED) or (path.suffix == ".parquet" and path not in named):
                self._files.remove(path)


def _equal(columns: tuple[str, ...]) -> str:
    return " and ".join(f"once.{quoted(column)} is not distinct from news.{quoted(column)}" for column in columns)
