"""Messages to Arrow tables and back: IPC streams compressed with zstd, JSON for the facts of one row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

import numpy as np
import pyarrow as pa

from contracts.facts import MOMENT
from contracts.normalising import MACHINERY, Form
from contracts.ports import Message, Stored
from contracts.topics import MESSAGE_BYTES

BEIJING = timezone(timedelta(hours=8))
ARROW = "application/vnd.apache.arrow.stream"
JSON = "application/json"
MESSAGE_ROWS = 20_000
"""Rows of one derived message at most: about two megabytes."""
LARGEST_BYTES = MESSAGE_BYTES - 100_000
"""A larger value leaves no room for its headers."""
DERIVER = "cabin/normalise"

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


@dataclass(frozen=True, slots=True)
class Made:
    """What the messages of one step have in common: the `name` that makes their ids, when their newest row was recorded, the version of the alias table."""

    name: str
    recorded_at: str
    aliases: int


def derived(fact: str, table: pa.Table, made: Made, message_rows: int = MESSAGE_ROWS) -> Iterator[Message]:
    """The table as messages of one fact type, each small enough for its topic unless a single row is not."""
    for number, (rows, value) in enumerate(_pieces(table, message_rows)):
        yield Message(
            value,
            {
                "ce_id": f"{made.name}/{fact}/{number}",
                "ce_source": DERIVER,
                "ce_type": fact,
                "ce_time": made.recorded_at,
                "content-type": ARROW,
                "aliases": str(made.aliases),
                "rows": str(rows),
            },
        )


def _pieces(table: pa.Table, message_rows: int) -> Iterator[tuple[int, bytes]]:
    for start in range(0, table.num_rows, message_rows):
        part = table.slice(start, message_rows)
        value = encode(part.combine_chunks())
        if len(value) > LARGEST_BYTES and part.num_rows > 1:
            yield from _pieces(part, part.num_rows - part.num_rows // 2)
        else:
            yield part.num_rows, value


def span(stored: Sequence[Stored]) -> str:
    """The raw positions a step covers, as text; the same messages have the same name."""
    first, last = stored[0].position, stored[-1].position
    return f"{first.topic}/{first.partition}/{first.offset}-{last.topic}/{last.partition}/{last.offset}"
