"""The current file: claims, facts and golden rows as tables, loaded from the log by stored positions.

One process writes it. Every slice of the log is one transaction together with its positions, so that a crash leaves rows and positions agreeing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from types import TracebackType

import duckdb
import pyarrow as pa

from contracts.database import connect
from contracts.facts import FACTS
from contracts.model import Contracts
from contracts.ports import Commit, Log
from contracts.transaction import commit, transaction
from warehouse import load_sql as sql
from warehouse.ahead import ahead
from warehouse.engine import number, prepare, run, speak
from warehouse.errors import WarehouseInUse
from warehouse.schema import fingerprint_of, tables
from warehouse.slices import Slice, Taking, alias_version, lost, slices

TOPICS = ("cabin.claims", "cabin.changes", "cabin.outcomes", "cabin.quarantine")
TOUCHED_AT_MOST = 60_000
"""Beyond this many touched entities remembering them costs more than rebuilding all."""
CHECKPOINT_ROWS = 200_000
"""After a slice this large its half-filled row groups are written at once, so that the next slice reuses their room: a quarter of the file otherwise stays empty."""


Place = tuple[str, int, int, str]
"""Topic, partition, the next offset to read and the digest of the message before it."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What one load added: rows by table. `reloaded`: the log or the contracts were others, so everything was read again. `unreadable`: messages passed over."""

    rows: Mapping[str, int] = field(default_factory=dict)
    reloaded: bool = False
    unreadable: int = 0


