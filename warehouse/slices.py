"""The log as the loader reads it: runs of messages, decoded, each with the position after it and what tells later whether its last message still lies there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

import pyarrow as pa

from contracts.aliases import outdated
from contracts.ipc import number_of
from contracts.ports import Log, Stored
from contracts.topics import CHANGES, RELEASE
from warehouse.decode import gathered

SLICE_ROWS = 1_500_000
READ_BYTES = 24_000_000


@dataclass(frozen=True, slots=True)
class Taking:
    """What is taken of messages: rows of the tables in `schemas`, of nothing that an older version of the alias table than `aliases` made, or that was folded
    under other contracts than those with the fingerprint `release`. Messages that nobody can read are added to `unreadable`."""

    schemas: Mapping[str, pa.Schema]
    aliases: int
    release: str
    unreadable: list[Stored] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Slice:
    """A run of messages of one partition from offset `first` on: their rows by table, the position after the last of them and its digest."""

    topic: str
    partition: int
    first: int
    after: int
    digest: str
    tables: Mapping[str, pa.Table]


def slices(log: Log, topic: str, partition: int, start: int, taking: Taking) -> Iterator[Slice]:
    """What the log holds from `start` on, in runs of about `SLICE_ROWS` rows."""
    waiting: list[Stored] = []
    rows = 0
    while found := log.read(topic, partition, start, READ_BYTES):
        start = found[-1].position.offset + 1
        waiting.extend(found)
        rows += sum(number_of(each.message.headers.get("rows")) or 1 for each in found)
        if rows >= SLICE_ROWS:
            yield _slice(waiting, taking)
            waiting, rows = [], 0
    if waiting:
        yield _slice(waiting, taking)


def alias_version(log: Log) -> int:
    """The version of the alias table that everything derived on the log was made under, as the newest outcomes name it."""
    ends = [(partition, log.end("cabin.outcomes", partition)) for partition in range(log.partitions)]
    named = [number_of(headers.get("aliases")) or 0 for partition, end in ends if end for _, headers in log.headers("cabin.outcomes", partition, end - 1)]
    return max(named, default=0)


def refolding(log: Log, release: str) -> list[int]:
    """The partitions whose newest change was folded under other contracts than those with the fingerprint `release`: golden records as these make them are still to come."""
    newest = {partition: _newest_change(log, partition) for partition in range(log.partitions)}
    return [partition for partition, headers in newest.items() if headers is not None and not _of_release(headers, release)]


def lost(log: Log, places: Iterable[tuple[str, int, int, str]], again: bool) -> bool:
    """Whether the log lost something that was loaded, given as (topic, partition, position after it, digest of the last message).

    A partition that ends before its position did. Where a broker began `again` since, other messages may have been written in the place of lost ones.
    """
    return any(
        after > log.end(topic, part) or (again and _swapped(log.read(topic, part, after - 1, 1), after - 1, digest)) for topic, part, after, digest in places
    )


def _slice(read: Sequence[Stored], taking: Taking) -> Slice:
    last = read[-1]
    counting = [each for each in read if not outdated(each.message.headers, taking.aliases) and _of_release(each.message.headers, taking.release)]
    rows = gathered(counting, taking.schemas, taking.unreadable)
    return Slice(last.position.topic, last.position.partition, read[0].position.offset, last.position.offset + 1, _digest(last), rows)


def _newest_change(log: Log, partition: int) -> Mapping[str, str] | None:
    """The headers of the last change of this log; None where there is none. The last message tells; where strangers wrote behind it, more and more of those before."""
    start, many = log.end(CHANGES, partition), 1
    while start > 0:
        start, many = max(0, start - many), many * 8
        ours = [headers for _, headers in log.headers(CHANGES, partition, start) if headers.get("generation") == log.generation]
        if ours:
            return ours[-1]
    return None


def _of_release(headers: Mapping[str, str], release: str) -> bool:
    """What names no contracts was made by a release that named none, and is taken as it is."""
    return headers.get(RELEASE, release) == release


def _swapped(read: Sequence[Stored], offset: int, digest: str) -> bool:
    """Whether another message lies there. Where none does any more its time had run out, which loses nothing."""
    return bool(read) and read[0].position.offset == offset and _digest(read[0]) != digest


def _digest(stored: Stored) -> str:
    return sha256(stored.message.value).hexdigest()
