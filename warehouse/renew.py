"""Bring a copy of the last snapshot, attached as `snap`, up to date by what changed since."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from contracts.golden.plan import text
from contracts.planning import planned_for
from warehouse import build_sql as sql
from warehouse.build import KEPT, Builder
from warehouse.catalogue import MartFile, with_relations
from warehouse.engine import number
from warehouse.faults import in_mart
from warehouse.relations import Relation, relations
from warehouse.wide import wide_name, wide_sql


class Renewer(Builder):
    """Builds only what changed reaches; what the others do is the builder's."""

    def changed(self, before: datetime) -> set[str]:
        """Bring a copy of the last snapshot, whose moment was `before`, up to date: what `touched` reaches, and marts that rest on what changed, or on a day that has ended.

        Gives the marts that were made anew; of those that follow entities the rows of `reached` were.
        """
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
        made: set[str] = set()
        for file in self._order.marts.values():
            if file.follows and not file.view:
                if reached:
                    self._renew(file, parts)
                    changed.add(file.name)
            elif not file.lasting and (not same_day or (not file.view and not changed.isdisjoint(self._rests_on(file.reads)))):
                self._run(f"drop {'view' if file.view else 'table'} if exists snap.{file.name}")
                self._make(file)
                changed.add(file.name)
                made.add(file.name)
        self._finish(search=False)
        return made

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
