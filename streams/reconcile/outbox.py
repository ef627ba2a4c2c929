"""The outbox: golden rows that changed go to `cabin.changes`, are acknowledged, then forgotten; a crash in between sends them again."""

from __future__ import annotations

import pyarrow as pa

from contracts.ports import Log, Message, Position
from contracts.topics import CHANGES
from streams.log.errors import LogMoved
from streams.reconcile.batches import encoded
from streams.reconcile.state import State

PUBLISH_MESSAGES = 16
CONTENT_TYPE = "application/vnd.apache.arrow.stream"


def publish(log: Log, state: State) -> int:
    """Append everything in the outbox, then clear it; the number of golden rows. Raises: `LogMoved` where some of it may be lost again already."""
    rows = 0
    waiting: list[Message] = []
    last: Position | None = None
    for kind, table in state.outbox():
        waiting.append(_change(log, state, kind, table, rows))
        rows += table.num_rows
        if len(waiting) >= PUBLISH_MESSAGES:
            last = log.append(CHANGES, state.partition, waiting)[-1]
            waiting = []
    if waiting:
        last = log.append(CHANGES, state.partition, waiting)[-1]
    if last is not None:
        if log.moved():
            raise LogMoved
        state.clear_outbox(CHANGES, last.offset + 1)
    return rows


def _change(log: Log, state: State, kind: str, table: pa.Table, before: int) -> Message:
    headers = {
        "ce_id": f"{log.generation}/{state.partition}/{state.version}/{before}",
        "ce_source": "cabin/fold",
        "ce_type": f"golden.{kind}",
        "content-type": CONTENT_TYPE,
        "generation": log.generation,
        "version": str(state.version),
        "rows": str(table.num_rows),
    }
    return Message(encoded(table), headers)
