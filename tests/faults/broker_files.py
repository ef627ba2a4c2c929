"""What a power cut does to a broker's files: the tail of a partition is gone. The broker must be dead while its files are cut.

A segment is a row of record batches; each begins with its base offset (8 bytes) and the length of what follows (4 bytes), see
https://kafka.apache.org/documentation/#recordbatch.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HEAD = struct.Struct(">qiibIhiqqqh")
"""Base offset, length, leader epoch, magic, checksum, attributes, last offset delta, first and last timestamp, producer id and epoch."""
LENGTH_AFTER = 12
TRANSACTIONAL, CONTROL = 0x10, 0x20
DERIVED_FILES = (".index", ".timeindex", ".txnindex", ".snapshot")
"""What a broker makes again from the segment."""


@dataclass(frozen=True, slots=True)
class Batch:
    """One record batch: where it lies in the file, which offsets it holds, and whether it belongs to a transaction or ends one."""

    start: int
    stop: int
    first: int
    last: int
    timestamp_ms: int
    producer: int
    transactional: bool
    control: bool


@dataclass(frozen=True, slots=True)
class Cut:
    """What was taken from a partition: the offset the next message will get, before and now."""

    topic: str
    partition: int
    before: int
    after: int


def folder_of(broker: Path, topic: str, partition: int) -> Path:
    """Where a broker of `cabin.broker` keeps a partition."""
    return broker / "data" / f"{topic}-{partition}"


def batches(segment: Path) -> Iterator[Batch]:
    """The whole batches of a segment, in order; what follows the last whole one is none."""
    data = segment.read_bytes()
    start = 0
    while start + HEAD.size <= len(data):
        first, length, _, _, _, attributes, delta, _, newest, producer, _ = HEAD.unpack_from(data, start)
        stop = start + LENGTH_AFTER + length
        if stop > len(data) or length <= 0:
            return
        yield Batch(start, stop, first, first + delta, newest, producer, bool(attributes & TRANSACTIONAL), bool(attributes & CONTROL))
        start = stop


def boundaries(found: list[Batch]) -> list[int]:
    """How many leading batches may be kept: wherever no transaction is open, else readers would wait for its end for ever."""
    usable, open_transactions = [0], set[int]()
    for count, batch in enumerate(found, 1):
        if batch.control:
            open_transactions.discard(batch.producer)
        elif batch.transactional:
            open_transactions.add(batch.producer)
        if not open_transactions:
            usable.append(count)
    return usable


def cut_tail(broker: Path, topic: str, partition: int, steps: int, not_before_ms: int = 0, keep: int = 0) -> Cut:
    """Takes the last `steps` batches (or transactions) of the active segment, none older than `not_before_ms` and none whose messages lie below offset `keep`."""
    folder = folder_of(broker, topic, partition)
    segment = max(folder.glob("*.log"))
    found = list(batches(segment))
    before = found[-1].last + 1 if found else int(segment.stem)
    first_gone = None
    for count in [kept for kept in reversed(boundaries(found)) if kept < len(found)][:steps]:
        if found[count].timestamp_ms < not_before_ms or found[count].first < keep:
            break
        first_gone = found[count]
    if first_gone is None:
        return Cut(topic, partition, before, before)
    with segment.open("r+b") as file:
        file.truncate(first_gone.start)
    for each in folder.iterdir():
        if each.suffix in DERIVED_FILES and each.stem >= segment.stem:
            each.unlink()
    return Cut(topic, partition, before, first_gone.first)
