"""What we believed: golden records and whole marts as of a moment, on both axes, by the one golden statement over a cut of history.

A cut by `recorded` gives what the main job gives over the raw messages recorded up to then, under the contracts and the address aliases of now. One by `observed` leaves out what speaks
of later moments; what we learned later about what was said then (verifications, recalls, lists that replace others) stays.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from contracts.database import connect
from contracts.engine import prepare_golden, rows_of
from contracts.golden import Relations, golden_sql, known_sql
from contracts.golden.plan import text
from contracts.model import Contracts, Feed, Kind
from contracts.planning import heard_among, planned_for
from warehouse.build import Builder, Order
from warehouse.build_sql import moment_sql
from warehouse.catalogue import MartFile, mart_files
from warehouse.engine import number, run, speak
from warehouse.engine import quoted as quoted_path
from warehouse.errors import UnknownKind
from warehouse.files import UNFINISHED, LocalFiles
from warehouse.history.layout import history_tables, quoted
from warehouse.history.read import FACTS_READ, Cut, Reading, reading
from warehouse.history.write import ASKING
from warehouse.keys import all_entities, check_entities, check_keys
from warehouse.publish import EPOCH, versions
from warehouse.succession import succession_reads, succession_sql
from warehouse.suppress import Released
from warehouse.wide import Spoken, spoken_sql, wide_name, wide_sql


@dataclass(frozen=True, slots=True)
class Means:
    """What a computation over history may use; `on_disk`: golden rows do not have to fit into memory."""

    threads: int = 2
    memory_mb: int = 1500
    on_disk: bool = False


class AsOf:
    """One state of history, cut at a moment, over which golden statements run."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, read: Reading, cut: Cut) -> None:
        self._connection = connection
        self._read = read
        self._cut = cut
        self._contracts = read.contracts
        self._seen: set[str] = set()
        """The tables of history that this connection has views of."""

    @classmethod
    @contextmanager
    def open(cls, folder: Path, contracts: Contracts, cut: Cut, means: Means = Means()) -> Iterator[AsOf]:
        """The newest history in a folder as it was at the cut. Raises: `NoHistory`, `HistoryUnreadable`, `HistoryFileFault`."""
        with ExitStack() as stack:
            read = stack.enter_context(reading(folder, contracts))
            spill = Path(stack.enter_context(TemporaryDirectory(dir=folder / ASKING)))
            connection = stack.enter_context(connect(str(spill / "believed.duckdb") if means.on_disk else ":memory:"))
            prepare_golden(connection, contracts, threads=means.threads, memory_limit=f"{means.memory_mb}MB")
            run(connection, f"set temp_directory = '{quoted_path(spill)}'")
            yield cls(connection, read, cut)

    def entity(self, kind: str, entity: str) -> Mapping[str, Any] | None:
        """One entity as marts show it (`warehouse.wide`); None where nobody knew of it. Raises: `UnknownKind`."""
        known = self._shown(kind)
        tables = _about(known, entity)
        try:
            for name, where in tables.items():
                rows = self._of_key(name, entity) if name == f"claim_{kind}" else f"from {name}"
                run(self._connection, f"create or replace temp table near as select * {rows} where {where}")
                run(self._connection, f"alter table temp.near rename to {name}")
            self._golden(known, self._saying(known), f"select entity from ({known_sql(known, Relations.of(kind))}) where {_together(known, entity)}")
            with planned_for(self._connection, 1):
                run(self._connection, f"set variable asked = {text(entity)}")  # not a part of the long statement, which so is the same every time
                spoken = Spoken.of(rows_of(self._connection, spoken_sql(self._contracts, known, f"golden_{kind}")).to_pylist()[0])
                wide = f"select * from ({wide_sql(self._contracts, known, spoken)}) where entity = getvariable('asked')"
                found = rows_of(self._connection, wide).to_pylist()
        finally:
            for name in tables:
                run(self._connection, f"drop table if exists temp.{name}")
        return found[0] if found else None

    def kind(self, kind: str) -> duckdb.DuckDBPyRelation:
        """All entities of a kind as marts show them, in no order, to be asked further in SQL. Raises: `UnknownKind`."""
        known = self._shown(kind)
        self._golden(known, self._contracts, known_sql(known, Relations.of(kind)))
        run(self._connection, f"create or replace view {wide_name(kind)} as {wide_sql(self._contracts, known)}")
        return self._connection.view(wide_name(kind))

    def marts(self, target: Path, name_key: str, released: Released | None = None, files_of: Mapping[str, MartFile] | None = None) -> datetime:
        """All marts into a new file; gives the moment they call now: the one they are about, at most the newest `recorded_at` inside the cut.

        `files_of`: the marts, by default those of now. `released`: what was published by area; small cells are hidden from who has that too; a file of marts is no release, so nobody writes it back. Raises: `EntityTwice`, `MartBreaksContract`.
        """
        files, unfinished = LocalFiles(), target.with_name(f"{target.name}{UNFINISHED}")
        files.remove(unfinished)
        speak(self._connection, self._contracts.rules_sql)
        self._read.show(self._connection, self._cut)
        for kind in self._contracts.kinds.values():
            self._golden(kind, self._contracts, known_sql(kind, Relations.of(kind.name)))
        newest: datetime = run(self._connection, moment_sql())[0][0] or EPOCH
        moment = min(newest, self._cut.observed or newest)
        main = run(self._connection, "select current_database()")[0][0]
        marts = mart_files() if files_of is None else files_of
        order = Order(self._contracts, marts, moment, name_key, {**versions(self._contracts, marts, moment), **self._asked()}, released or Released())
        run(self._connection, f"attach '{quoted_path(unfinished)}' as snap")
        run(self._connection, f"set search_path = 'snap.main,{main}.main'")
        try:
            Builder(self._connection, str(main), order).whole()
            check_entities(self._connection, all_entities(self._contracts))
            check_keys(self._connection, marts.values(), self._contracts)
            run(self._connection, "checkpoint snap")
        finally:
            run(self._connection, f"use {main}")
            run(self._connection, "detach snap")
        files.sync(unfinished)
        files.replace(unfinished, target)
        files.sync(target.parent)
        return moment

    def _asked(self) -> dict[str, str]:
        """What a file of marts says of the cut it was made from."""
        axes = {"observed": self._cut.observed, "recorded": self._cut.recorded}
        cut = {name: moment.isoformat() for name, moment in axes.items() if moment is not None}
        positions: dict[str, list[int]] = {}
        for each in self._read.manifest.positions:
            positions.setdefault(each.topic, []).append(each.next)
        log = self._read.manifest.log
        return {**cut, "aliases": log["aliases"], "generation": log["generation"], "positions": json.dumps(positions)}

    def _shown(self, kind: str) -> Kind:
        """A kind, whose golden statement finds from here on what it reads."""
        if kind not in self._contracts.kinds:
            raise UnknownKind(kinds=", ".join(self._contracts.kinds))
        unseen = {f"claim_{kind}", *FACTS_READ, *succession_reads(self._contracts)} - self._seen
        self._read.show(self._connection, self._cut, unseen)
        if not self._seen:
            run(self._connection, f"create table if not exists succession as {succession_sql(self._contracts)}")
        self._seen |= unseen
        return self._contracts.kinds[kind]

    def _of_key(self, table: str, entity: str) -> str:
        """The claims filed under the entity's key, from one bucket."""
        known = history_tables(self._contracts)[table]
        return f"from ({self._read.select(known, self._cut, entity.split('@', 1)[0] if known.key == 'person' else entity)})"

    def _saying(self, kind: Kind) -> Contracts:
        """Contracts under which sources say only what they say in the few claims that are there: planning for all that they could say takes longer than anything else."""
        asked = ", ".join(f"bool_or({quoted(each.name)} is not null) as {quoted(each.name)}" for each in kind.attributes)
        rows = rows_of(self._connection, f"select source, {asked} from claim_{kind.name} group by source").to_pylist()
        return saying(self._contracts, kind, {row["source"]: {each.name for each in kind.attributes if row[each.name]} for row in rows})

    def _golden(self, kind: Kind, contracts: Contracts, touched: str) -> None:
        relations = Relations.of(kind.name)
        run(self._connection, f"create or replace table {relations.touched} as {touched}")
        entities = number(self._connection, f"select count(*) from {relations.touched}")
        with planned_for(self._connection, entities):
            heard = heard_among(self._connection, kind, relations, entities)
            run(self._connection, f"create or replace table golden_{kind.name} as {golden_sql(kind, contracts, relations, heard)}")


