"""Bring a copy of the last snapshot, attached as `snap`, up to date by what changed since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import duckdb

from contracts.model import Contracts
from contracts.planning import QUICK_ROWS, planned_for
from warehouse import build_sql as sql
from warehouse.catalogue import Follows, MartFile, with_relations
from warehouse.engine import number
from warehouse.faults import in_mart
from warehouse.gating.chosen import Renewed
from warehouse.relations import Relation, relations
from warehouse.renewing.keep import DAY, Keeper
from warehouse.renewing.moved import exists, reached_name
from warehouse.wide import wide_name

SMALL_ROWS = 200_000
"""Up to so many entities a statement over all of them is planned quickly."""
ASKING_RESTS_ON = frozenset({"request", "verification", "voided"})
"""What makes `asking` another one; as it stays a table of the connection, it is not made anew for anything else."""


class Renewer(Keeper):
    """Builds only what changed reaches; what the others do is the builder's. `_parts`: the relations of the kinds reached; `_anew`: the marts that were made anew as a whole."""

    _parts: Mapping[str, Relation]
    _anew: set[str]

    def changed(self, before: datetime) -> set[str]:
        """Bring a copy of the last snapshot, whose moment was `before`, up to date: what `touched` reaches, and marts that rest on what changed, or on a day that has ended.

        Gives the marts that were made anew; of those that follow entities the rows of `reached` were.
        """
        self._run(sql.reach_sql(before, self._order.moment))
        self._moment()
        self._changed = set(self._named(f"select name from {self._current}.main.arrivals"))
        if before.date() != self._order.moment.date():
            self._changed.add(DAY)
        self._renew_all_wide()
        self._keep_in_force(self._delivered())
        self._reach_links()
        self._keep_link_count()
        self._changed |= self._voided()
        self._keep_checks()
        self._keep("claim_count", [kind for kind in self._spoken_of() if f"claim_{kind}" in self._changed])
        self._keep_set_aside()
        self._sum_anew()
        self._reach_homes()
        reached = self._reached()
        standing = ["asking"] if self._changed.isdisjoint(ASKING_RESTS_ON) and exists(self._connection, "asking") else []
        few = number(self._connection, "select count(*) from reached")
        with planned_for(self._connection, few):
            self._share(whole=False, standing=standing)
        return self._marts(reached, few)

    @property
    def renewed(self) -> Renewed:
        """What was made anew, and what views show of it."""
        views = {
            file.name: self._shown(file) for file in self._order.marts.values() if file.view and not self._changed.isdisjoint(self._rests_on(file.reads, {}))
        }
        return Renewed(self._anew, self.marts_changed - self._anew, views, DAY in self._changed, self._moved)

    def _shown(self, file: MartFile) -> str:
        """What a view shows of reached entities: of those it is made from; of what it reads besides, all."""
        rows = {wide_name(kind): f"select * from {reached_name(kind)}" for kind in self._moved}
        return with_relations(file.sql, file.reads, self._parts or self._compiled, rows)

    @property
    def marts_changed(self) -> frozenset[str]:
        """The marts of which rows were made anew."""
        return frozenset(self._order.marts) & self._changed

    def _marts(self, reached: Sequence[str], few: int) -> set[str]:
        self._parts = parts = self._unmade(relations(self._order.contracts, self._order.moment, reached, reached=True)) if reached else {}
        self._anew = made = set[str]()
        whole = 0 if is_small(self._connection, self._order.contracts) else QUICK_ROWS + 1
        for file in self._order.marts.values():
            if file.follows and not file.view and self._followed(file.follows):
                if reached:
                    with planned_for(self._connection, few):
                        self._renew(file, file.follows, parts)
                    self._changed.add(file.name)
            elif not file.lasting and (DAY in self._changed or (not file.view and not self._changed.isdisjoint(self._rests_on(file.reads, file.columns)))):
                with planned_for(self._connection, whole):
                    if self._make(file):
                        self._changed.add(file.name)
                        made.add(file.name)
        self._finish(search=False)
        return made

    def _followed(self, follows: Follows) -> bool:
        """Whether it is enough to make the rows of reached entities anew."""
        rests = self._rests_on([name for name in follows.anew if name != DAY], {})
        return self._changed.isdisjoint(rests | ({DAY} & {*follows.anew}))

    def _renew(self, file: MartFile, follows: Follows, parts: Mapping[str, Relation]) -> None:
        """Delete the rows of touched entities, make them anew from the touched part of the relation the mart follows; `parts`: the relations of the kinds reached."""
        self._run(f"delete from snap.{file.name} where ({follows.kind}, {follows.mart_entity}) in (select kind, entity from reached)")
        narrow = {
            table: f"select * from snap.{table} where {column} in (select entity from reached where kind = {follows.kind})"
            for table, column in follows.narrows.items()
        }
        if follows.relation not in follows.narrows:
            narrow[follows.relation] = self._part(follows, parts.get(follows.relation))
        with in_mart(file.name):
            self._run(f"insert into snap.{file.name} by name {with_relations(file.sql, file.reads, parts, narrow)}")

    def _part(self, follows: Follows, relation: Relation | None) -> str:
        """What the mart follows, of reached entities only."""
        kept = {wide_name(kind): reached_name(kind) for kind in self._order.contracts.kinds}
        whole = relation.sql if relation else f"from {kept.get(follows.relation, follows.relation)}"
        return f"select * from (\n{whole}\n) where ({follows.kind}, {follows.entity}) in (select kind, entity from reached)"


def is_small(connection: duckdb.DuckDBPyConnection, contracts: Contracts) -> bool:
    """Whether planning costs more than whatever a statement over all of `snap` reads."""
    rows = " union all ".join(f"select count(*) as rows from snap.{wide_name(kind)}" for kind in contracts.kinds)
    return number(connection, f"select sum(rows) from ({rows})") <= SMALL_ROWS
