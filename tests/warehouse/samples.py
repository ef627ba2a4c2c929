"""Small districts for the warehouse's tests: contracts with few feeds, and logs that hold claims, golden changes and outcomes."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from contracts.facts import FACTS, claim_schema
from contracts.model import Contracts, Feed, Label, Mapped
from contracts.model import Mapping as Mapped_to
from contracts.ports import Message
from contracts.quarantined import COUNTED
from contracts.read import load
from streams.log import EmbeddedLog
from tests.golden_rows import golden_table

FEEDS = {
    "ca_deregister": ("person",),
    "division": ("place",),
    "ho_dwelling": ("dwelling",),
    "mr_business": ("business",),
    "ps_resident": ("dwelling", "person", "residency"),
    "rental": ("dwelling", "person", "residency"),
}
AT = datetime(2026, 9, 1, 8)
NAME_KEY = "key of the tests"


def contracts() -> Contracts:
    """The shipped kinds and marts with the six feeds of `FEEDS`, whatever feeds are shipped."""
    return dataclasses.replace(load(), feeds={name: _feed(name, kinds) for name, kinds in FEEDS.items()}, fingerprint="toy")


def _feed(name: str, kinds: tuple[str, ...]) -> Feed:
    mappings = tuple(Mapped_to(kind, (Mapped("present", "true"),), entity="x") for kind in kinds)
    label = Label(name, name)
    covers = ("resident",) if name == "ps_resident" else ()
    return Feed(name, "F00", 1, "1.0.0", label, label, "csv", "utf-8", ",", ("increment",), (), (), "null", mappings, covers=covers)


def golden(known: Contracts, kind: str, rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Golden rows; what a row leaves out is null, `alive` is true, `version` 1."""
    return golden_table(known.kinds[kind], known.sources(kind), [{"alive": True, "version": 1, **row} for row in rows])


def claims(known: Contracts, kind: str, rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Claims; `repair` 0, first contract version, not withdrawing."""
    common = {"repair": 0, "contract_version": 1, "withdraws": False, "own_time": True, "listed": False}
    return pa.Table.from_pylist([{**common, **row} for row in rows], claim_schema(known.kinds[kind]))


def facts(name: str, rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist([{"repair": 0, "contract_version": 1, **row} for row in rows], {**FACTS, "quarantined": COUNTED}[name])


def value(unit: str, source: str, bit: int, status: str = "single", **more: Any) -> dict[str, Any]:
    """The columns of a unit that one source speaks for."""
    return {f"{unit}__status": status, f"{unit}__source": source, f"{unit}__agree": 1 << bit, f"{unit}__differ": 0, **more}


def spoken(source: str, delivery: str, row: int, at: datetime = AT) -> dict[str, Any]:
    """The columns of a source that speaks about an entity."""
    return {f"{source}__delivery": delivery, f"{source}__row": row, f"{source}__record": f"r{row}", f"{source}__observed_at": at}


def message(ce_type: str, table: pa.Table) -> Message:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as writer:
        writer.write_table(table)
    return Message(bytes(sink.getvalue()), {"ce_type": ce_type, "rows": str(table.num_rows), "content-type": "application/vnd.apache.arrow.stream"})


def outcome(feed: str, delivery: str, chunk: int, recorded_at: datetime, rows: int = 1, **more: Any) -> Message:
    """One outcome as normalising writes it."""
    given = {"feed": feed, "delivery": delivery, "chunk": str(chunk), "type": "raw.rows", "outcome": "normalised", "rows": rows, "accepted": rows, "unkeyed": 0}
    value = {**given, "quarantined": {}, "flags": {}, "recorded_at": recorded_at.isoformat(timespec="milliseconds"), **more}
    return Message(json.dumps(value).encode(), {"ce_type": "outcome", "content-type": "application/json"})


def log_at(folder: Path) -> EmbeddedLog:
    return EmbeddedLog.open(folder / "log.sqlite", 2)


def add(log: EmbeddedLog, topic: str, *messages: Message, partition: int = 0) -> None:
    log.append(topic, partition, list(messages))


HOME = "330302006071/解放街/12/3/2/501"


def household(known: Contracts, number: int, *, version: int = 1, present: bool = True, at: datetime = AT, alive: bool = True) -> dict[str, pa.Table]:
    """A person, a dwelling and the link between them, as golden rows."""
    person, home = f"p{number:024x}", f"330302006071/解放街/{number}"
    head = {"area": "330302006071", "observed_at": at, "version": version, "alive": alive, **spoken("ps_resident", "d1", number, at)}
    name = "欧阳小明" if number % 2 else "王小明"
    return {
        "golden_person": golden(known, "person", [{"entity": person, "present": True, "name": name, **head, **value("name", "ps_resident", 1)}]),
        "golden_dwelling": golden(
            known, "dwelling", [{"entity": home, "present": True, "address": home, "people_band": "2", **head, **value("address", "ps_resident", 1)}]
        ),
        "golden_residency": golden(
            known,
            "residency",
            [
                {
                    "entity": f"{person}@{home}",
                    "person": person,
                    "dwelling": home,
                    "present": present,
                    "main": True,
                    "residence_status": "1",
                    **head,
                    **value("present", "ps_resident", 0),
                }
            ],
        ),
    }


def add_households(log: EmbeddedLog, known: Contracts, numbers: Iterable[int], **more: Any) -> None:
    """Golden changes of households and the outcome of the delivery that brought them."""
    for number in numbers:
        add(
            log, "cabin.changes", *(message(name.replace("_", ".", 1), table) for name, table in household(known, number, **more).items()), partition=number % 2
        )
    add(log, "cabin.outcomes", outcome("ps_resident", "d1", 0, more.get("at", AT) + timedelta(hours=1)))
