"""Fill a snapshot attached as `snap`: wide tables, marts, search, about. `renew` brings a copy of an earlier one up to date by what changed since."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import duckdb
import pyarrow as pa

from contracts.model import Contracts, Mart
from warehouse import build_sql as sql
from warehouse.catalogue import MartFile, with_relations
from warehouse.engine import run
from warehouse.errors import MartBreaksContract
from warehouse.faults import in_mart
from warehouse.relations import ByKind, Relation, relations, today_sql
from warehouse.search import search_sql
from warehouse.suppress import Released, Shape, suppressed
from warehouse.suppress.rule import Suppression
from warehouse.wide import wide_name, wide_sql

SHARED = ("asking", "asked", "fate")
"""Compiled relations that are small and read by several marts, or made for some kinds only: made once per snapshot."""
KEPT = ("in_force", "checked", "claim_count", "checked_pair")
"""Compiled relations that a snapshot keeps as tables for the next one: a small change makes them anew for the kinds it concerns."""
BY_DELIVERY = ("set_aside",)
"""Compiled relations that a snapshot keeps as tables for the next one: a small change makes them anew for the deliveries of which something arrived."""
SUMMED = ("floor_of",)
"""Compiled relations that a snapshot keeps as tables for the next one: a small change makes them anew only where a column changed that they read."""
DAILY = frozenset({"floor_of"})
"""Those of them that another day changes."""
LINKED = ("link_count",)
"""The compiled relation that a snapshot keeps as a table for the next one: a small change moves it by what the links it reaches say now and said before."""
SEEN = ("delivered", "voided")
"""Compiled relations that a snapshot keeps as tables so that the next one sees what is new about them: every delivery adds to what they are made from, and few change them."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a snapshot is built from and for which moment. `name_key`: the secret under which parts of names are searchable.
    `released`: what was published by area before, which grows by what this one hides or shows. `counted`: per mart by area its rows before any was hidden, as they are
    in the snapshot that is brought up to date, where that is known; then as they are in this one."""

    contracts: Contracts
    marts: Mapping[str, MartFile]
    moment: datetime
    name_key: str
    about: Mapping[str, str]
    released: Released = field(default_factory=Released)
    counted: dict[str, pa.Table] = field(default_factory=dict)


class Builder:
    """Builds into `snap` over a connection whose current database is the current file."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, main: str, order: Order) -> None:
        self._connection = connection
        self._current = main
        self._order = order
        self._today = today_sql(order.moment)
        self._all = relations(order.contracts, order.moment)
        self._compiled = self._unmade(self._all)

    def _unmade(self, compiled: Mapping[str, Relation]) -> dict[str, Relation]:
        """Those that are no table here by the time a mart reads them."""
        return {name: relation for name, relation in compiled.items() if name not in ("succession", *SEEN, *SHARED, *KEPT, *BY_DELIVERY, *SUMMED, *LINKED)}

    def whole(self) -> None:
        """Everything anew into an empty snapshot."""
        self._moment()
        self._run(f"create table snap.succession as {self._all['succession'].sql}")
        for kind in self._order.contracts.kinds.values():
            self._run(f"create table snap.{wide_name(kind.name)} as {wide_sql(self._order.contracts, kind)} order by entity")
        for name in (*SEEN, *KEPT, *BY_DELIVERY, *self._linked()):
            self._run(f"create table snap.{name} as {self._all[name].sql}")
        for name in self._summed():
            self._sum(name)
        self._share(whole=True)
        for file in self._order.marts.values():
            self._make(file)
        for name, relation in self._told().items():
            self._run(f"create or replace table snap.{name} as {with_relations(relation.sql, relation.reads, self._compiled)}")
        self._finish(search=True)

    def _moment(self) -> None:
        run(self._connection, "create or replace table snap.moment as select ?::timestamp_ms as known_at", [self._order.moment])

    def _summed(self) -> list[str]:
        return [name for name in SUMMED if name in self._all]

    def _linked(self) -> list[str]:
        return [name for name in LINKED if name in self._all]

    def _sum(self, name: str) -> None:
        relation = self._all[name]
        self._run(f"create or replace table snap.{name} as {with_relations(relation.sql, relation.reads, self._compiled)}")

    def _share(self, whole: bool, standing: Collection[str] = ()) -> None:
        """The shared relations anew, but for those that are `standing`."""
        read = {name for file in self._order.marts.values() for name in file.reads}
        read |= {other for name in read & self._compiled.keys() for other in self._compiled[name].reads}
        for name in SHARED:
            if name not in read or name in standing:
                continue
            relation = self._all[name]
            made = self._chosen(relation.by_kind, whole) if relation.by_kind else relation.sql
            self._run(f"create or replace temp table {name} as {with_relations(made, relation.reads, self._compiled)}")

    def _chosen(self, relation: ByKind, whole: bool) -> str:
        """The SQL of a relation for the kinds that matter."""
        kinds = self._named(relation.whole if whole else relation.reached)
        return relation.made(kinds) if whole or relation.narrow is None else relation.narrow(kinds)

    def _named(self, kinds_sql: str) -> list[str]:
        return [str(kind) for (kind,) in run(self._connection, kinds_sql)]

    def _make(self, file: MartFile) -> bool:
        """A mart anew; whether it is another one than before."""
        with in_mart(file.name):
            if file.suppress:
                return self._hide(file, file.suppress)
            self._drop(file)
            self._run(f"create {'view' if file.view else 'table'} snap.{file.name} as {self._select(file)}{file.sorted_sql}")
        check_columns(self._connection, file.name, self._order.contracts.marts.get(file.name))
        return True

    def _hide(self, file: MartFile, rule: Suppression) -> bool:
        """A mart by area: where it counts what it counted, what was hidden and shown of that stands."""
        order = ", ".join(f'"{name}"' for name in file.grain)
        made = self._connection.sql(f"from ({self._select(file)}) order by {order}").to_arrow_table()
        if file.name in self._order.counted and made.equals(self._order.counted[file.name]):
            return False
        self._order.counted[file.name] = made
        self._drop(file)
        self._connection.register("releasing", suppressed(made, Shape(file.name, file.grain, rule), self._order.released))
        self._run(f"create table snap.{file.name} as select * from releasing")
        self._connection.unregister("releasing")
        check_columns(self._connection, file.name, self._order.contracts.marts.get(file.name))
        return True

    def _drop(self, file: MartFile) -> None:
        self._run(f"drop {'view' if file.view else 'table'} if exists snap.{file.name}")

    def _select(self, file: MartFile) -> str:
        return with_relations(file.sql, file.reads, self._compiled)

    def _finish(self, search: bool) -> None:
        kinds = None if search else self._named("select distinct kind from reached")
        for statement in search_sql(self._order.contracts, self._order.name_key, kinds):
            self._run(statement)
        self._run(sql.about_sql())
        for name, value in sorted(self._order.about.items()):
            run(self._connection, "insert into snap.about values (?, ?)", [name, value])

    def _told(self) -> dict[str, Relation]:
        """Compiled relations that readers get; none depends on the moment, so a copy of a snapshot has them. As tables: planning their text takes longer than most answers."""
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
