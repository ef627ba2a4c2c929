"""Messages to Arrow tables and back: IPC streams compressed with zstd, JSON for the facts of one row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

import numpy as np
import orjson
import pyarrow as pa

from contracts.facts import MOMENT
from contracts.normalising import MACHINERY, Form
from contracts.ports import Message, Stored

BEIJING = timezone(timedelta(hours=8))
ARROW = "application/vnd.apache.arrow.stream"
JSON = "application/json"
MESSAGE_ROWS = 20_000
"""Rows of one derived message at most: about two megabytes."""

WRITING = pa.ipc.IpcWriteOptions(compression="zstd")
FORMS: dict[str, Form] = {"raw.rows": "rows", "raw.minors": "minors", "raw.presence": "presence"}


def encode(table: pa.Table) -> bytes:
    """The table as one IPC stream."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema, options=WRITING) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())


def decode(value: bytes) -> pa.Table:
    """The table of an IPC stream.

    Raises: `pyarrow.ArrowInvalid` where the bytes are none.
    """
    with pa.ipc.open_stream(value) as reader:
        return reader.read_all()


def decode_rows(message: Message) -> pa.Table:
    """The rows of a raw message.

    Raises: `pyarrow.ArrowInvalid` where the bytes are no table, hold another number of rows than the header says, or have no row numbers.
    """
    table = decode(message.value)
    if table.num_rows != int(message.headers["rows"]):
        raise pa.ArrowInvalid("another number of rows than the header says")
    if "row" not in table.schema.names or table["row"].null_count:
        raise pa.ArrowInvalid("rows without number")
    return table


def moment_of(text: str | None) -> datetime | None:
    """A header's or a JSON member's moment; null where there is none."""
    return datetime.fromisoformat(text).replace(tzinfo=None) if text else None


def iso_of(milliseconds: int) -> str:
    """A log's time as a header's, which is Beijing time without zone."""
    return datetime.fromtimestamp(milliseconds / 1000, BEIJING).replace(tzinfo=None).isoformat(timespec="milliseconds")


def machinery(headers: Sequence[Mapping[str, str]], counts: Sequence[int]) -> dict[str, pa.Array]:
    """The machinery columns, each message's values repeated for its rows; `opened` is left to the vault."""
    values: dict[str, list[Any]] = {
        "delivery": [each["delivery"] for each in headers],
        "chunk": [int(each["chunk"]) for each in headers],
        "recorded_at": [moment_of(each["ce_time"]) for each in headers],
        "moment": [moment_of(each.get("moment")) for each in headers],
        "mode": [each.get("mode", "increment") for each in headers],
        "area_header": [each.get("area") or None for each in headers],
        "repair": [int(each.get("repair", "0")) for each in headers],
    }
    indices = pa.array(np.repeat(np.arange(len(counts), dtype=np.int32), counts))
    return {name: pa.array(values[name], kind).take(indices) for name, kind in MACHINERY if name in values}


def facts_table(schema: pa.Schema, values: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Few facts that came as JSON, in the fact's shape.

    Raises: `pyarrow.ArrowInvalid`, `pyarrow.ArrowTypeError` or ValueError where a value does not fit.
    """
    columns = [[moment_of(each.get(field.name)) if field.type == MOMENT else each.get(field.name) for each in values] for field in schema]
    return pa.table([pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)], schema=schema)


def json_object(message: Message) -> dict[str, Any]:
    """The JSON object of a message.

    Raises: ValueError where it is none.
    """
    value = orjson.loads(message.value)
    if not isinstance(value, dict):
        raise ValueError("no JSON object")
    return value


@dataclass(frozen=True, slots=True)
class Made:
    """What the messages of one step have in common: the `name` that makes their ids, when their newest row was recorded, the version of the alias table."""

    name: str
    recorded_at: str
    aliases: int


def derived(fact: str, table: pa.Table, made: Made, message_rows: int = MESSAGE_ROWS) -> Iterator[Message]:
    """The table as messages of one fact type."""
    for number, start in enumerate(range(0, table.num_rows, message_rows)):
        part = table.slice(start, message_rows)
        yield Message(
            encode(part.combine_chunks()),
            {
                "ce_id": f"{made.name}/{fact}/{number}",
                "ce_source": "cabin/normalise",
                "ce_type": fact,
                "ce_time": made.recorded_at,
                "content-type": ARROW,
                "aliases": str(made.aliases),
                "rows": str(part.num_rows),
            },
        )


def span(stored: Sequence[Stored]) -> str:
    """The raw positions a step covers, as text; the same messages have the same name."""
    first, last = stored[0].position, stored[-1].position
    return f"{first.topic}/{first.partition}/{first.offset}-{last.topic}/{last.partition}/{last.offset}"
