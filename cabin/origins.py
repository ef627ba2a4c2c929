"""From an origin back to what was delivered: the raw message that holds a row, derived again by the very step that derived it first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from contracts.ipc import Unreadable, number_of, read_table
from contracts.partition import partition_of
from contracts.topics import RAW
from streams.aliases import released
from streams.local import Normaliser, Ports, Span
from streams.normalise import decode


def facts_of(ports: Ports, feed: str, delivery: str, row: int) -> list[tuple[str, dict[str, Any]]]:
    """What the row says, as (fact type, fact); empty where the log does not hold it or its person's key was destroyed."""
    normaliser = Normaliser(ports, released(ports.log, ports.contracts.address_feeds))
    try:
        for topic, partition, offset in _messages(ports, feed, delivery, row):
            derived = normaliser.derive([Span(topic, partition, offset, offset, 0)])
            found = {
                (message.headers["ce_type"], repr(fact)): (message.headers["ce_type"], fact)
                for messages in derived.claims.values()
                for message in messages
                for fact in decode(message.value).to_pylist()
                if fact.get("row") == row
            }
            return list(found.values())
    finally:
        normaliser.close()
    return []


def _messages(ports: Ports, feed: str, delivery: str, row: int) -> Iterator[tuple[str, int, int]]:
    """The messages that hold a row, the newest repair of it first: that is the one that speaks."""
    topic, partition = RAW + feed, partition_of(delivery, ports.log.partitions)
    for offset, headers in sorted(ports.log.headers(topic, partition, 0), key=lambda each: -(number_of(each[1].get("repair")) or 0)):
        if headers.get("delivery") == delivery and headers["ce_type"] in ("raw.rows", "raw.minors"):
            try:
                table = read_table(ports.log.read(topic, partition, offset, limit_bytes=1)[0].message.value)
            except Unreadable:
                continue
            if row in table["row"].to_pylist():
                yield topic, partition, offset
