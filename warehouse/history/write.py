"""Facts of the log into Parquet files, by stored positions. What one reading of the log gives counts together, when the manifest is renamed at its end: no reader sees a part of it,
and whoever dies before leaves the state before, and files that no manifest names, which the next writer removes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from contracts.database import connect
from contracts.engine import options_sql
from contracts.model import Contracts
from contracts.ports import Log
from warehouse.engine import number, run
from warehouse.engine import quoted as quoted_path
from warehouse.errors import HistoryAhead, HistoryOfAnotherLog, HistoryUnreadable
from warehouse.files import UNFINISHED, Files, LocalFiles
from warehouse.history.gather import Batch, LogMoved, batches
from warehouse.history.layout import MIXED, SPLIT_ROWS, Table, history_tables, quoted
from warehouse.history.lock import newest_lease, oldest_lease, only_writer
from warehouse.history.manifest import File, Manifest, read_manifest, write_manifest
from warehouse.history.parquet import EPOCH, rows_sql, write_parquet
from warehouse.slices import Taking, alias_version, lost

BATCH = "arrived"
ASKING = "asking"
"""The folder in which readers compute and the writer spills."""


@dataclass(frozen=True, slots=True)
class Added:
    """What one reading of the log added: rows by table. `moved`: the log became another one meanwhile, so nothing was added. `unreadable`: messages passed over."""

    rows: Mapping[str, int] = field(default_factory=dict)
    moved: bool = False
    unreadable: int = 0


class History:
    """A history open for writing; make one with `open`."""

    def __init__(self, folder: Path, contracts: Contracts, connection: duckdb.DuckDBPyConnection, files: Files, split_rows: int) -> None:
        self.folder = folder
        self.connection = connection
        self.manifest = Manifest()
        self._anew = False
        self.tables = history_tables(contracts, split_rows)
        self._contracts = contracts
        self._files = files

    @classmethod
    @contextmanager
    def open(
        cls, folder: Path, contracts: Contracts, *, memory_mb: int = 1500, files: Files | None = None, anew: bool = False, split_rows: int = SPLIT_ROWS
    ) -> Iterator[History]:
        """The only writer of the history in `folder`, which is made where it is missing; what a writer that died left is removed.

        `anew`: as if nothing was written yet, also where the manifest cannot be read; readers keep what they have until the next commit. `split_rows`: so many rows of a table are divided by bucket.
        Raises: `HistoryInUse`; unless `anew`: `HistoryUnreadable`, `HistoryAhead`.
        """
        with only_writer(folder), connect() as connection:
            connection.execute(options_sql(1, f"{memory_mb}MB") + "set preserve_insertion_order = true")
            (folder / ASKING).mkdir(exist_ok=True)
            connection.execute(f"set temp_directory = '{quoted_path(folder / ASKING / 'writer')}'")
            history = cls(folder, contracts, connection, files or LocalFiles(), split_rows)
            history._begin(anew)
            history._clear()
            yield history

    def append(self, log: Log) -> Added:
        """Everything the log holds beyond the stored positions; a second time nothing. Rows told twice are kept once, as they were told first.

        Raises: `HistoryOfAnotherLog`, `HistoryBehindLog`; then nothing is added.
        """
        aliases = alias_version(log)
        begun = replace(self.manifest.changed(self.manifest.files, []), positions=(), log={}) if self._anew else self.manifest
        same_log(begun, log, aliases)
        taking = Taking({name: table.schema for name, table in self.tables.items()}, aliases, self._contracts.fingerprint)
        read = replace(begun, log={"generation": log.generation, "aliases": str(aliases), "era": log.era}, versions=self._versions())
        try:
            for batch in batches(log, begun, taking):
                read = self._took(read, batch)
        except LogMoved:
            return Added(moved=True)
        if read.positions != begun.positions or read.log != begun.log:
            self.commit(replace(read, sequence=begun.sequence + 1))
            self._anew = False
        self.remove_retired()
        held = {file.path for file in begun.files}
        rows: dict[str, int] = {}
        for file in self.manifest.files:
            if file.path not in held:
                rows[file.table] = rows.get(file.table, 0) + file.rows
        return Added(rows, unreadable=len(taking.unreadable))

    def commit(self, manifest: Manifest) -> None:
        """The manifest counts from here on."""
        write_manifest(self.folder, manifest, self._files)
        self.manifest = manifest

    def write(self, table: Table, select: str) -> list[File]:
        """The rows of a select as new files on disk, by bucket where there are many; each counts as soon as a manifest that names it is committed."""
        run(self.connection, f"create or replace temp table coming as {select}")
        rows = number(self.connection, "select count(*) from coming")
        if not table.divided(rows):
            made = [self.write_into(table, 0 if table.key is None else MIXED, "from coming")] if rows else []
        else:
            buckets = run(self.connection, f"select distinct {table.bucket} from coming order by all")
            made = [self.write_into(table, bucket, f"select * from coming where {table.bucket} = {bucket}") for (bucket,) in buckets]
        run(self.connection, "drop table coming")
        return made

    def write_into(self, table: Table, bucket: int, select: str) -> File:
        """The rows of a select, all of one bucket, as one new file."""
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

    def _begin(self, anew: bool) -> None:
        try:
            held = read_manifest(self.folder)
        except HistoryUnreadable:
            if not anew:
                raise
            held = Manifest(sequence=newest_lease(self.folder) + 1)  # no reader may take its state for one that comes
        self.manifest, self._anew = held, anew
        ahead_of = next((file.table for file in held.files if not self._knows(file)), None)
        if ahead_of is not None and not anew:
            raise HistoryAhead(table=ahead_of)

    def _knows(self, file: File) -> bool:
        table = self.tables.get(file.table)
        return table is not None and set(file.columns) <= set(table.schema.names)

    def _took(self, read: Manifest, batch: Batch) -> Manifest:
        """The state with a batch's rows in files."""
        made = [file for name, rows in batch.tables.items() for file in self._file(self.tables[name], rows, read)]
        files = tuple({file.path: file for file in (*read.files, *made)}.values())
        retired = {path: since for path, since in read.retired.items() if path not in {file.path for file in made}}
        for reached in batch.reached:
            read = read.read_up_to(reached)
        return replace(read, files=files, retired=retired)

    def _versions(self) -> dict[str, int]:
        return {name: feed.version for name, feed in sorted(self._contracts.feeds.items())}

    def _file(self, table: Table, rows: pa.Table, read: Manifest) -> list[File]:
        """New rows of a table into files."""
        self.connection.register(BATCH, rows)
        try:
            return self.write(table, self._new_sql(table, rows, read))
        finally:
            self.connection.unregister(BATCH)

    def _new_sql(self, table: Table, rows: pa.Table, read: Manifest) -> str:
        """The arrived rows, each once, without those that the state has. Only what it has of the same deliveries, or of none, is looked at, in files with recordings of then:
        a row told again is told with the moment at which it was recorded."""
        named = ", ".join(quoted(column) for column in table.identity)
        once = f"select {table.columns} from {BATCH}"
        if number(self.connection, f"select count(*) - (select count(*) from (select distinct {named} from {BATCH})) from {BATCH}"):
            once += f" qualify row_number() over (partition by {named} order by recorded_at) = 1"
        oldest = pc.min(rows.column("recorded_at")).as_py() or EPOCH
        files = [file for file in read.of(table.name) if file.newest >= oldest]
        if not files:
            return once
        same = f"delivery is null or delivery in (select delivery from {BATCH})" if "delivery" in table.schema.names else "true"
        held = rows_sql(self.folder, files, table, same)
        if not number(self.connection, f"select count(*) from ({held})"):
            return once
        # `except` over the names: equal nulls are equal, which a join does not say
        return f"select once.* from ({once}) once semi join (select {named} from {BATCH} except select {named} from ({held})) news on {_equal(table.identity)}"

    def _clear(self) -> None:
        """Remove what writers that died left behind, and readers, where none is left."""
        named = {self.folder / file.path for file in self.manifest.files} | {self.folder / path for path in self.manifest.retired}
        nobody = oldest_lease(self.folder) is None
        for path in [*self.folder.glob("*/bucket=*/*"), *self.folder.glob(f"*{UNFINISHED}")]:
            if path.name.endswith(UNFINISHED) or (nobody and path not in named):
                self._files.remove(path)
        if nobody:
            for path in self.folder.glob(f"{ASKING}/**/*"):
                if path.is_file():
                    self._files.remove(path)


def renamed(folder: Path, log: Log) -> bool:
    """Whether the log was derived anew under a later version of the alias table than history was loaded under. Raises: `HistoryUnreadable`."""
    known = read_manifest(folder).log
    return bool(known) and int(known["aliases"]) < alias_version(log)


def same_log(begun: Manifest, log: Log, aliases: int) -> None:
    """Raises: `HistoryOfAnotherLog` where the log is another one than last time, or lost something that was read."""
    known = begun.log
    if not known:
        return
    positions = [(each.topic, each.partition, each.next, each.digest) for each in begun.positions]
    if (known["generation"], known["aliases"]) != (log.generation, str(aliases)) or lost(log, positions, known["era"] != log.era):
        raise HistoryOfAnotherLog()


def _equal(columns: tuple[str, ...]) -> str:
    return " and ".join(f"once.{quoted(column)} is not distinct from news.{quoted(column)}" for column in columns)
