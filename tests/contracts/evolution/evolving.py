"""Small random feeds, one change each, rows of a department, and whether a feed accepts them by the project's own machinery: JSON Schema of the layout and the compiled statements."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from random import Random
from typing import Any

import duckdb
import pyarrow as pa

from contracts.json_schema import row_faults, row_validator
from contracts.model import Classification, Column, Contracts, Feed, Label, Mapped, Mapping, Rule, Severity
from contracts.normalising import normalising_sql, raw_schema
from contracts.read import load
from streams.normalise import normalise

NAME = Label("样例", "sample")
SHIPPED = load()
TYPES = ("code", "text", "integer", "decimal", "date", "timestamp", "boolean")
CELLS: tuple[Any, ...] = (
    None, "1", "2", "7", "-3", "1.5", "60", "2.0", "x", "x" * 29, "x" * 31, "x" * 200, "1" * 40, "2024-05-01", "2024-05-01 08:00:00", "2024-05-01 08:00:00." + "0" * 40,
    "20240501083000", "true", "是", True, 5, 2.5,
)  # fmt: skip
"""Cells on both sides of every border that types, limits and rules of this module draw."""
HOLDS = {
    "boolean": ("{0} <> '是'",),
    "date": ("length({0}) <= 10",),
    "timestamp": ("length({0}) <= 19",),
    "integer": ("{0} <> '7'", "try_cast({0} as double) between 0 and 50"),
    "decimal": ("{0} <> '7'", "try_cast({0} as double) between 0 and 50"),
    "code": ("length({0}) <= 20", "{0} <> '7'"),
    "text": ("length({0}) <= 20", "{0} <> '7'"),
}
"""Rules that some cells of a type keep and some break."""
Row = dict[str, Any]


def column(name: str, type_: str = "code", **more: Any) -> Column:
    return Column(name, f"sample.{name}", f"列{name}", type_, Classification.PLAIN, "test", "test", name, **{"required": False, **more})  # type: ignore[arg-type]


def feed(chance: Random) -> Feed:
    """A feed with a key, a column that its mappings look at, and some columns of any type and class, with rules of both severities."""
    own = [
        replace(
            column(f"c{at}", chance.choice(TYPES), required=chance.random() < 0.4, other_headers=(f"又名{at}",) if chance.random() < 0.5 else ()),
            classification=chance.choice([Classification.PLAIN, Classification.PERSONAL]),
        )
        for at in range(chance.randint(1, 3))
    ]
    rules = [rule(chance, f"r{at}", each) for at, each in enumerate(own) if chance.random() < 0.7]
    where = chance.choice([None, "state = '1'"])
    mappings = [Mapping("thing", (Mapped("kind", "state"), Mapped("grade", own[0].name)), entity="number", where=where)]
    if chance.random() < 0.5:
        mappings.append(Mapping("venue", (Mapped("name", "extra"),), entity="nullif(extra, '')"))
    return Feed(
        "sample", "F00", 1, "1.0.0", NAME, NAME, "jsonl", "utf-8", ",", ("increment",), (column("number", required=True), column("state"), column("extra"), *own), (), "null",
        tuple(mappings), tuple(rules), free_text_limit=chance.choice([30, 60]),
    )  # fmt: skip


def rule(chance: Random, reason: str, about: Column) -> Rule:
    """A rule of either severity; a warning may blank its column."""
    chosen, name = chance.choice(["error", "warning"]), about.name
    blanks = name if chosen == "warning" and chance.random() < 0.5 else None
    return Rule(reason, Severity(chosen), chance.choice(HOLDS[about.type]).format(name), NAME, name, blanks)


@dataclass(frozen=True)
class Judge:
    """Tells which rows of a department a feed accepts."""

    engine: duckdb.DuckDBPyConnection
    feed: Feed

    def accepted(self, rows: Sequence[Row]) -> list[bool]:
        """Per row: the layout's schema has nothing against it, and no error rule sets it aside."""
        validator = row_validator(self.feed)
        sound = [not row_faults(validator, each) for each in rows]
        known = Contracts({"sample": self.feed}, SHIPPED.kinds, {}, {}, "", "test")
        found = normalise(self.engine, normalising_sql(self.feed, known), self._raw(rows))
        broken = set(found.quarantined["row"].to_pylist())
        return [fits and at not in broken for at, fits in enumerate(sound)]

    def _raw(self, rows: Sequence[Row]) -> pa.Table:
        machinery = {"delivery": "d", "chunk": 0, "recorded_at": datetime(2024, 5, 10), "mode": "increment", "repair": 0}
        schema = raw_schema(self.feed)
        return pa.Table.from_pylist([{**machinery, "row": at, **self._cells(each)} for at, each in enumerate(rows)], schema)

    def _cells(self, row: Row) -> dict[str, Any]:
        given = {each.name: _text(row.get(header)) for each in self.feed.columns for header in (each.header, *each.other_headers) if header in row}
        sealed = {each.name: given.pop(each.name) for each in self.feed.columns if each.sealed and given.get(each.name) is not None}
        sealing = {"subject": "s", "sealed": b"1", "opened": json.dumps(sealed, ensure_ascii=False)} if sealed else {}
        return {**given, **sealing}


def _text(cell: Any) -> str | None:
    if isinstance(cell, bool):
        return str(cell).lower()
    return None if cell is None else str(cell)


def rows(feed: Feed, chance: Random, count: int) -> list[Row]:
    """Rows of a department: any of a column's headers, any cell, sometimes none where none is needed."""
    return [
        {chance.choice([each.header, *each.other_headers]): _cell(each, chance) for each in feed.columns if each.required or chance.random() < 0.8}
        for _ in range(count)
    ]


def _cell(column: Column, chance: Random) -> Any:
    if column.name == "number":
        return f"N{chance.randint(1, 99)}"
    fitting = {
        "integer": ("1", "2", 5, "60"),
        "decimal": ("1.5", "2", 2.5),
        "date": ("2024-05-01",),
        "timestamp": ("2024-05-01 08:00:00", "20240501083000"),
        "boolean": (True, "是"),
    }
    return chance.choice([*fitting.get(column.type, ("1", "x", "7")), None, chance.choice(CELLS)])


def variants(feed: Feed, base: Row, names: Iterable[str]) -> list[Row]:
    """A row with every cell of `CELLS` in one of some columns, under every header, and without the column; with and without what keys and conditions are made of."""
    found: list[Row] = [{**base, "列state": state, "列extra": extra} for state in (None, "1", "2") for extra in (None, "", "1", "x")]
    for each in (each for each in feed.columns if each.name in names):
        headers = (each.header, *each.other_headers)
        rest = {name: cell for name, cell in base.items() if name not in headers}
        found += [rest, *({**rest, header: cell} for header in headers for cell in CELLS)]
    return found
