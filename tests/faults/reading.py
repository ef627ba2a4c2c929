"""Topics as a stranger reads them: kafka-python alone, nothing of the code under test."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

FETCH_BYTES = 64_000_000
POLL_MILLISECONDS = 500
READ_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Record:
    """One message: where it lies, its key, value (None: a tombstone) and headers."""

    topic: str
    partition: int
    offset: int
    key: str
    value: bytes | None
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def place(self) -> tuple[str, int, int]:
        return self.topic, self.partition, self.offset

    def document(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.value or b"null")
        return found

    def rows(self) -> list[dict[str, Any]]:
        """The rows of an Arrow stream."""
        with pa.ipc.open_stream(self.value) as reader:
            return list(reader.read_all().to_pylist())


@contextmanager
def reader(brokers: str) -> Iterator[KafkaConsumer]:
    """A consumer without a group that sees only what was committed."""
    consumer = KafkaConsumer(
        bootstrap_servers=brokers,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        fetch_max_bytes=FETCH_BYTES,
        max_partition_fetch_bytes=FETCH_BYTES,
    )
    try:
        yield consumer
    finally:
        consumer.close()


def names(consumer: KafkaConsumer, prefix: str = "cabin.") -> list[str]:
    return sorted(name for name in consumer.topics() if name.startswith(prefix))


def places(consumer: KafkaConsumer, topics: Sequence[str]) -> list[TopicPartition]:
    return [TopicPartition(topic, partition) for topic in topics for partition in sorted(consumer.partitions_for_topic(topic) or ())]


def ends(consumer: KafkaConsumer, topics: Sequence[str]) -> dict[TopicPartition, int]:
    """The next offset of every partition of some topics."""
    return {place: int(end) for place, end in consumer.end_offsets(places(consumer, topics)).items()}


def read_all(brokers: str, prefix: str) -> list[Record]:
    """Every message of the topics whose names begin so, from the first that is kept to the end as it is now, partition by partition."""
    with reader(brokers) as consumer:
        return [record for place, end in ends(consumer, names(consumer, prefix)).items() for record in _read(consumer, place, end)]


def _read(consumer: KafkaConsumer, place: TopicPartition, end: int) -> Iterator[Record]:
    consumer.assign([place])
    consumer.seek_to_beginning(place)
    limit = time.monotonic() + READ_SECONDS
    while consumer.position(place) < end:
        assert time.monotonic() < limit, f"{place.topic}/{place.partition} cannot be read beyond {consumer.position(place)} of {end}: a transaction hangs"
        for found in consumer.poll(timeout_ms=POLL_MILLISECONDS).get(place, []):
            headers = {name: value.decode() for name, value in found.headers}
            yield Record(place.topic, place.partition, found.offset, (found.key or b"").decode(), found.value, headers)


def ends_now(brokers: str, prefix: str = "cabin.") -> dict[TopicPartition, int]:
    """The next offsets as one look gives them; empty where the broker is away, or a topic is just being made anew (which kafka-python stumbles over)."""
    if answers(brokers):
        with suppress(KafkaError, AssertionError, KeyError), reader(brokers) as consumer:
            return ends(consumer, names(consumer, prefix))
    return {}


def answers(brokers: str) -> bool:
    """Whether anybody listens there: a client that finds nobody tries for long and leaves sockets behind."""
    host, port = brokers.split(":")
    with socket.socket() as knock:
        return knock.connect_ex((host, int(port))) == 0
