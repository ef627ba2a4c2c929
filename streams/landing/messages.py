"""Raw messages from raw tables: headers by CloudEvents, values as Arrow streams; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.ipc

from contracts.facts import CLOSED
from contracts.model import Feed
from contracts.ports import Message
from streams.landing.model import Declared

ROWS, MINORS, PRESENCE, CLOSING = "raw.rows", "raw.minors", "raw.presence", "delivery.closed"
ARROW, JSON = "application/vnd.apache.arrow.stream", "application/json"
OPTIONS = pyarrow.ipc.IpcWriteOptions(compression="zstd")


def topic_of(feed: Feed) -> str:
    """The raw topic of a feed."""
    return f"cabin.raw.{feed.name}"


@dataclass(frozen=True, slots=True)
class Envelope:
    """What all messages of a delivery say in their headers."""

    feed: Feed
    delivery: str
    declared: Declared
    recorded_at: datetime
    more: Mapping[str, str] = field(default_factory=dict)

    def message(self, kind: str, chunk: int, rows: int, sequence: int, value: bytes, content_type: str = ARROW) -> Message:
        headers = {
            "ce_id": f"{self.delivery}/{chunk}",
            "ce_source": "cabin/landing",
            "ce_type": kind,
            "ce_time": iso(self.recorded_at),
            "ce_dataschema": f"{self.feed.name}/{self.feed.version}",
            "content-type": content_type,
            "feed": self.feed.name,
            "delivery": self.delivery,
            "chunk": str(chunk),
            "rows": str(rows),
            "mode": str(self.declared.mode),
            "vault_sequence": str(sequence),
            "repair": "0",
            **self.more,
        }
        if self.declared.moment is not None:
            headers["moment"] = iso(self.declared.moment)
        if self.declared.area is not None:
            headers["area"] = self.declared.area
        return Message(value, headers, self.delivery.encode())

    def closing(self, counts: Mapping[str, int | None], chunks: int, sequence: int, report: Mapping[str, Any]) -> Message:
        """`delivery.closed`: the fields of `contracts.facts.CLOSED`, and `report`, which is for people."""
        declared = self.declared
        fields = {
            "source": self.feed.name,
            "delivery": self.delivery,
            "mode": declared.mode,
            "moment": iso(declared.moment) if declared.moment else None,
            "area": declared.area,
            "part": declared.part,
            "parts": declared.parts,
            "chunks": chunks,
            "supersedes": list(declared.supersedes),
            "recorded_at": iso(self.recorded_at),
            **counts,
        }
        value = orjson.dumps({**{name: fields[name] for name in CLOSED.names}, "report": dict(report)})
        return self.message(CLOSING, chunks, 0, sequence, value, JSON)


def iso(moment: datetime) -> str:
    """Milliseconds, no zone."""
    return moment.isoformat(timespec="milliseconds")


def arrow_bytes(table: pa.Table) -> bytes:
    """One Arrow IPC stream, zstd, of one batch."""
    sink = pa.BufferOutputStream()
    with pyarrow.ipc.new_stream(sink, table.schema, options=OPTIONS) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())


class Rechunked:
    """Cuts tables into pieces of exactly `size` rows, whatever came in; the last may be shorter."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._waiting: list[pa.Table] = []
        self._rows = 0

    def add(self, table: pa.Table) -> Iterator[pa.Table]:
        self._waiting.append(table)
        self._rows += table.num_rows
        if self._rows >= self._size:
            yield from self._cut(self._rows - self._rows % self._size)

    def rest(self) -> Iterator[pa.Table]:
        yield from self._cut(self._rows)

    def _cut(self, upto: int) -> Iterator[pa.Table]:
        if not upto:
            return
        whole = pa.concat_tables(self._waiting)
        for start in range(0, upto, self._size):
            yield whole.slice(start, min(self._size, upto - start)).combine_chunks()
        self._rows -= upto
        self._waiting = [whole.slice(upto)] if self._rows else []
