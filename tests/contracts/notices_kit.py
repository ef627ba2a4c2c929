"""A state's tables in memory, and a department that reads what is told of them."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping
from typing import Any

import duckdb
import pyarrow as pa

from contracts.facts import FACTS, golden_schema
from contracts.model import Contracts
from contracts.notices import TABLES, asked_kinds_sql, changes_sql, kinds_sql, reached_sqls, remember_sqls
from tests.golden_rows import golden_table
from tests.warehouse.samples import contracts

KINDS = ("dwelling", "person", "residency")


def known() -> Contracts:
    """The shipped kinds that people live in and the feeds about them."""
    shipped = contracts()
    return dataclasses.replace(shipped, kinds={kind: shipped.kinds[kind] for kind in KINDS})


class Desk:
    """The tables of one partition; `topic` is what was published, `read` what a department makes of it."""

    def __init__(self, known: Contracts) -> None:
        self.known = known
        self.secret = "secret"
        self.con = duckdb.connect()
        self.con.execute("set threads = 1")
        self.topic: list[str] = []
        for kind in known.kinds.values():
            self._make(f"golden_{kind.name}", golden_schema(kind, known.sources(kind.name)))
        for name, schema in FACTS.items():
            self._make(name, schema)
        for statement in TABLES:
            self.con.execute(statement)

    def __enter__(self) -> Desk:
        return self

    def __exit__(self, *_: object) -> None:
        self.con.close()

    def golden(self, kind: str, version: int, rows: Iterable[Mapping[str, Any]]) -> None:
        """Golden rows that take the place of those of their entities."""
        made = [{"alive": True, "differs": [], **row, "version": version} for row in rows]
        self.con.execute(f"delete from golden_{kind} where entity in (select unnest(?::varchar[]))", [[row["entity"] for row in made]])
        self._insert(f"golden_{kind}", golden_table(self.known.kinds[kind], self.known.sources(kind), made))

    def facts(self, name: str, *rows: Mapping[str, Any]) -> None:
        self._insert(name, pa.Table.from_pylist([{"repair": 0, "contract_version": 1, **row} for row in rows], FACTS[name]))

    def changes(self) -> list[str]:
        """What is to be published now; nothing is kept."""
        for statement in reached_sqls(self.known):
            self.con.execute(statement)
        kinds, asked = ([kind for (kind,) in self.con.execute(sql).fetchall()] for sql in (kinds_sql(self.known), asked_kinds_sql()))
        self.con.execute(changes_sql(self.known, kinds, asked, self.secret))
        return [fact for (fact,) in self.con.execute("select fact from changes order by discrepancy").fetchall()]

    def announce(self, version: int) -> list[dict[str, Any]]:
        """Publish and keep what was told."""
        made = self.changes()
        self.topic += made
        for statement in remember_sqls(version):
            self.con.execute(statement)
        return [json.loads(fact) for fact in made]

    def read(self) -> set[str]:
        """The facts still open for who reads the topic from its beginning."""
        last = {json.loads(fact)["discrepancy"]: fact for fact in self.topic}
        return {fact for fact in last.values() if json.loads(fact)["state"] == "open"}

    def open(self) -> set[str]:
        """The facts that a state without memory would tell."""
        with self.con.cursor() as con:
            con.execute("begin")
            con.execute("delete from told")
            con.execute("update announced set version = -1")
            whole = Desk.__new__(Desk)
            whole.known, whole.con, whole.secret = self.known, con, self.secret
            found = set(whole.changes())
            con.execute("rollback")
        return found

    def _make(self, name: str, schema: pa.Schema) -> None:
        self.con.register("shape", schema.empty_table())
        self.con.execute(f"create table {name} as from shape")
        self.con.unregister("shape")

    def _insert(self, name: str, rows: pa.Table) -> None:
        self.con.register("given", rows)
        self.con.execute(f"insert into {name} from given")
        self.con.unregister("given")
