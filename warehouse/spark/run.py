"""The warehouse on Apache Spark, from the exported history alone: golden records of every kind, what marts read, and the marts.

Whoever has a session hands it in (`Session`); nothing here imports Spark. Every table is a temporary view of the session, by the name that our SQL gives it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Protocol, Self

import pyarrow as pa

from contracts.golden import Relations, golden_sql, known_sql
from contracts.model import Contracts, Kind
from warehouse.build_sql import moment_sql
from warehouse.catalogue import MartFile, mart_files
from warehouse.history.layout import history_tables
from warehouse.publish import EPOCH
from warehouse.relations import Relation, relations
from warehouse.spark.macros import Macros
from warehouse.spark.steps import GROWN, Step, script
from warehouse.spark.types import facts_sql
from warehouse.succession import succession_sql
from warehouse.suppress import Released, Shape, suppressed
from warehouse.wide import wide_name, wide_sql

SETTINGS: Mapping[str, str] = {"spark.sql.session.timeZone": "UTC", "spark.sql.ansi.enabled": "true", "spark.sql.timestampType": "TIMESTAMP_NTZ"}
"""What a session is set to: moments are Beijing time without a zone, and nothing may shift them; what cannot be cast is an error, as in DuckDB."""


class Rows(Protocol):
    """A data frame of Spark, as far as we use it."""

    def createOrReplaceTempView(self, name: str) -> None: ...  # noqa: N802
    def localCheckpoint(self, eager: bool = True) -> Self: ...  # noqa: N802
    def toArrow(self) -> pa.Table: ...  # noqa: N802
    def isEmpty(self) -> bool: ...  # noqa: N802


class Session(Protocol):
    """A session of Spark, as far as we use it."""

    def sql(self, sqlQuery: str) -> Rows: ...  # noqa: N803
    def createDataFrame(self, data: pa.Table) -> Rows: ...  # noqa: N802


class SparkWarehouse:
    """The views of one session. Call `facts`, `golden` of every kind, `related` of the `moment`, then `mart` in building order: each needs what those before it made."""

    def __init__(self, session: Session, contracts: Contracts, files: Mapping[str, MartFile] | None = None) -> None:
        self._session = session
        self._contracts = contracts
        self._files = files or mart_files()
        self._macros = Macros(contracts.rules_sql)
        self._made: set[str] = set()
        for name, value in SETTINGS.items():
            session.sql(f"set {name} = {value}")

    def facts(self, export: Path) -> None:
        """A view of every table of history in an export: claims and all other facts; and which division codes were succeeded by which, as wide tables call areas by the codes in use."""
        for table in history_tables(self._contracts).values():
            self._session.sql(facts_sql(table, export / "history" / table.name))
        self._make("succession", succession_sql(self._contracts), kept=True)

    def golden(self, kind: Kind) -> None:
        """`golden_<kind>` and `<kind>_current`: the golden records of every entity that a fact names, and how marts show them."""
        names = Relations.of(kind.name)
        self._make(names.touched, known_sql(kind, names), kept=True)
        self._make(f"golden_{kind.name}", golden_sql(kind, self._contracts, names), kept=True)
        self._make(wide_name(kind.name), wide_sql(self._contracts, kind), kept=True)

    def moment(self) -> datetime:
        """The moment that marts call now: the newest `recorded_at` among outcomes."""
        newest = self._rows(moment_sql()).toArrow().column(0).to_pylist()[0]
        return newest or EPOCH

    def related(self, moment: datetime, wanted: Iterable[str] | None = None) -> None:
        """`moment` and everything else that marts read besides tables; of `wanted` names only these and what they need."""
        self._make("moment", f"select timestamp_ms '{moment.isoformat(sep=' ', timespec='milliseconds')}' as known_at")
        known = relations(self._contracts, moment)
        waiting = dict(known) if wanted is None else needed(known, wanted)
        read = [name for each in waiting.values() for name in each.reads] + [name for file in self._files.values() for name in file.reads]
        while waiting:
            for name in [each for each, relation in waiting.items() if waiting.keys().isdisjoint(relation.reads)]:
                relation = waiting.pop(name)
                self._make(name, self._chosen(relation), kept=relation.kept or read.count(name) > 1)

    def mart(self, file: MartFile, released: Released | None = None) -> pa.Table:
        """The rows of one mart in no order, those by area with small cells hidden in view of what was `released`; also a view of its name, for marts that read it."""
        rows = self._rows(file.sql)
        made = rows.toArrow()
        if file.suppress:
            made = suppressed(made, Shape(file.name, file.grain, file.suppress), released or Released())
            rows = self._session.createDataFrame(made)
        rows.createOrReplaceTempView(file.name)
        return made

    def unhidden(self, file: MartFile) -> pa.Table:
        """What the select of a mart gives, small cells and all: for comparing only."""
        return self._rows(file.sql).toArrow()

    def _chosen(self, relation: Relation) -> str:
        """The SQL of a relation, of the kinds that matter only where it can tell which do."""
        if relation.by_kind is None:
            return relation.sql
        kinds = self._rows(relation.by_kind.whole).toArrow().column(0).to_pylist()
        return relation.by_kind.made(str(kind) for kind in kinds)

    def _make(self, name: str, sql: str, kept: bool = False) -> None:
        """A view of what a statement of ours gives; `kept`: its rows are made once."""
        rows = self._rows(sql)
        (rows.localCheckpoint() if kept else rows).createOrReplaceTempView(name)

    def _rows(self, sql: str) -> Rows:
        made = script(sql, self._macros)
        for step in made.steps:
            if step.name not in self._made:
                self._step(step)
                self._made.add(step.name)
        return self._session.sql(made.select)

    def _step(self, step: Step) -> None:
        rows = self._session.sql(step.sql)
        if step.again is not None:
            rows = self._grown(step.sql, step.again)
        elif step.kept:
            rows = rows.localCheckpoint()
        rows.createOrReplaceTempView(step.name)

    def _grown(self, first: str, again: str) -> Rows:
        """The rows of `first` and all that follow from them: `again` is asked until it finds nothing new."""
        found = self._session.sql(f"select distinct * from ({first})").localCheckpoint()
        new = found
        while not new.isEmpty():
            found.createOrReplaceTempView(GROWN)
            new = self._session.sql(f"select * from ({again}) except select * from {GROWN}").localCheckpoint()
            new.createOrReplaceTempView(f"{GROWN}_now")
            found = self._session.sql(f"select * from {GROWN} union all select * from {GROWN}_now").localCheckpoint()
        return found


def needed(known: Mapping[str, Relation], wanted: Iterable[str]) -> dict[str, Relation]:
    """Those of the known relations that are wanted, and all that they come from."""
    found: dict[str, Relation] = {}
    waiting = list(wanted)
    while waiting:
        name = waiting.pop()
        if name in known and name not in found:
            found[name] = known[name]
            waiting += known[name].reads
    return found
