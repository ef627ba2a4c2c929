"""The outbox: golden rows that changed go to `cabin.changes`, are acknowledged, then forgotten; a crash in between sends them again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice

import pyarrow as pa

from contracts.facts import golden_schema
from contracts.ipc import Unreadable, number_of
from contracts.ports import Log, Message
from contracts.topics import APPLIED, CHANGES, RELEASE
from streams.log.errors import LogMoved
from streams.reconcile.batches import decoded, encoded
from streams.reconcile.state import State

PUBLISH_MESSAGES = 16
LOOKED_AT = 32
"""Messages at the end of a topic of which one surely has its newest version: more changes are not published at once by who was paused."""
CONTENT_TYPE = "application/vnd.apache.arrow.stream"


def publish(log: Log, state: State) -> int:
    """Append everything in the outbox, then clear it; the number of golden rows. Raises: `LogMoved` where some of it may be lost again already."""
    if state.published == state.version:
        return 0
    rows = after = 0
    changes = _changes(log, state)
    while messages := list(islice(changes, PUBLISH_MESSAGES)):
        after = log.append(CHANGES, state.partition, messages)[-1].offset + 1
        rows += sum(int(each.headers["rows"]) for each in messages)
    if log.moved():
        raise LogMoved
    state.clear_outbox(CHANGES, after)
    return rows


def newest_version(log: Log, topic: str, partition: int, end: int) -> int:
    """The newest version on a topic that ends at `end`, whoever wrote it and of whatever generation; -1 where there is none. What a new state publishes must count as later."""
    look = LOOKED_AT
    while True:
        start = max(0, end - look)
        versions = [version_of(found) for _, found in log.headers(topic, partition, start)] if end else []
        if versions or not start:
            return max(versions, default=-1)
        look *= look  # only transactions that came to nothing, and their marks


def published_since(log: Log, state: State, start: int) -> tuple[dict[str, pa.Table], int]:
    """The entities by kind of which changes were published from offset `start` on, and the newest version among them."""
    told: dict[str, list[pa.Table]] = {}
    version = -1
    while read := log.read(CHANGES, state.partition, start):
        start = read[-1].position.offset + 1
        for stored in read:
            kind = stored.message.headers["ce_type"].removeprefix("golden.")
            try:
                rows = decoded(stored.message)[1].select(["entity"])
            except (Unreadable, KeyError):  # a stranger's message tells of no entity
                continue
            if kind in state.contracts.kinds:
                told.setdefault(kind, []).append(rows)
                version = max(version, version_of(stored.message.headers))
    return {kind: pa.concat_tables(tables) for kind, tables in told.items()}, version


def version_of(headers: Mapping[str, str]) -> int:
    """-1 for what a stranger wrote."""
    version = number_of(headers.get("version"), 1 << 62)
    return -1 if version is None else version


def _changes(log: Log, state: State) -> Iterator[Message]:
    """At least one: that facts were settled is told also where they changed nothing."""
    rows = 0
    for kind, table in state.outbox():
        yield _change(log, state, kind, table, rows)
        rows += table.num_rows
    if not rows:
        kind, contract = next(iter(state.contracts.kinds.items()))
        yield _change(log, state, kind, golden_schema(contract, state.contracts.sources(kind)).empty_table(), 0)


def _change(log: Log, state: State, kind: str, table: pa.Table, before: int) -> Message:
    headers = {
        "ce_id": f"{log.generation}/{state.partition}/{state.version}/{before}",
        "ce_source": "cabin/fold",
        "ce_type": f"golden.{kind}",
        "content-type": CONTENT_TYPE,
        "generation": log.generation,
        "version": str(state.version),
        APPLIED: str(state.applied),
        RELEASE: state.contracts.fingerprint,
        "rows": str(table.num_rows),
    }
    return Message(encoded(table), headers)
