"""What subscribers have after the last message: records and discrepancies, rebuilt from the topics alone and held against the marts."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from contracts.model import Contracts, Unit
from contracts.subscribers import told_members
from tests.faults.reading import Record

ENTITY = "cabin.entity."
OF_PERSONS = ("person", "residency")
"""Kinds whose discrepancies tell no entity."""


def last_of_each(records: Iterable[Record]) -> dict[str, dict[str, Record]]:
    """By topic and key the last message; a key always lies on one partition, so the later offset is the later message."""
    found: dict[str, dict[str, Record]] = defaultdict(dict)
    for record in records:
        found[record.topic][record.key] = record
    return found


def versions(records: Iterable[Record]) -> Iterator[str]:
    """Within one generation of the log no message is followed by an older one: a former owner that woke up would have been fenced."""
    newest: dict[tuple[str, str, str], int] = {}
    for record in records:
        place = (record.topic, record.key, record.headers["generation"])
        version = int(record.headers["version"])
        if version < newest.get(place, version):
            yield f"{record.topic}/{record.partition}/{record.offset}: version {version} after {newest[place]}"
        newest[place] = max(version, newest.get(place, version))


def entities(records: Sequence[Record], snapshot: Path, contracts: Contracts) -> Iterator[str]:
    """Per kind the records whose last message is no tombstone are those of the mart, and every value told has the mart's status, source and value."""
    last = last_of_each(records)
    with duckdb.connect(str(snapshot), read_only=True) as marts:
        for kind in contracts.kinds:
            told = {key: record.document() for key, record in last[f"{ENTITY}{kind}"].items() if record.value}
            held = _rows(marts, f"select * exclude (differs) from {kind}_current")
            yield from _unequal(f"{kind} records", set(told), {row["entity"] for row in held})
            units = {unit for document in told.values() for unit in document["attributes"]}
            members = {unit: [member.name for member in told_members(unit)] for unit in contracts.kinds[kind].units if unit.name in units}
            by_topic = {found for document in told.values() for found in _values(document)}
            yield from _unequal(f"values of {kind}", by_topic, {found for row in held for found in _marts_values(row, members)})


def notices(records: Sequence[Record], snapshot: Path) -> Iterator[str]:
    """The discrepancies whose last fact is open are the mart's: none open that should be closed, none missing."""
    last = [record.document() for record in last_of_each(records)["cabin.discrepancies"].values()]
    names = ("kind", "entity", "attribute", "feed", "status", "golden_source", "why", "origin")
    told = Counter(tuple(fact[name] for name in names) for fact in last if fact["state"] == "open")
    with duckdb.connect(str(snapshot), read_only=True) as marts:
        rows = _rows(marts, "select *, source as feed from discrepancy")
    held = Counter(tuple(None if name == "entity" and row["kind"] in OF_PERSONS else row[name] for name in names) for row in rows)
    yield from _unequal("open discrepancies", set(told.items()), set(held.items()))


def _values(document: Mapping[str, Any]) -> Iterator[tuple[object, ...]]:
    for unit, told in document["attributes"].items():
        value = told["value"]
        members = tuple(value.values()) if isinstance(value, dict) else (value,)
        yield document["entity"], unit, told["status"], told["source"], tuple(map(_plain, members))


def _marts_values(row: Mapping[str, Any], members: Mapping[Unit, Sequence[str]]) -> Iterator[tuple[object, ...]]:
    for unit, names in members.items():
        if row[f"{unit.name}__status"] is not None:
            yield row["entity"], unit.name, row[f"{unit.name}__status"], row[f"{unit.name}__source"], tuple(_plain(row[name]) for name in names)


def _plain(value: Any) -> object:
    """Both sides of a comparison in the same form: numbers as floats, moments and days as JSON has them."""
    if isinstance(value, datetime):
        return f"{value.isoformat(timespec='milliseconds')}+08:00"
    if isinstance(value, date):
        return value.isoformat()
    return float(value) if isinstance(value, int | float | Decimal) and not isinstance(value, bool) else value


def _rows(marts: duckdb.DuckDBPyConnection, sql: str) -> list[dict[str, Any]]:
    found = marts.execute(sql)
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _unequal(what: str, told: set[Any], held: set[Any]) -> Iterator[str]:
    """Counts only, and the ends of some names: what differs may be about persons."""
    if told != held:
        yield f"{what}: {len(told - held)} told that the mart does not have, {len(held - told)} of the mart's not told"