class Current:
    """The current file, open for writing."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, path: Path, contracts: Contracts, commit: Commit = commit) -> None:
        self.connection = connection
        self.commit = commit
        self.path = path
        self.contracts = contracts
        self._schemas = tables(contracts)

    @classmethod
    def open(cls, path: Path, contracts: Contracts, *, memory_mb: int = 1500, threads: int = 2, commit: Commit = commit) -> Current:
        """The file at `path`, made where it is missing, emptied where it was made under other contracts or for tables of another shape.

        Raises: `WarehouseInUse` where another process has it open.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        config: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": f"{memory_mb}MB",
            "threads": str(threads),
            "temp_directory": str(path.with_suffix(".tmp")),
        }
        try:
            connection = connect(str(path), config=config)
        except duckdb.IOException as fault:
            raise WarehouseInUse(path=path.name) from fault
        prepare(connection)
        speak(connection, contracts.rules_sql)
        current = cls(connection, path, contracts, commit)
        current._prepare()
        return current

    @property
    def database(self) -> str:
        """The name of the file's database in SQL."""
        return str(run(self.connection, "select current_database()")[0][0])

    def close(self) -> None:
        self.connection.close()

    def __enter__(self) -> Current:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def load(self, log: Log) -> Loaded:
        """Everything the log holds beyond the stored positions, or until it becomes another one: then it must be opened anew. Loading twice adds nothing."""
        aliases = alias_version(log)
        reloaded = self._follow(log, aliases)
        rows: dict[str, int] = {}
        taking = Taking(self._schemas, aliases, self.contracts.fingerprint)
        with self._one_thread():
            for topic, partition in product(TOPICS, range(log.partitions)):
                for arrived in ahead(slices(log, topic, partition, self._start(topic, partition), taking)):
                    if log.moved():  # what was read may stand where something loaded before was lost
                        break
                    self._settle(arrived)
                    for name, table in arrived.tables.items():
                        rows[name] = rows.get(name, 0) + table.num_rows
        self._drop_repeated()
        return Loaded(rows, reloaded, len(taking.unreadable))

    @contextmanager
    def anew(self, log: Log, places: Sequence[Place]) -> Iterator[None]:
        """Inside, the file is filled anew by whoever asks for it, in one transaction; afterwards it stands at these places of the log. Where that fails it is as it was."""
        with self._transaction():
            self._make_empty("generation", log.generation)
            yield
            self._remember("era", log.era)
            self._remember("aliases", str(alias_version(log)))
            for place in places:
                run(self.connection, "insert into positions values (?, ?, ?, ?)", list(place))
        run(self.connection, "checkpoint")

    @contextmanager
    def _one_thread(self) -> Iterator[None]:
        """Inserts take a fifth less processor time on one thread, and the other core decodes the next slice meanwhile."""
        threads = number(self.connection, "select current_setting('threads')")
        run(self.connection, "set threads = 1")
        try:
            yield
        finally:
            run(self.connection, f"set threads = {threads}")

    @property
    def unpublished(self) -> bool:
        """Whether something was loaded since the last snapshot: also where whoever loaded it died before publishing."""
        return self.meta("settled") != json.dumps(self.positions())

    def positions(self) -> dict[str, list[int]]:
        """The next offset to read, per topic in partition order; 0 for partitions of which nothing was read."""
        found: dict[str, list[int]] = {}
        for topic, part, after in run(self.connection, "select topic, part, next from positions order by topic, part"):
            ends = found.setdefault(topic, [])
            ends += [0] * (part - len(ends)) + [after]
        return found

    def meta(self, name: str) -> str | None:
        rows = run(self.connection, "select value from meta where name = ?", [name])
        return str(rows[0][0]) if rows else None

    def sealed(self, snapshot: str) -> None:
        """The snapshot is whole and about to be pointed to."""
        with self._transaction():
            self._remember("pending", snapshot)

    def _remember(self, name: str, value: str) -> None:
        run(self.connection, "delete from meta where name = ?", [name])
        run(self.connection, "insert into meta values (?, ?)", [name, value])

    def settled(self, snapshot: str) -> None:
        """The snapshot is published: nothing is touched any more since it."""
        with self._transaction():
            run(self.connection, "delete from touched; delete from touched_delivery; delete from arrivals; delete from meta where name = 'touched_all'")
            self._remember("base", snapshot)
            self._remember("settled", json.dumps(self.positions()))

    def _transaction(self) -> AbstractContextManager[None]:
        return transaction(self.connection, self.commit)

    def _prepare(self) -> None:
        with self._transaction():
            run(self.connection, sql.META_SQL)
        made_for = f"{self.contracts.fingerprint}/{fingerprint_of(self._schemas)}/{sql.KEPT_FORMAT}"
        if self.meta("made_for") != made_for:
            self._empty("made_for", made_for)

    def _follow(self, log: Log, aliases: int) -> bool:
        """Whether the log is another one than last time, lost something that was loaded, or was made under other `aliases`; then the file is emptied."""
        same, loaded = self.meta("generation") == log.generation and self.meta("aliases") == str(aliases), self.meta("era") is not None
        again = self.meta("era") != log.era
        if not same or lost(log, run(self.connection, "select topic, part, next, digest from positions"), again):
            self._empty("generation", log.generation)
            same, again = False, True
        if again:
            with self._transaction():
                self._remember("era", log.era)
                self._remember("aliases", str(aliases))
        return loaded and not same

    def _empty(self, name: str, value: str) -> None:
        """All tables anew, and what they are made for remembered."""
        with self._transaction():
            self._make_empty(name, value)

    def _make_empty(self, name: str, value: str) -> None:
        for table, schema in self._schemas.items():
            run(self.connection, f'drop table if exists "{table}"')
            self._register(schema.empty_table())
            run(self.connection, sql.create_sql(table))
        run(self.connection, sql.KEPT_SQL)
        run(self.connection, "delete from meta where name in ('base', 'era', 'generation', 'settled')")
        self._remember("touched_all", "true")
        self._remember(name, value)

    def _start(self, topic: str, partition: int) -> int:
        ends = self.positions().get(topic, [])
        return ends[partition] if partition < len(ends) else 0

    def _settle(self, arrived: Slice) -> None:
        """One transaction: the rows of a slice, what they touch, and the position after them."""
        place = [arrived.topic, arrived.partition]
        try:
            with self._transaction():
                for name, table in arrived.tables.items():
                    self._add(name, table)
                run(self.connection, "delete from positions where topic = ? and part = ?", place)
                run(self.connection, "insert into positions values (?, ?, ?, ?)", [*place, arrived.after, arrived.digest])
        finally:
            self.connection.unregister(sql.BATCH)
        if sum(table.num_rows for table in arrived.tables.values()) >= CHECKPOINT_ROWS:
            run(self.connection, "checkpoint")

    def _add(self, name: str, table: pa.Table) -> None:
        self._register(table)
        if name.startswith("golden_"):
            self._renew(name)
        elif name in FACTS or name in ("outcome", "quarantined"):
            run(self.connection, sql.unite_sql(name))
            self._touch_deliveries(name)
        else:
            run(self.connection, sql.append_sql(name))
            run(self.connection, sql.arriving_sql(name))
        run(self.connection, sql.arrived_sql(name))
        self._touch(name, table.num_rows)

    def _renew(self, name: str) -> None:
        """The last version of each entity wins, within what arrived and against what is held."""
        if number(self.connection, sql.repeated_sql()):
            self._register(self.connection.sql(sql.newest_sql()).to_arrow_table())
        if number(self.connection, f'select count(*) from (select 1 from "{name}" limit 1)'):
            self._register(self.connection.sql(sql.fresh_sql(name)).to_arrow_table())
            run(self.connection, sql.delete_sql(name))
        run(self.connection, sql.append_sql(name))

    def _touch(self, name: str, rows: int) -> None:
        """Remember which entities the next publish must look at."""
        group, _, kind = name.partition("_")
        if name in sql.VOICES_SQL and not self.meta("touched_all") and number(self.connection, sql.voicing_sql(name)):
            run(self.connection, sql.touch_voiced_sql(name))
        subject = (f"'{kind}'", "entity") if group in ("claim", "golden") and kind else sql.SUBJECT_COLUMNS.get(name)
        if subject is None or self.meta("touched_all"):
            return
        if rows + number(self.connection, "select count(*) from touched") > TOUCHED_AT_MOST:
            self._remember("touched_all", "true")
            return
        run(self.connection, sql.touch_sql(*subject))

    def _touch_deliveries(self, name: str) -> None:
        """Remember of which deliveries the next publish must count anew what was set aside."""
        if name in ("outcome", "quarantined") and not self.meta("touched_all"):
            run(self.connection, sql.touch_delivery_sql())

    def _drop_repeated(self) -> None:
        """Claims that a producer sent twice count once."""
        with self._transaction():
            for (name,) in run(self.connection, "select distinct name from unchecked order by name"):
                run(self.connection, sql.doubled_sql(name))
            run(self.connection, "delete from unchecked")

    def _register(self, table: pa.Table) -> None:
        self.connection.register(sql.BATCH, table)
