"""The fold over a log: read claims, settle them into the state, publish what changed. A crash between any two steps is repaired by the next call."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa

from contracts.ports import Log, Message
from streams.reconcile.errors import HistoryNeeded, LogTruncated
from streams.reconcile.state import Fact, State

CLAIMS, CHANGES = "cabin.claims", "cabin.changes"
SETTLE_ROWS = 4_000_000
"""Rows of one settle when far behind. Fewer settles recompute an entity less often: a first load of four sources took 8.6 microseconds a claim at once, 12.5 in two settles."""
READ_BYTES = 16_000_000
PUBLISH_MESSAGES = 16
CONTENT_TYPE = "application/vnd.apache.arrow.stream"


@dataclass(frozen=True, slots=True)
class Folded:
    """What one call did: facts read (rows) and golden rows published."""

    claims: int
    changes: int


@dataclass(frozen=True, slots=True)
class Span:
    """Messages `start` to `stop` (exclusive) that are settled together."""

    start: int
    stop: int
    rows: int


class Reading:
    """The facts of a span, decoded as they are taken; knows the digest of the last message when it is through."""

    def __init__(self, log: Log, partition: int, span: Span) -> None:
        self._log, self._partition, self._span = log, partition, span
        self._last = b""

    def __iter__(self) -> Iterator[Fact]:
        offset = self._span.start
        while offset < self._span.stop:
            for stored in self._log.read(CLAIMS, self._partition, offset, READ_BYTES):
                offset = stored.position.offset + 1
                if offset > self._span.stop:
                    break
                self._last = stored.message.value
                yield decoded(stored.message)

    def digest(self) -> str:
        return digest(self._last)


def fold(log: Log, state: State, *, settle_rows: int = SETTLE_ROWS) -> Folded:
    """Bring the state up to the log's end as seen now, then publish every golden row that changed.

    Facts are settled about `settle_rows` rows at a time. A state of another log, or one that needs forgotten claims, is folded anew.
    Raises: `LogTruncated`.
    """
    if not _fits(log, state):
        state.discard()
    try:
        claims = _settle_all(log, state, settle_rows)
    except HistoryNeeded:
        state.discard(pruned=False)
        claims = _settle_all(log, state, settle_rows)
    return Folded(claims, _publish(log, state))


def decoded(message: Message) -> Fact:
    """The fact type and rows of a message of `cabin.claims`."""
    with pa.ipc.open_stream(message.value) as reader:
        return message.headers["ce_type"], reader.read_all()


def encoded(rows: pa.Table) -> bytes:
    """Rows as an Arrow IPC stream, zstd inside."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, rows.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as writer:
        writer.write_table(rows)
    return bytes(sink.getvalue())


def digest(value: bytes) -> str:
    return hashlib.sha256(value).hexdigest()


def _fits(log: Log, state: State) -> bool:
    """Whether the state was folded from this log: same generation, not beyond its end, same last message."""
    if state.applied == 0:
        return True
    if state.generation != log.generation or log.end(CLAIMS, state.partition) < state.applied:
        return False
    last = log.read(CLAIMS, state.partition, state.applied - 1, 1)
    return not last or last[0].position.offset != state.applied - 1 or digest(last[0].message.value) == state.digest


def _settle_all(log: Log, state: State, settle_rows: int) -> int:
    rows = 0
    for span in _spans(log, state, settle_rows):
        reading = Reading(log, state.partition, span)
        state.settle(reading, span.stop, generation=log.generation, digest=reading.digest)
        rows += span.rows
    return rows


def _spans(log: Log, state: State, settle_rows: int) -> list[Span]:
    """What lies beyond the applied position, cut into settles of about `settle_rows` rows."""
    headers = log.headers(CLAIMS, state.partition, state.applied)
    if headers and headers[0][0] > state.applied:
        raise LogTruncated(partition=state.partition, start=headers[0][0], needed=state.applied)
    spans: list[Span] = []
    start, rows = state.applied, 0
    for offset, given in headers:
        rows += int(given.get("rows", "0"))
        if rows >= settle_rows or offset == headers[-1][0]:
            spans.append(Span(start, offset + 1, rows))
            start, rows = offset + 1, 0
    return spans


def _publish(log: Log, state: State) -> int:
    """Append everything in the outbox, then clear it; a crash in between sends it again."""
    rows = 0
    waiting: list[Message] = []
    for kind, table in state.outbox():
        waiting.append(_change(log, state, kind, table, rows))
        rows += table.num_rows
        if len(waiting) >= PUBLISH_MESSAGES:
            _send(log, state, waiting)
            waiting = []
    _send(log, state, waiting)
    if rows:
        state.clear_outbox()
    return rows


def _send(log: Log, state: State, messages: Sequence[Message]) -> None:
    if messages:
        log.append(CHANGES, state.partition, messages)


def _change(log: Log, state: State, kind: str, table: pa.Table, before: int) -> Message:
    headers = {
        "ce_id": f"{log.generation}/{state.partition}/{state.version}/{before}",
        "ce_source": "cabin/fold",
        "ce_type": f"golden.{kind}",
        "content-type": CONTENT_TYPE,
        "rows": str(table.num_rows),
    }
    return Message(encoded(table), headers)
