"""Fill a snapshot attached as `snap`: wide tables, marts, search, about. Whole, or by what changed since the snapshot it was copied from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import duckdb

from contracts.golden.plan import text
from contracts.model import Contracts, Mart
from contracts.planning import planned_for
from warehouse import build_sql as sql
from warehouse.catalogue import MartFile, with_relations
from warehouse.engine import number, run
from warehouse.errors import MartBreaksContract
from warehouse.faults import in_mart
from warehouse.relations import Relation, relations
from warehouse.search import search_sql
from warehouse.suppress import Released, Shape, suppressed
from warehouse.wide import wide_name, wide_sql

SHARED = ("asking", "asked", "fate")
"""Compiled relations that are small and read by several marts, or made for some kinds only: made once per snapshot."""
KEPT = ("in_force", "checked", "claim_count")
"""Compiled relations that a snapshot keeps as tables for the next one: a small change makes them anew for the kinds it concerns."""
SEEN = ("delivered", "voided")
"""Compiled relations that a snapshot keeps as tables so that the next one sees what is new about them: every delivery adds to what they are made from, and few change them."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a snapshot is built from and for which moment. `name_key`: the secret under which parts of names are searchable.
    `released`: what was published by area before, which grows by what this one hides or shows."""

    contracts: Contracts
    marts: Mapping[str, MartFile]
    moment: datetime
    name_key: str
    about: Mapping[str, str]
    released: Released = field(default_factory=Released)


class Builder:
    """Builds into `snap` over a connection whose current database is the current file."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, main: str, order: Order) -> None:
        self._connection = connection
        self._current = main
        self._order = order
        self._all = relations(order.contracts, order.moment)
        self._compiled = self._unmade(self._all)

    def _unmade(self, compiled: Mapping[str, Relation]) -> dict[str, Relation]:
        """Those that are no table here by the time a mart reads them."""
        return {name: relation for name, relation in compiled.items() if name not in (*SEEN, *SHARED, *KEPT)}

    def whole(self) -> None:
        """Everything anew into an empty snapshot."""
        self._moment()
        for kind in self._order.contracts.kinds.values():
            self._run(f"create table snap.{wide_name(kind.name)} as {wide_sql(self._order.contracts, kind)}")
        for name in (*SEEN, *KEPT):
            self._run(f"create table snap.{name} as {self._all[name].sql}")
        self._share(whole=True)
        for file in self._order.marts.values():
            self._make(file)
        for name, relation in self._views().items():
            self._run(f"create or replace view snap.{name} as {with_relations(relation.sql, relation.reads, self._compiled)}")
        self._finish(search=True)

    def changed(self, before: datetime) -> None:
        """Bring a copy of the last snapshot, whose moment was `before`, up to date: what `touched` reaches, and marts that rest on what changed, or on a day that has ended."""
        same_day = before.date() == self._order.moment.date()
        self._run(sql.reach_sql(before, self._order.moment))
        self._moment()
        changed = {*self._named(f"select name from {self._current}.main.arrivals"), *map(wide_name, self._reached())}
        for kind in self._reached():
            self._renew_wide(kind)
        self._run(sql.links_sql())
        reached = self._reached()
        delivered = self._delivered()
        changed |= self._voided()
        kept = [kind for kind in self._spoken_of() if kind in reached or kind in delivered or not same_day]
        self._keep(kept)
        changed |= set(KEPT) if kept else set()
        self._share(whole=False)
        parts = self._unmade(self._relations(reached)) if reached else {}
        for file in self._order.marts.values():
            if file.follows and not file.view:
                if reached:
                    self._renew(file, parts)
                    changed.add(file.name)
            elif not file.lasting and (not same_day or (not file.view and not changed.isdisjoint(self._rests_on(file.reads)))):
                self._run(f"drop {'view' if file.view else 'table'} if exists snap.{file.name}")
                self._make(file)
                changed.add(file.name)
        self._finish(search=False)

    def _rests_on(self, reads: Iterable[str]) -> set[str]:
        """The tables, kept relations and marts that some relations come from."""
        found: set[str] = set()
        waiting = list(reads)
        while waiting:
            name = waiting.pop()
            if name in self._all and name not in (*KEPT, "voided"):
                waiting += self._all[name].reads
            else:
                found.add(name)
        return found

    def _delivered(self) -> set[str]:
        """The kinds with rows of deliveries whose week was not known before, or was a later one: a delivery may be told of after its rows. `delivered` is made anew."""
        self._run(f"create or replace temp table delivered_now as {self._all['delivered'].sql}")
        self._run("create or replace temp table dated as (from delivered_now except from snap.delivered)")
        self._run("create or replace table snap.delivered as from delivered_now")
        sources = set(self._named("select distinct source from dated"))
        kinds = {kind: sources.intersection(self._order.contracts.sources(kind)) for kind in self._spoken_of()}
        return {kind for kind, found in kinds.items() if found and self._named(sql.dated_sql(wide_name(kind), found))}

    def _voided(self) -> set[str]:
        """`voided` by its name where other deliveries or feeds than before do not count; it is made anew then."""
        self._run(f"create or replace temp table voided_now as {self._all['voided'].sql}")
        if not self._named(
            "(select coalesce(source, delivery) from (from voided_now except from snap.voided)) union all (select coalesce(source, delivery) from (from snap.voided except from voided_now))"
        ):
            return set()
        self._run("create or replace table snap.voided as from voided_now")
        return {"voided"}

    def _spoken_of(self) -> list[str]:
        """The kinds that some feed speaks about."""
        return [kind for kind in self._order.contracts.kinds if self._order.contracts.sources(kind)]

    def _keep(self, kinds: Sequence[str]) -> None:
        """The kept relations anew for these kinds."""
        if not kinds:
            return
        parts = self._relations(kinds)
        for name in KEPT:
            self._run(f"delete from snap.{name} where kind in ({', '.join(map(text, kinds))})")
            if parts[name].sql:  # of kinds that no visit can speak about nothing was ever checked
                self._run(f"insert into snap.{name} by name {parts[name].sql}")

    def _relations(self, kinds: Sequence[str]) -> dict[str, Relation]:
        """The compiled relations of some kinds."""
        return relations(self._order.contracts, self._order.moment, kinds)

    def _reached(self) -> list[str]:
        """The kinds of which any entity is reached: planning a statement for the others costs more than all the rest of a small change."""
        return self._named("select distinct kind from reached order by kind")

    def _moment(self) -> None:
        run(self._connection, "create or replace table snap.moment as select ?::timestamp_ms as known_at", [self._order.moment])

    def _share(self, whole: bool) -> None:
        read = {name for file in self._order.marts.values() for name in file.reads}
        read |= {other for name in read & self._compiled.keys() for other in self._compiled[name].reads}
        for name in SHARED:
            if name not in read:
                continue
            relation = self._all[name]
            chosen = relation.by_kind
            made = chosen.made(self._named(chosen.whole if whole else chosen.reached)) if chosen else relation.sql
            self._run(f"create or replace temp table {name} as {with_relations(made, relation.reads, self._compiled)}")

    def _named(self, kinds_sql: str) -> list[str]:
        return [str(kind) for (kind,) in run(self._connection, kinds_sql)]

    def _make(self, file: MartFile) -> None:
        with in_mart(file.name):
            self._fill(file)
        check_columns(self._connection, file.name, self._order.contracts.marts.get(file.name))

    def _fill(self, file: MartFile) -> None:
        kept = "view" if file.view else "table"
        if file.suppress:
            shape = Shape(file.name, file.grain, file.suppress)
            made = suppressed(self._connection.sql(self._select(file)).to_arrow_table(), shape, self._order.released)
            self._connection.register("releasing", made)
            self._run(f"create table snap.{file.name} as select * from releasing")
            self._connection.unregister("releasing")
        else:
            self._run(f"create {kept} snap.{file.name} as {self._select(file)}")

    def _select(self, file: MartFile) -> str:
        return with_relations(file.sql, file.reads, self._compiled)

    def _renew_wide(self, kind: str) -> None:
        name = wide_name(kind)
        touched = f"select entity from reached where kind = '{kind}'"
        self._run(f"delete from snap.{name} where entity in ({touched})")
        golden = {f"golden_{kind}": f"select * from {self._current}.main.golden_{kind} where entity in ({touched})"}
        made = with_relations(wide_sql(self._order.contracts, self._order.contracts.kinds[kind]), tuple(golden), {}, golden)
        with planned_for(self._connection, number(self._connection, f"select count(*) from ({touched})")):
            self._run(f"insert into snap.{name} by name {made}")

    def _renew(self, file: MartFile, parts: Mapping[str, Relation]) -> None:
        """Delete the rows of touched entities, make them anew from the touched part of the relation the mart follows; `parts`: the relations of the kinds reached."""
        follows = file.follows
        assert follows is not None
        self._run(f"delete from snap.{file.name} where ({follows.kind}, {follows.mart_entity}) in (select kind, entity from reached)")
        relation = parts.get(follows.relation)
        whole = relation.sql if relation else f"select * from {follows.relation}"
        part = f"select * from (\n{whole}\n) where ({follows.kind}, {follows.entity}) in (select kind, entity from reached)"
        with in_mart(file.name):
            self._run(f"insert into snap.{file.name} by name {with_relations(file.sql, file.reads, parts, {follows.relation: part})}")

    def _finish(self, search: bool) -> None:
        for statement in search_sql(self._order.contracts, self._order.name_key, whole=search):
            self._run(statement)
        self._run(sql.about_sql())
        for name, value in sorted(self._order.about.items()):
            run(self._connection, "insert into snap.about values (?, ?)", [name, value])

    def _views(self) -> dict[str, Relation]:
        """Compiled relations that readers get as views; none depends on the moment, so a copy of a snapshot has them."""
        return {name: self._compiled[name] for name in ("attribute",)}

    def _run(self, statement: str) -> None:
        run(self._connection, statement)


def check_columns(connection: duckdb.DuckDBPyConnection, name: str, mart: Mart | None) -> None:
    """Raises `MartBreaksContract` where names, order or types differ from the contract, or there is none."""
    if mart is None:
        raise MartBreaksContract(mart=name, detail="no contract")
    made = [(str(row[0]), str(row[1])) for row in run(connection, f"describe snap.{name}")]
    promised = [(column.name, column.type) for column in mart.columns]
    if made != promised:
        different = next((pair for pair in zip(made, promised, strict=False) if pair[0] != pair[1]), (len(made), len(promised)))
        raise MartBreaksContract(mart=name, detail=f"{different[0]} made, {different[1]} promised")
