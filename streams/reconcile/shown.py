"""What a partition of a compacted topic shows to whoever reads it from its beginning."""

from __future__ import annotations

from collections.abc import Mapping

from contracts.ports import Log

READ_BYTES = 16_000_000


def last_values(log: Log, topic: str, partition: int) -> Mapping[bytes, bytes]:
    """The last value of every key of a partition that is no tombstone."""
    last: dict[bytes, bytes] = {}
    offset = 0
    while read := log.read(topic, partition, offset, READ_BYTES):
        offset = read[-1].position.offset + 1
        for stored in read:
            last.pop(stored.message.key, None)
            if stored.message.value:
                last[stored.message.key] = stored.message.value
    return last