def saying(contracts: Contracts, kind: Kind, said: Mapping[str, Collection[str]]) -> Contracts:
    """Contracts under which each source can say only those attributes of a kind; for claims that say no others golden statements give the same."""

    def narrowed(feed: Feed) -> Feed:
        kept = said.get(feed.name, ())
        mappings = (
            replace(each, columns=tuple(column for column in each.columns if column.name in kept)) if each.target == kind.name else each
            for each in feed.mappings
        )
        return replace(feed, mappings=tuple(mappings))

    older = {name: tuple(narrowed(feed) for feed in feeds) for name, feeds in contracts.older.items()}
    return replace(contracts, feeds={name: narrowed(feed) for name, feed in contracts.feeds.items()}, older=older)


def _about(kind: Kind, entity: str) -> dict[str, str]:
    """Per table the rows that a golden statement could ask for to compute one entity, as a condition; the tables it leaves out are read whole, because they concern all.

    Of a link all links of its person, and everything said in the dwellings they lead to: rosters of those tell who lives there and who does not.
    """
    claims = f"claim_{kind.name}"
    homes = f"in (select {text(entity)})"
    about = {claims: f"entity = {text(entity)}"}
    if kind.name == "residency":
        person = entity.split("@", 1)[0]
        about = {claims: f"person = {text(person)}"}
        homes = f"""in (select dwelling from {claims} where person = {text(person)} union select dwelling from roster where person = {text(person)}
          union select substr(entity, {len(person) + 2}) from finding where kind = 'residency' and starts_with(entity, {text(f"{person}@")}))"""
    mine = f"kind = '{kind.name}' and {_together(kind, entity)}"
    about |= {"finding": mine, "presence": f"kind = '{kind.name}' and (entity is null or {_together(kind, entity)})"}
    about |= {"roster": f"dwelling {homes}", "visit": f"dwelling {homes}", "verification": f"{_together(kind, entity)} or entity {homes}"}
    return about


def _together(kind: Kind, entity: str) -> str:
    """SQL: the entities that are computed together with one: of a link all links of its person."""
    person = entity.split("@", 1)[0]
    return f"starts_with(entity, {text(f'{person}@')})" if kind.name == "residency" else f"entity = {text(entity)}"
