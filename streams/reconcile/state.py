"""The state of one partition of claims: facts in, golden rows kept, changes to publish. One DuckDB file, one thread.

Nothing in it cannot be rebuilt from the log, so a state that does not fit (other contracts, other partition, unreadable) is discarded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa

from contracts import notices, tasks
from contracts.database import parsed
from contracts.facts import FACTS, golden_schema
from contracts.golden import Relations, golden_sql
from contracts.golden.plan import Plan, counted
from contracts.model import Contracts, Kind
from contracts.partition import Share
from contracts.planning import heard_among, planned_for
from contracts.ports import Commit
from contracts.transaction import commit, transaction
from streams.reconcile import prune, touched
from streams.reconcile.errors import HistoryNeeded
from streams.reconcile.file import connected
from streams.reconcile.tables import ENDS, FORMAT, META, SNAPSHOTS_SEEN, VOID_SEEN, columns, stored, table_of
from streams.reconcile.told import Told

Fact = tuple[str, pa.Table]
"""A fact type (`claim.person`, `finding`, ...) and rows of its shape."""
APPEND_ROWS = 200_000
MEMORY_LIMIT = "1200MB"


class State(Told):
    """See the module; make one with `open`, use it as a context manager."""

    def __init__(self, con: duckdb.DuckDBPyConnection, contracts: Contracts, share: Share, commit: Commit = commit) -> None:
        super().__init__(con, contracts, commit)
        self._stored = stored(contracts)
        self.share = share
        self.begun = 0
        """How often this object was emptied: what was planned over an earlier content is void."""

    @classmethod
    def open(
        cls,
        path: Path,
        contracts: Contracts,
        share: Share,
        *,
        pruned: bool = True,
        memory_limit: str = MEMORY_LIMIT,
        commit: Commit = commit,
    ) -> State:
        """The state at `path` (`:memory:` for none on disk), emptied where it was made for something else.

        `pruned` counts when a state is begun: whether it may forget claims (reconcile.md, section 7). Raises: `StateInUse`.
        """
        state = cls(connected(path, contracts, share.partition, memory_limit), contracts, share, commit)
        if state._kept() != (state._fingerprint(), *share):
            state.discard(pruned=pruned)
        return state

    def __enter__(self) -> State:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._con.close()

    @property
    def partition(self) -> int:
        return self.share.partition

    @property
    def shapes(self) -> dict[str, pa.Schema]:
        """The fact types this state takes in, and the columns each must have."""
        return {**FACTS, **{f"claim.{kind}": self._stored[f"claim_{kind}"] for kind in self._contracts.kinds}}

    @property
    def applied(self) -> int:
        """The next offset of `cabin.claims` to read."""
        return int(self._meta("applied"))

    @property
    def generation(self) -> str | None:
        """The generation of the log the state was folded from; None while nothing is applied."""
        value = self._meta("generation")
        return None if value is None else str(value)

    @property
    def digest(self) -> str:
        """The digest of the message before `applied`, as `settle` was given it."""
        return str(self._meta("digest"))

    def discard(self, *, pruned: bool | None = None, version: int = -1) -> None:
        """Empty the state, to be folded anew from offset 0. Golden rows get versions above `version`, so that they count as later than any published before."""
        self.begun += 1
        keeps = self._meta("prune") if pruned is None else pruned
        with transaction(self._con, self._commit):
            for (name,) in self._con.sql("select table_name from duckdb_tables() where not temporary and database_name = current_database()").fetchall():
                self._con.execute(f'drop table "{name}"')
            for name, schema in self._stored.items():
                self._con.register("shape", schema.empty_table())
                self._con.execute(f"create table {name} as from shape")
            for statement in (META, SNAPSHOTS_SEEN, VOID_SEEN, ENDS, *notices.TABLES, *tasks.TABLES):
                self._con.execute(statement)
            self._con.execute("insert into meta values (?, ?, ?, ?, null, 0, '', ?, -1, 0)", [self._fingerprint(), *self.share, keeps, version])

    def settle(self, facts: Iterable[Fact], next_offset: int | Callable[[], int], *, generation: str | None = None, digest: Callable[[], str] = str) -> None:
        """Take facts in and bring every golden row they touch up to date, in one transaction; then forget what can never count again.

        `next_offset` (where it is only known then) and `digest` are asked after the last fact was taken. Facts may repeat and come in any order.
        Raises: `HistoryNeeded` from a pruned state.
        """
        with transaction(self._con, self._commit):
            arrived = self._append(facts)
            stirred = self._touch(arrived)
            after = next_offset if isinstance(next_offset, int) else next_offset()
            version = max(after - 1, self.version + 1)
            self._con.execute(f"set variable settled = {version}")  # not a part of the golden statements, which so are the same every time
            for kind in self._contracts.kinds.values():
                self._refresh(kind, version)
            self._con.execute(
                "update meta set applied = ?, version = ?, digest = ?, generation = coalesce(?, generation)", [after, version, digest(), generation]
            )
        if self._meta("prune"):
            self._forget(stirred)

    def golden(self, kind: str) -> pa.Table:
        """All golden rows of a kind, tombstones included, in no order."""
        schema = golden_schema(self._contracts.kinds[kind], self._contracts.sources(kind))
        return self._con.sql(f"select {columns(schema)} from golden_{kind}").to_arrow_table()

    def claims(self, kind: str) -> int:
        """How many claims of a kind the state holds."""
        return int(self._one(f"select count(*) from claim_{kind}"))

    def _append(self, facts: Iterable[Fact]) -> set[str]:
        """Store facts; claims also name what they touch. Gives the fact types that came."""
        for fact in FACTS:
            self._con.execute(f"create or replace temp table new_{fact} as from {fact} limit 0")
        for kind in self._contracts.kinds:
            self._con.execute(f"create or replace temp table touched_{kind} (entity varchar)")
        self._con.execute("create or replace temp table complete_before as from complete_seen")
        arrived: set[str] = set()
        waiting: dict[str, list[pa.Table]] = {}
        held: dict[str, int] = {}
        for fact, rows in facts:
            waiting.setdefault(fact, []).append(rows)
            held[fact] = held.get(fact, 0) + rows.num_rows
            if held[fact] >= APPEND_ROWS:
                arrived |= self._store(fact, waiting.pop(fact))
                held[fact] = 0
        for fact, tables in waiting.items():
            arrived |= self._store(fact, tables)
        return arrived

    def _store(self, fact: str, tables: Sequence[pa.Table]) -> set[str]:
        name = table_of(fact)
        given = columns(self._stored[name])
        self._con.register("arriving", pa.concat_tables(tables))
        if fact in FACTS:
            self._con.execute(f"create or replace temp table unheard as select {given} from arriving except select * from {name}")
            self._con.execute(f"insert into {name} from unheard")
            self._con.execute(f"insert into new_{fact} from unheard")
        else:
            self._con.execute(f"insert into {name} select {given} from arriving")
            self._con.execute(f"insert into touched_{fact.removeprefix('claim.')} select distinct entity from arriving")
        self._con.unregister("arriving")
        return {fact}

    def _touch(self, arrived: set[str]) -> set[str]:
        """Fill `touched_<kind>` with everything the new facts concern; gives what was stirred besides."""
        stirred = self._reconsider(arrived) if arrived & {"closed", "chunk", "switch"} else set()
        if self._meta("forgotten") and (arrived | stirred) & {"presence", "closed", "chunk", "switch"} and self._revives(stirred):
            raise HistoryNeeded(partition=self.partition)
        arrived = arrived | stirred
        for kind in self._contracts.kinds:
            for fact, sql in touched.touched_sqls(kind).items():
                if fact in arrived:
                    self._con.execute(f"insert into touched_{kind} {sql}")
            if counted(self._contracts.kinds[kind]) and arrived & {"roster", "verification"}:
                self._con.execute(f"insert into touched_{kind} {touched.homes_sql(*self.share)}")
        if "residency" in self._contracts.kinds:
            if arrived & {"roster", "verification", "visit"}:
                self._con.execute(f"insert into touched_residency {touched.links_sql(*self.share)}")
            self._con.execute(f"insert into touched_residency {touched.siblings_sql()}")
        return stirred

    def _reconsider(self, arrived: set[str]) -> set[str]:
        """Find snapshots and deliveries whose standing changed; gives the further fact types they stir."""
        stirred = set()
        for name, seen, sql in (
            ("snapshots", "complete_seen", touched.complete_sql(self._any_plan)),
            ("deliveries", "void_seen", touched.void_sql(self._any_plan)),
        ):
            self._con.execute(parsed(self._con, f"create or replace temp table standing as {sql}"))
            self._con.execute(f"create or replace temp table changed_{name} as {touched.changed_sql('standing', seen)}")
            self._con.execute(f"delete from {seen}")
            self._con.execute(f"insert into {seen} from standing")
            if self._one(f"select count(*) from changed_{name}"):
                stirred.add(name)
        if "deliveries" in stirred or "closed" in arrived:
            for fact in touched.RESTIRRED:
                self._con.execute(f"insert into new_{fact} {touched.restirred_sql(fact)}")
            stirred |= set(touched.RESTIRRED)
        return stirred

    def _revives(self, stirred: set[str]) -> bool:
        """Whether this batch could make a forgotten claim count again."""
        return "deliveries" in stirred or bool(self._one(prune.revives_sql(self._any_plan, list(self._contracts.kinds))))

    def _refresh(self, kind: Kind, version: int) -> None:
        """Recompute the touched entities of a kind; store those whose row really changed under the new version."""
        touched = self._one(f"select count(*) from touched_{kind.name}")
        if not touched:
            return
        name, relations = f"golden_{kind.name}", Relations.of(kind.name)
        heard = heard_among(self._con, kind, relations, touched)
        schema = golden_schema(kind, self._contracts.sources(kind.name))
        values = ", ".join(f'"{column}"' for column in schema.names if column != "version")
        empty = not self._one(f"select count(*) from {name}")
        golden = golden_sql(kind, self._contracts, relations, heard)
        fresh = f"select {values}, getvariable('settled')::bigint as version, hash({values}) as digest from ({golden})"
        known = "" if empty else f" anti join {name} old using (entity, digest)"
        with planned_for(self._con, touched):
            self._con.execute(parsed(self._con, f"insert into {name} select * from ({fresh}) fresh{known}"))
        if not empty:
            self._con.execute(f"delete from {name} where version < {version} and entity in (select entity from {name} where version = {version})")

    def _forget(self, stirred: set[str]) -> None:
        """Drop what reconcile.md, section 7, allows to drop: after a snapshot the unlisted, among touched entities the replaced.

        A transaction of its own: what is forgotten never mattered, so a crash before it loses nothing, and the engine (DuckDB 2.0.0) was seen to die
        while deleting rows that the same transaction had appended.
        """
        with transaction(self._con, self._commit):
            self._drop(stirred)

    def _drop(self, stirred: set[str]) -> None:
        partial = [name for name, feed in self._contracts.feeds.items() if feed.partial]
        before = sum(self.claims(kind) for kind in self._contracts.kinds)
        for kind in self._contracts.kinds:
            if "snapshots" in stirred:
                self._con.execute(parsed(self._con, prune.unlisted_sql(kind)))
            if self._one(f"select count(*) from touched_{kind}"):
                self._con.execute(parsed(self._con, prune.replaced_sql(kind, partial)))
        after = sum(self.claims(kind) for kind in self._contracts.kinds)
        self._con.execute("update meta set forgotten = forgotten + ?", [before - after])

    @property
    def _any_plan(self) -> Plan:
        """A plan for the steps that are the same for every kind."""
        kind = next(iter(self._contracts.kinds.values()))
        return Plan.of(kind, self._contracts, Relations.of(kind.name))

    def _fingerprint(self) -> str:
        return f"{FORMAT}/{duckdb.__version__}/{self._contracts.fingerprint}"

    def _kept(self) -> tuple[str, int, int] | None:
        if not self._one("select count(*) from duckdb_tables() where table_name = 'meta'"):
            return None
        rows = self._con.execute("select fingerprint, partition, partitions from meta").fetchall()
        return (rows[0][0], rows[0][1], rows[0][2]) if rows else None
