"""What the log already has of a delivery, and the rest of the spool after it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import orjson

from contracts.ipc import number_of
from contracts.model import Feed
from contracts.partition import partition_of
from contracts.ports import Log, Message, Sealer
from contracts.topics import RAW
from streams.errors import VaultBehindLog
from streams.landing.messages import CLOSING, ROWS, topic_of
from streams.landing.model import Landing, Progress
from streams.landing.spool import read_spool

LOOKED_AT = 200
"""Messages per raw partition whose headers are asked for the vault's sequence, from the end on."""


@dataclass(slots=True)
class OnLog:
    """The chunks of a delivery that lie on its raw partition; `closed` is the offset of its closing message."""

    chunks: set[int] = field(default_factory=set)
    closed: int | None = None
    recorded_at: datetime | None = None
    message_rows: int | None = None


def on_log(log: Log, feed: Feed, delivery: str) -> OnLog:
    """Reads the headers of the delivery's partition."""
    found = OnLog()
    for offset, headers in log.headers(topic_of(feed), partition_of(delivery, log.partitions), 0):
        if headers.get("delivery") != delivery:
            continue
        chunk = number_of(headers.get("chunk"))
        if chunk is None:
            continue  # a stranger's: it stands for no part of the delivery
        found.chunks.add(chunk)
        found.recorded_at = found.recorded_at or datetime.fromisoformat(headers["ce_time"])
        if headers["ce_type"] == CLOSING and found.closed is None:
            found.closed = offset
        if chunk == 0 and headers["ce_type"] == ROWS:
            found.message_rows = number_of(headers.get("rows"))
    return found


def closing_message(log: Log, feed: Feed, delivery: str, offset: int) -> Message:
    """The closing message at an offset of the delivery's partition, as it lies there now: what a log remembers of its headers acknowledges nothing."""
    message = log.read(topic_of(feed), partition_of(delivery, log.partitions), offset, 1)[0].message
    assert message.headers["delivery"] == delivery
    return message


def append_rest(landing: Landing, feed: Feed, delivery: str, spool: Path, present: OnLog, file: Path) -> Message:
    """Appends what is missing, in order, in batches; the closing message goes last and is given back."""
    topic, partition = topic_of(feed), partition_of(delivery, landing.log.partitions)
    last = None
    done = 0
    for batch in _batches(read_spool(spool), present.chunks, landing.sizes.append_bytes):
        landing.log.append(topic, partition, batch)
        last = batch[-1]
        done += len(batch)
        landing.progress(Progress(file, "appended", done, None))
    assert last is not None
    return last


def newest_vault(log: Log) -> int | None:
    """The latest state of the vault that raw messages name; None where there is no raw message."""
    newest = None
    for topic in log.topics():
        for partition in range(log.partitions) if topic.startswith(RAW) else ():
            start = max(0, log.end(topic, partition) - LOOKED_AT)
            named = [number_of(headers.get("vault_sequence"), 1 << 62) or 0 for _, headers in log.headers(topic, partition, start)]
            newest = max([newest or 0, *named]) if named else newest
    return newest


def refuse_older_vault(log: Log, sealer: Sealer) -> None:
    """Raises `VaultBehindLog` where raw messages name a later state of the vault. The log is asked first: meanwhile both may grow."""
    newest = newest_vault(log) or 0
    if newest > sealer.sequence:
        raise VaultBehindLog(vault=sealer.sequence, log=newest)


def closed_fields(message: Message) -> dict[str, object]:
    """The fields of a closing message."""
    return dict(orjson.loads(message.value))


def _batches(messages: Iterable[Message], present: set[int], limit: int) -> Iterable[list[Message]]:
    batch: list[Message] = []
    size = 0
    for message in messages:
        if int(message.headers["chunk"]) in present:
            continue
        batch.append(message)
        size += len(message.value)
        if size >= limit:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
