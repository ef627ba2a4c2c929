"""Fill a snapshot attached as `snap`: wide tables, marts, search, about. Whole, or by what changed since the snapshot it was copied from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import duckdb

from contracts.model import Contracts, Mart
from warehouse import build_sql as sql
from warehouse.catalogue import MartFile, with_relations
from warehouse.engine import run
from warehouse.errors import MartBreaksContract
from warehouse.relations import Relation, relations
from warehouse.search import search_sql
from warehouse.suppress import Released, Shape, suppressed
from warehouse.wide import wide_name, wide_sql

SHARED = ("in_force", "checked", "asking", "asked", "fate")
"""Compiled relations that are small and read by several marts, or made for some kinds only: made once per snapshot."""


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
        compiled = relations(order.contracts, order.moment)
        self._shared = {name: compiled[name] for name in SHARED}
        self._compiled = {name: relation for name, relation in compiled.items() if name not in SHARED}
        self._kinds = list(order.contracts.kinds.values())

    def whole(self) -> None:
        """Everything anew into an empty snapshot."""
        self._moment()
        for kind in self._kinds:
            self._run(f"create table snap.{wide_name(kind.name)} as {wide_sql(self._order.contracts, kind)}")
        self._share(whole=True)
        for file in self._order.marts.values():
            self._make(file)
        for name, relation in self._views().items():
            self._run(f"create or replace view snap.{name} as {with_relations(relation.sql, relation.reads, self._compiled)}")
        self._finish(search=True)

    def changed(self, before: datetime) -> None:
        """Bring a copy of the last snapshot, whose moment was `before`, up to date: only what `touched` reaches."""
        self._run(sql.reach_sql(before, self._order.moment))
        self._moment()
        for kind in self._reached():
            self._renew_wide(kind)
        self._run(sql.links_sql())
        self._share(whole=False)
        for file in self._order.marts.values():
            if file.follows and not file.view:
                self._renew(file)
            elif not file.lasting:
                self._run(f"drop {'view' if file.view else 'table'} if exists snap.{file.name}")
                self._make(file)
        self._finish(search=False)

    def _reached(self) -> list[str]:
        """The kinds of which any entity is reached: planning a statement for the others costs more than all the rest of a small change."""
        return self._named("select distinct kind from reached order by kind")

    def _moment(self) -> None:
        run(self._connection, "create or replace table snap.moment as select ?::timestamp_ms as known_at", [self._order.moment])

    def _share(self, whole: bool) -> None:
        read = {name for file in self._order.marts.values() for name in file.reads}
        read |= {other for name in read & self._compiled.keys() for other in self._compiled[name].reads}
        for name, relation in self._shared.items():
            if name not in read:
                continue
            chosen = relation.by_kind
            made = chosen.made(self._named(chosen.whole if whole else chosen.reached)) if chosen else relation.sql
            self._run(f"create or replace temp table {name} as {with_relations(made, relation.reads, self._compiled)}")

    def _named(self, kinds_sql: str) -> list[str]:
        return [str(kind) for (kind,) in run(self._connection, kinds_sql)]

    def _make(self, file: MartFile) -> None:
        kept = "view" if file.view else "table"
        if file.suppress:
            shape = Shape(file.name, file.grain, file.suppress)
            made = suppressed(self._connection.sql(self._select(file)).to_arrow_table(), shape, self._order.released)
            self._connection.register("releasing", made)
            self._run(f"create table snap.{file.name} as select * from releasing")
            self._connection.unregister("releasing")
        else:
            self._run(f"create {kept} snap.{file.name} as {self._select(file)}")
        check_columns(self._connection, file.name, self._order.contracts.marts.get(file.name))

    def _select(self, file: MartFile, replaced: Mapping[str, str] | None = None) -> str:
        return with_relations(file.sql, file.reads, self._compiled, replaced)

    def _renew_wide(self, kind: str) -> None:
        name = wide_name(kind)
        touched = f"select entity from reached where kind = '{kind}'"
        self._run(f"delete from snap.{name} where entity in ({touched})")
        golden = {f"golden_{kind}": f"select * from {self._current}.main.golden_{kind} where entity in ({touched})"}
        made = with_relations(wide_sql(self._order.contracts, self._order.contracts.kinds[kind]), tuple(golden), {}, golden)
        self._run(f"insert into snap.{name} by name {made}")

    def _renew(self, file: MartFile) -> None:
        """Delete the rows of touched entities, make them anew from the touched part of the relation the mart follows."""
        follows = file.follows
        assert follows is not None
        self._run(f"delete from snap.{file.name} where ({follows.kind}, {follows.mart_entity}) in (select kind, entity from reached)")
        relation = self._compiled.get(follows.relation)
        whole = relation.sql if relation else f"select * from {follows.relation}"
        part = f"select * from (\n{whole}\n) where ({follows.kind}, {follows.entity}) in (select kind, entity from reached)"
        self._run(f"insert into snap.{file.name} by name {self._select(file, {follows.relation: part})}")

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
