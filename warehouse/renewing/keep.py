"""What a snapshot keeps for the next one: wide tables, and relations that marts read as tables. A small change brings them up to date by the rows it touches."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from contracts.engine import rows_of
from contracts.golden.plan import text
from contracts.planning import QUICK_ROWS, planned_for
from warehouse import build_sql as sql
from warehouse import link_count
from warehouse.build import BY_DELIVERY, DAILY, KEPT, LINKED, SUMMED, Builder
from warehouse.catalogue import with_relations
from warehouse.engine import number
from warehouse.in_force import moved_sql, moves
from warehouse.relations import relations
from warehouse.renewing.moved import before_name, columns_of, moved_columns, reached_name
from warehouse.set_aside import TOUCHED, set_aside_sql
from warehouse.wide import Spoken, spoken_sql, wide_name, wide_sql

DAY = "day"
"""Among what changed: the day of the moment."""
FACTS_CHECKED = frozenset({"finding", "roster"})
"""Facts that tell when something was checked; they touch whom they speak of."""


class Keeper(Builder):
    """Brings what is kept up to date.

    `_changed` names what did change since the last snapshot: the day, tables that got rows, kept relations, marts, and of wide tables also each column that differs
    (`person_current.area`). `_moved`: those columns by kind, for the kinds with touched entities; `_few`: so few are touched that it was looked at them.
    """

    _changed: set[str]
    _moved: dict[str, set[str]]
    _few: bool

    def _renew_all_wide(self) -> None:
        """The wide rows of what is in `reached`."""
        self._few = number(self._connection, "select count(*) from reached") <= QUICK_ROWS
        self._moved = {kind: self._renew_wide(kind) for kind in self._reached()}
        for kind, columns in self._moved.items():
            self._changed |= {wide_name(kind), *(f"{wide_name(kind)}.{column}" for column in columns)} if columns else set()

    def _renew_wide(self, kind: str) -> set[str]:
        """Gives the columns that differ from what they were."""
        name, before, after = wide_name(kind), before_name(kind), reached_name(kind)
        touched = f"select entity from reached where kind = '{kind}'"
        if self._few:
            self._run(f"create or replace temp table {before} as select * from snap.{name} where entity in ({touched})")
        self._run(f"delete from snap.{name} where entity in ({touched})")
        golden = {f"golden_{kind}": f"select * from {self._current}.main.golden_{kind} where entity in ({touched})"}
        made = with_relations(wide_sql(self._order.contracts, self._order.contracts.kinds[kind], self._spoken(kind, golden)), tuple(golden), {}, golden)
        with planned_for(self._connection, number(self._connection, f"select count(*) from ({touched})")):
            self._run(f"create or replace temp table {after} as {made}")
        self._run(f"insert into snap.{name} by name from {after}")
        return moved_columns(self._connection, before, after) if self._few else columns_of(self._connection, after)

    def _spoken(self, kind: str, golden: Mapping[str, str]) -> Spoken | None:
        """Who says anything about the few that are reached; None where they are many, which are planned once for all."""
        if not self._few:
            return None
        (rows,) = golden.values()
        return Spoken.of(rows_of(self._connection, spoken_sql(self._order.contracts, self._order.contracts.kinds[kind], f"({rows})")).to_pylist()[0])

    def _reach_links(self) -> None:
        """Whoever is touched, touches their links: afterwards `reached_residency` holds those, too; it is there, empty, also where no link is touched."""
        self._run(sql.links_sql())
        kind = "residency"
        if kind not in self._order.contracts.kinds:
            return
        held = reached_name(kind)
        if kind not in self._moved:
            self._run(f"create or replace temp table {held} as from snap.{wide_name(kind)} limit 0")
        missing = f"select entity from reached where kind = '{kind}' except select entity from {held}"
        few = "" if number(self._connection, f"select count(*) from ({missing})") else " limit 0"
        self._run(f"create or replace temp table {link_count.STEADY} as select * from snap.{wide_name(kind)} where entity in ({missing}){few}")
        self._run(f"insert into {held} by name from {link_count.STEADY}")

    def _keep_link_count(self) -> None:
        """Links are counted by what those that are reached say now and said before; anew where too many are touched to look at them."""
        for name in self._linked():
            rests = self._rests_on(link_count.READS, link_count.COLUMNS)
            if self._changed.isdisjoint(rests):
                continue
            with planned_for(self._connection, 0 if self._few else QUICK_ROWS + 1):
                self._run(f"create or replace temp table {name}_now as {link_count.moved_sql(self._moved) if self._few else self._all[name].sql}")
            if self._named(f"select 'other' from (from {name}_now except from snap.{name}) limit 1") or self._named(
                f"select 'other' from (from snap.{name} except from {name}_now) limit 1"
            ):
                self._run(f"create or replace table snap.{name} as from {name}_now")
                self._changed.add(name)

    def _keep_in_force(self, dated: Collection[str]) -> None:
        """Claims in force change with the day and with what is known of deliveries; else by what the touched rows say now and said before."""
        anew = [kind for kind in self._spoken_of() if DAY in self._changed or kind in dated or (kind in self._moved and not self._few)]
        self._keep("in_force", anew)
        for kind in self._spoken_of():
            if kind not in anew and moves(self._order.contracts, self._order.contracts.kinds[kind], self._moved.get(kind, ())):
                self._move_in_force(kind)

    def _move_in_force(self, kind: str) -> None:
        contracts = self._order.contracts
        made = moved_sql(self._today, contracts, contracts.kinds[kind], before_name(kind), reached_name(kind))
        with planned_for(self._connection, 0):
            self._run(f"create or replace temp table in_force_moved as {made}")
        self._run(f"delete from snap.in_force where kind = {text(kind)}")
        self._run("insert into snap.in_force by name from in_force_moved")
        self._changed.add("in_force")

    def _keep_checks(self) -> None:
        """What findings said of claims rests on who agrees, and on when a finding was made."""
        told = not FACTS_CHECKED.isdisjoint(self._changed)
        kinds = [kind for kind in self._reached() if told or any(_tells_of_checks(column) for column in self._moved.get(kind, ()))]
        self._keep("checked", kinds)
        self._keep("checked_pair", kinds)

    def _keep(self, name: str, kinds: Sequence[str]) -> None:
        """A kept relation anew for these kinds."""
        if not kinds:
            return
        made = relations(self._order.contracts, self._order.moment, kinds)[name].sql
        self._run(f"delete from snap.{name} where kind in ({', '.join(map(text, kinds))})")
        if made:  # of kinds that no visit can speak about nothing was ever checked
            self._run(f"insert into snap.{name} by name {made}")
        self._changed.add(name)

    def _keep_set_aside(self) -> None:
        """Rows set aside, of deliveries of which something arrived; most deliveries have none."""
        held = f"select * from snap.set_aside where {TOUCHED}"
        with planned_for(self._connection, 0):
            self._run(f"create or replace temp table set_aside_now as {set_aside_sql(TOUCHED)}")
            self._run(f"create or replace temp table set_aside_before as {held}")
            if not self._named(
                "select rule from (from set_aside_now except from set_aside_before) union all select rule from (from set_aside_before except from set_aside_now)"
            ):
                return
            self._run(f"delete from snap.set_aside where {TOUCHED}")
            self._run("insert into snap.set_aside by name from set_aside_now")
        self._changed.add("set_aside")

    def _sum_anew(self) -> None:
        """The sums over whole tables that rest on a column that changed."""
        for name in self._summed():
            relation = self._all[name]
            rests = self._rests_on(relation.reads, relation.columns)
            if not self._changed.isdisjoint(rests) or (name in DAILY and DAY in self._changed):
                self._run(f"create or replace temp table {name}_before as from snap.{name}")
                self._sum(name)
                self._changed.add(name)

    def _reach_homes(self) -> None:
        """Whatever is touched touches the dwelling it is about, and where a grid's floor moved all its dwellings; afterwards they are `home`s in `reached`."""
        self._run(sql.homes_sql())
        for file in self._order.marts.values():
            if file.follows and DAY not in self._changed and "floor_of" in self._changed.intersection(file.reads):
                self._run(sql.floors_sql(file.name))

    def _rests_on(self, reads: Iterable[str], columns: Mapping[str, tuple[str, ...]]) -> set[str]:
        """The tables, columns of wide tables, kept relations and marts that some relations come from; `columns`: those of `reads` of which only these matter."""
        found: set[str] = set()
        waiting = [(name, columns.get(name)) for name in reads]
        while waiting:
            name, only = waiting.pop()
            relation = self._all.get(name)
            if relation is not None and name not in (*KEPT, *BY_DELIVERY, *SUMMED, *LINKED, "voided"):
                waiting += [(each, relation.columns.get(each)) for each in relation.reads]
            else:
                found |= {name} if only is None else {f"{name}.{column}" for column in only}
        return found

    def _delivered(self) -> set[str]:
        """The kinds whose claims in force are not told by what touched rows say and said: they have rows of deliveries whose week was not known before, or was a later one,
        because a delivery may be told of after its rows. `delivered` is made anew."""
        self._run(f"create or replace temp table delivered_now as {self._all['delivered'].sql}")
        self._run("create or replace temp table dated as (from delivered_now except from snap.delivered)")
        self._run("create or replace table snap.delivered as from delivered_now")
        sources = set(self._named("select distinct source from dated"))
        kinds = {kind: sources.intersection(self._order.contracts.sources(kind)) for kind in self._spoken_of()}
        return {kind for kind, found in kinds.items() if found and self._dated(kind, found)}

    def _dated(self, kind: str, sources: Collection[str]) -> bool:
        before = before_name(kind) if kind in self._moved and self._few else None
        return bool(self._named(sql.dated_sql(wide_name(kind), kind, sources, before)))

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

    def _reached(self) -> list[str]:
        """The kinds of which any entity is reached: planning a statement for the others costs more than all the rest of a small change."""
        return self._named("select distinct kind from reached order by kind")


def _tells_of_checks(column: str) -> bool:
    return column in ("area", "differs") or column.endswith(("__finding", "__agree", "__differ"))
