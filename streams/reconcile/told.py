"""What a state remembers of what it told others: which golden rows were published and announced, and where the topics ended then."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import duckdb
import pyarrow as pa

from contracts.database import parsed
from contracts.facts import golden_schema
from contracts.model import Contracts
from contracts.ports import Commit
from contracts.topics import CHANGES
from contracts.transaction import transaction
from streams.reconcile.tables import columns


class Told:
    """The part of a state that publishing and announcing ask and write; see `state.State`."""

    def __init__(self, con: duckdb.DuckDBPyConnection, contracts: Contracts, commit: Commit) -> None:
        self._con, self._contracts, self._commit = con, contracts, commit

    @property
    def contracts(self) -> Contracts:
        return self._contracts

    @property
    def version(self) -> int:
        """The version of the newest golden rows."""
        return int(self._meta("version"))

    @property
    def published(self) -> int:
        """The version up to which every golden row was published; -1 where nothing was yet."""
        return int(self._meta("published"))

    @property
    def ends(self) -> dict[str, int]:
        """Where the topics that this state is published on ended when it last wrote them: who finds a nearer end knows that something published was lost."""
        return dict(self._con.execute("select topic, after from ends").fetchall())

    def outbox(self, rows: int = 50_000) -> Iterator[tuple[str, pa.Table]]:
        """Golden rows not yet published, as (kind, table of at most about `rows` rows)."""
        published = int(self._meta("published"))
        for kind in self._contracts.kinds.values():
            if not self._one(f"select count(*) from golden_{kind.name} where version > {published}"):
                continue  # a tenth of the time of planning a select of all columns that gives nothing
            schema = golden_schema(kind, self._contracts.sources(kind.name))
            with self._con.cursor() as cursor:
                reader = cursor.sql(f"select {columns(schema)} from state.golden_{kind.name} where version > {published}").to_arrow_reader(rows)
                for batch in reader:
                    if batch.num_rows:
                        yield kind.name, pa.Table.from_batches([batch], schema)

    @property
    def waiting(self) -> int:
        """How many golden rows are in the outbox."""
        published = self.published
        if published == self.version:
            return 0
        return sum(int(self._one(f"select count(*) from golden_{kind} where version > {published}")) for kind in self._contracts.kinds)

    def clear_outbox(self, topic: str, after: int) -> None:
        """Everything up to now is published, and the topic it was written to ends at `after`."""
        with transaction(self._con, self._commit):
            self._con.execute("update meta set published = version")
            self._remember_end(topic, after)

    def publish_again(self, version: int, after: int) -> None:
        """Every golden row goes into the outbox once more, as later than `version` and than anything published: what was published of it is lost, or overwritten. The changes end at `after`."""
        newer = max(version, self.version) + 1
        with transaction(self._con, self._commit):
            for kind in self._contracts.kinds:
                self._con.execute(f"update golden_{kind} set version = ?", [newer])
            self._con.execute("update meta set published = -1, version = ?", [newer])
            self._remember_end(CHANGES, after)

    def remember_end(self, topic: str, after: int) -> None:
        """The topic ends at `after` now: what is written behind it before this state writes there is another's."""
        with transaction(self._con, self._commit):
            self._remember_end(topic, after)

    def publish_over(self, told: Mapping[str, pa.Table], version: int, topic: str, after: int) -> None:
        """Others published these entities up to `version` meanwhile, and the topic ends at `after`: as this state knows them they go into the outbox, as later than that."""
        newer = max(version, self.version) + 1
        with transaction(self._con, self._commit):
            for kind, entities in told.items():
                name = f"golden_{kind}"
                self._con.register("told_by_others", entities)
                self._con.execute(
                    f"create or replace temp table told_again as select * replace ({newer}::bigint as version) from {name} semi join told_by_others using (entity)"
                )
                self._con.execute(f"delete from {name} where entity in (select entity from told_again)")
                self._con.execute(f"insert into {name} from told_again")
                self._con.unregister("told_by_others")
            self._con.execute("update meta set version = ?", [newer])
            self._remember_end(topic, after)

    @property
    def announced(self) -> int:
        """The version up to which subscribers were told everything; -1 where they must be told everything anew."""
        return int(self._one("select version from announced"))

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """For who announces: it reads golden rows and keeps `told` and `announced`, on the same thread as everything else here."""
        return self._con

    def announced_up_to(self, statements: Iterable[str], ends: Mapping[str, int]) -> None:
        """Subscribers were told: what is remembered of it, and where their topics ended then, in one transaction."""
        with transaction(self._con, self._commit):
            for statement in statements:
                self._con.execute(statement)
            for topic, after in ends.items():
                self._remember_end(topic, after)

    def announce_again(self) -> None:
        """Subscribers are told everything anew."""
        with transaction(self._con, self._commit):
            self._con.execute("update announced set version = -1")

    def take_as_told(self, told: pa.Table) -> None:
        """`told` are the discrepancies that stand open on their topic now; what changes is held against them."""
        with transaction(self._con, self._commit):
            self._con.execute("delete from told")
            self._con.register("standing_open", told)
            self._con.execute("insert into told select * from standing_open")
            self._con.unregister("standing_open")

    def take_tasks_as_told(self, told: pa.Table) -> None:
        """`told` are the tasks that their topic tells as being there; what changes is held against them."""
        with transaction(self._con, self._commit):
            self._con.execute("delete from told_task")
            self._con.register("standing_tasks", told)
            self._con.execute("insert into told_task select * from standing_tasks")
            self._con.unregister("standing_tasks")

    def _remember_end(self, topic: str, after: int) -> None:
        self._con.execute("delete from ends where topic = ?", [topic])
        self._con.execute("insert into ends values (?, ?)", [topic, after])

    def _meta(self, column: str) -> Any:
        return self._one(f"select {column} from meta")

    def _one(self, sql: str) -> Any:
        """The only value of a statement. All rows are fetched: DuckDB 2.0.0 keeps a result open until it is read to its end, and refuses other work meanwhile."""
        rows = self._con.execute(parsed(self._con, sql)).fetchall()
        return rows[0][0] if rows else None
