"""Small hand-made kinds, feeds and facts, so that a rule of the golden statement can be shown in a few lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import duckdb
import pyarrow as pa

from contracts.facts import FACTS, claim_schema, golden_schema
from contracts.golden import Heard, Relations, golden_sql, heard_sql, known_sql
from contracts.model import Attribute, Classification, Contracts, Feed, Kind, Label, Mapped, Mapping
from tests.golden_rows import shown_rows

SILENT = """create or replace macro address_silent(a, b) as starts_with(b, a || '/') or (position('/' in a) = 0 and starts_with(split_part(b, '/', 1), a) and a <> b);"""
DAY_ZERO = datetime(2026, 1, 1)


def day(number: float) -> datetime:
    return DAY_ZERO + timedelta(days=number)


def attribute(name: str, of: Any = "text", days: int = 90, group: str | None = None) -> Attribute:
    return Attribute(name, f"x.{name}", of, Label(name, name), "", Classification.PLAIN, "p", "l", days, True, group=group)


def kind(name: str, *attributes: Attribute, priorities: dict[str, tuple[tuple[str, ...], ...]] | None = None) -> Kind:
    return Kind(name, 1, "1.0.0", Label(name, name), "", (attribute("present", "boolean", 0), *attributes), priorities or {"*": (("a",), ("b",), ("c",))}, 365)


def feed(name: str, *targets: str, partial: bool = False, max_unkeyed: float = 0.001) -> Feed:
    mappings = tuple(Mapping(target, ()) for target in targets)
    label = Label(name, name)
    return Feed(name, name, 1, "1.0.0", label, label, "csv", "utf-8", ",", ("increment",), (), ("t",), "''", mappings, partial=partial, max_unkeyed=max_unkeyed)


def _saying(mapping: Mapping, kinds: Sequence[Kind]) -> Mapping:
    """The mapping with a column for every attribute of its kind."""
    return replace(mapping, columns=tuple(Mapped(each.name, each.name) for one in kinds if one.name == mapping.target for each in one.attributes))


def contracts(kinds: Sequence[Kind], feeds: Sequence[Feed] | None = None) -> Contracts:
    feeds = feeds or [feed(name, *(one.name for one in kinds)) for name in "abc"]
    feeds = [replace(one, mappings=tuple(_saying(mapping, kinds) for mapping in one.mappings)) for one in feeds]
    return Contracts({one.name: one for one in feeds}, {one.name: one for one in kinds}, {}, {}, SILENT + ";", "test")


THING = kind(
    "thing", attribute("colour"), attribute("place", "address"), attribute("lon", "integer", group="point"), attribute("lat", "integer", group="point")
)
PERSON = kind("person", attribute("name"))
RESIDENCY = kind("residency", attribute("relation"), attribute("from_on", "date"))
ALL = contracts([THING, PERSON, RESIDENCY])


def claim(entity: str, source: str, at: float, row: int = 1, **given: Any) -> dict[str, Any]:
    """A claim of an increment; give `moment` for a listed row, `withdraws` for a withdrawal, attributes by name."""
    moment = given.pop("moment", None)
    base = {"entity": entity, "source": source, "delivery": f"{source}{at if moment is None else moment}", "row": row, "repair": 0, "contract_version": 1}
    base |= {"recorded_at": day(100), "record": entity, "observed_at": day(at), "rank": None, "withdraws": False, "own_time": True, "area": "330302006071"}
    base |= {"listed": moment is not None, "moment": None if moment is None else day(moment), "present": True}
    if "@" in entity:
        base |= dict(zip(("person", "dwelling"), entity.split("@"), strict=True))
    base |= given
    base["content"] = given.get("content", abs(hash(str(sorted((key, str(value)) for key, value in given.items())))) % 2**63)
    return base


def origin(source: str, delivery: str, row: int = 1) -> dict[str, Any]:
    return {"source": source, "delivery": delivery, "row": row, "repair": 0, "contract_version": 1, "recorded_at": day(100)}


def finding(entity: str, attribute: str, value: str | None, at: float, **given: Any) -> dict[str, Any]:
    of = given.pop("kind", "thing")
    visit = given.pop("visit", f"v{at}")
    counter = given.pop("counter", 0)
    base = f"{visit}:{entity}:{attribute}"
    row = {
        "finding": f"{base}#{counter}",
        "base": base,
        "counter": counter,
        "kind": of,
        "entity": entity,
        "attribute": attribute,
        "outcome": "corrected",
        "value": value,
    }
    row |= {
        "seen": [],
        "actor": "o1",
        "evidence": "stated",
        "observed_at": day(at),
        "content": abs(hash(str(value))) % 2**63,
        **origin("visit", f"{visit}{attribute}"),
    }
    return row | given


def verification(version: str, agree: bool, at: float, actor: str = "o2", **given: Any) -> dict[str, Any]:
    entity = version.split(":")[1]
    row = {"version": version, "kind": "thing", "entity": entity, "attribute": "colour", "agree": agree, "actor": actor, "observed_at": day(at)}
    return row | origin("visit", f"check{at}{agree}{actor}") | given


def roster(dwelling: str, persons: Sequence[str | None], at: float, complete: bool = True, unidentified: int = 0, **given: Any) -> list[dict[str, Any]]:
    visit = given.pop("visit", f"r{at}")
    counter = given.pop("counter", 0)
    base = f"{visit}:{dwelling}:roster"
    row = {"roster": f"{base}#{counter}", "base": base, "counter": counter, "dwelling": dwelling, "complete": complete, "unidentified": unidentified}
    row |= {"seen": [], "actor": "o1", "observed_at": day(at)} | given
    return [row | {"person": person} | origin("visit", f"{visit}{counter}", number) for number, person in enumerate(persons or [None])]


def closed(source: str, moment: float, area: str = "330302", rows: int = 1, **given: Any) -> dict[str, Any]:
    delivery = given.pop("delivery", f"{source}{moment}")
    row = {
        "source": source,
        "delivery": delivery,
        "mode": "snapshot",
        "moment": day(moment),
        "area": area,
        "part": 1,
        "parts": 1,
        "declared": rows,
        "delivered": rows,
    }
    row |= {"refused": 0, "reduced": 0, "layout": 0, "landed": rows, "unkeyed": 0, "chunks": 0, "supersedes": [], "recorded_at": day(100)}
    return row | given


def presence(entity: str | None, source: str, moment: float, record: str | None = None, of: str = "thing") -> dict[str, Any]:
    return {"kind": of, "entity": entity, "record": record, **origin(source, f"{source}{moment}", 77)}


def switch(what: str, target: str, on: bool = True, sequence: int = 1) -> dict[str, Any]:
    return {"switch": what, "target": target, "on": on, "actor": "o", "reason": "r", "sequence": sequence, "recorded_at": day(100)}


Facts = dict[str, list[dict[str, Any]]]


def tables(facts: Facts, of: Kind) -> dict[str, pa.Table]:
    """Arrow tables of all fact types, empty where nothing is given."""
    made = {name: pa.Table.from_pylist(facts.get(name, []), schema=schema) for name, schema in FACTS.items()}
    made[f"claim_{of.name}"] = pa.Table.from_pylist(facts.get("claim", []), schema=claim_schema(of))
    return made


def golden(facts: Facts, of: Kind = THING, given: Contracts = ALL) -> dict[str, dict[str, Any]]:
    """Golden rows by entity, straight from the statement over in-memory relations; those of each entity by itself, compiled for what is heard about it, must be the same."""
    with world(facts, of, given) as con:
        relations = Relations.of(of.name)
        con.execute(f"create table answer as {golden_sql(of, given, relations)}")
        table = con.sql("from answer").to_arrow_table()
        assert table.schema.equals(golden_schema(of, given.sources(of.name))), table.schema
        for (scope,) in con.execute("select distinct split_part(entity, '@', 1) from answer").fetchall():
            mine = f"from answer where split_part(entity, '@', 1) = '{scope}'"
            con.execute(f"create or replace table {relations.touched} as select entity {mine}")
            narrow = golden_sql(of, given, relations, Heard.of(con.execute(heard_sql(of, relations)).fetchall()))
            assert con.execute(f"{mine} order by entity").fetchall() == con.execute(f"from ({narrow}) order by entity").fetchall(), scope
        return {row["entity"]: row for row in shown_rows(of, given.sources(of.name), table)}


@contextmanager
def world(facts: Facts, of: Kind = THING, given: Contracts = ALL) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with these facts as tables, every entity touched."""
    with duckdb.connect() as con:
        con.execute("set threads = 1")
        con.execute(given.rules_sql)
        for name, table in tables(facts, of).items():
            con.register(f"arrow_{name}", table)
            con.execute(f'create table "{name}" as from arrow_{name}')
        relations = Relations.of(of.name)
        con.execute(f"create table {relations.touched} as {known_sql(of, relations)}")
        yield con
