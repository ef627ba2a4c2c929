"""A small hand-made feed and raw messages of it: normalising is tested apart from the shipped contracts."""

from __future__ import annotations

import json
from collections.abc import Mapping as MappingOf
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import duckdb
import orjson
import pyarrow as pa

from contracts import Contracts, load
from contracts.engine import prepare
from contracts.model import Classification, CodeList, Column, Feed, Label, Mapped, Mapping, Rule, Severity
from contracts.normalising import Form, raw_schema
from contracts.ports import Message, Position, Stored
from streams.normalise import encode

RECORDED = datetime(2024, 5, 10, 9, 0)
NAME = Label("样例", "sample")


def column(name: str, classification: str = "plain", **more: Any) -> Column:
    return Column(name, f"sample.{name}", name, "text", Classification(classification), "test", "test", name, **more)


def rule(reason: str, holds: str, severity: str = "error", blanks: str | None = None, column: str | None = None) -> Rule:
    return Rule(reason, Severity(severity), holds, NAME, column, blanks)


FEED = Feed(
    name="sample",
    catalogue="F00",
    version=2,
    version_text="2.0.0",
    label=NAME,
    department=NAME,
    format="csv",
    encoding="utf-8",
    delimiter=",",
    modes=("increment", "snapshot", "correction", "withdrawal"),
    columns=(
        column("number"),
        column("id_number", "identifier", identifier="subject"),
        column("full_name", "personal"),
        column("address", "personal"),
        column("sex"),
        column("ground"),
        column("division"),
        column("updated"),
        column("operation"),
    ),
    observed_at=("updated",),
    area="division",
    record="number",
    subject="id_number",
    operation="operation = 'D'",
    mappings=(
        Mapping("person", (Mapped("name", "trim(full_name)"), Mapped("sex", "sex"), Mapped("doc_check", "id_number_check")), entity="id_number"),
        Mapping(
            "residency", (Mapped("person", "id_number"), Mapped("dwelling", "upper(address)"), Mapped("residence_type", "ground"), Mapped("from_on", "updated"))
        ),
        Mapping("dwelling", (Mapped("people_band", "minors::varchar"),), entity="upper(address)", rows="minors"),
    ),
    rules=(
        rule("no-sex-code", "sex in ('1', '2', '9')", column="sex"),
        rule("no-ground", "ground in ('1', '2', '01', '02')", "warning", blanks="ground", column="ground"),
        rule("odd-name", "length(full_name) > 1", "warning"),
    ),
)


@dataclass
class PlainSealer:
    """Opens what was never closed: the sealed bytes are the text; subjects in `destroyed` stay shut."""

    destroyed: set[str] = field(default_factory=set)
    sequence: int = 0

    def delivery_subject(self, delivery: str) -> str:
        return f"d:{delivery}"

    def digest(self, data: bytes) -> str:
        return f"digest of {data.decode()}"

    def seal(self, subjects: pa.StringArray, clear: pa.StringArray) -> pa.BinaryArray:
        return clear.cast(pa.binary())

    def unseal(self, subjects: pa.StringArray, sealed: pa.BinaryArray) -> pa.StringArray:
        pairs = zip(subjects.to_pylist(), sealed.to_pylist(), strict=True)
        return pa.array([None if value is None or subject in self.destroyed else value.decode(errors="replace") for subject, value in pairs], pa.string())


def contracts() -> Contracts:
    """The shipped kinds with the sample feed only, and a code list of two digits."""
    shipped = load()
    codes = {**shipped.code_lists, "residence_type": CodeList("residence_type", {"01": NAME, "02": NAME}, 2)}
    return Contracts({"sample": FEED}, shipped.kinds, {}, codes, "", "test", shipped.divisions)


def engine() -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    prepare(con, contracts(), threads=1)
    return con


def row(at: int, /, **cells: str | None) -> dict[str, Any]:
    """A good row; `cells` change it. Personal cells are sealed as they are."""
    good = {
        "number": f"R{at}",
        "id_number": f"p{at:024x}",
        "id_number_check": "valid",
        "full_name": f"张{at}号",
        "address": f"330302006071/解放街/{at}",
        "sex": "1",
        "ground": "2",
        "division": "330302006071",
        "updated": "2024-05-01 08:00:00",
    } | cells
    personal = {name: good.pop(name) for name in ("full_name", "address")}
    sealed = json.dumps({name: text for name, text in personal.items() if text is not None}, ensure_ascii=False).encode()
    return {"row": at, "subject": good["id_number"] or "d:delivery", "sealed": sealed, **good}


def message(
    rows: Sequence[MappingOf[str, Any]], delivery: str = "aaaaaaaaaaaa", chunk: int = 0, form: Form = "rows", feed: Feed = FEED, **headers: str
) -> Message:
    landed = [
        field for field in raw_schema(feed, form) if field.name not in {"delivery", "chunk", "recorded_at", "moment", "mode", "area_header", "repair", "opened"}
    ]
    table = pa.table([pa.array([each.get(field.name) for each in rows], field.type) for field in landed], schema=pa.schema(landed))
    return Message(
        encode(table),
        {
            "ce_id": f"{delivery}/{chunk}",
            "ce_type": f"raw.{form}",
            "ce_time": RECORDED.isoformat(timespec="milliseconds"),
            "feed": feed.name,
            "delivery": delivery,
            "chunk": str(chunk),
            "rows": str(len(rows)),
            "mode": "increment",
            "repair": "0",
        }
        | headers,
    )


def json_message(ce_type: str, value: MappingOf[str, Any], ce_id: str) -> Message:
    return Message(orjson.dumps(value), {"ce_id": ce_id, "ce_type": ce_type, "ce_time": RECORDED.isoformat(timespec="milliseconds"), "feed": "sample"})


def stored(*messages: Message) -> list[Stored]:
    return [Stored(Position("cabin.raw.sample", 0, offset), each) for offset, each in enumerate(messages)]
