"""The last message of each key of a compacted topic, partition by partition, with the positions from which the topic goes on. Over kafka-python."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition

from streams.log.errors import TopicsMissing
from streams.log.kafka import knock, reached

POLL_MILLISECONDS = 500
ENOUGH = 1_000_000


@dataclass(frozen=True, slots=True)
class Kept:
    """The newest message of a key: its version within a generation, and its value; None for a tombstone."""

    generation: str
    version: int
    value: bytes | None

    def yields_to(self, later: Kept) -> bool:
        """Whether a message further on replaces this one: of another generation always, of the same where its version is not lower."""
        return later.generation != self.generation or later.version >= self.version


@dataclass(frozen=True, slots=True)
class Compacted:
    """A topic as it was when it was opened: its id, and of each partition the offset of the first message that is not in it any more."""

    topic: str
    topic_id: str
    ends: dict[int, int]
    consumer: KafkaConsumer

    def last(self, partition: int) -> dict[bytes, Kept]:
        """The newest message of each key of a partition, tombstones left out; keys lie in one partition only, so this is what there is of them."""
        newest: dict[bytes, Kept] = {}
        for record in self._records(partition):
            headers = {name: (value or b"").decode(errors="replace") for name, value in record.headers}
            found = Kept(headers["generation"], int(headers["version"]), record.value)
            held = newest.get(record.key)
            if held is None or held.yields_to(found):
                newest[record.key] = found
        return {key: held for key, held in newest.items() if held.value is not None}

    def _records(self, partition: int) -> Iterator[Any]:
        place, end = TopicPartition(self.topic, partition), self.ends[partition]
        self.consumer.assign([place])
        self.consumer.seek_to_beginning(place)
        while self.consumer.position(place) < end:
            for record in self.consumer.poll(timeout_ms=POLL_MILLISECONDS, max_records=ENOUGH).get(place, []):
                if record.offset < end:
                    yield record


@contextmanager
def compacted(brokers: str, topic: str) -> Iterator[Compacted]:
    """The topic `topic` of the brokers, messages of unfinished transactions left out.

    Raises: `BrokerUnreachable`, `TopicsMissing`.
    """
    knock(brokers)
    with reached(brokers):
        admin = KafkaAdminClient(bootstrap_servers=brokers)
        consumer = KafkaConsumer(bootstrap_servers=brokers, enable_auto_commit=False, isolation_level="read_committed")
        try:
            if topic not in consumer.topics():
                raise TopicsMissing(topics=topic)
            (told,) = admin.describe_topics([topic])
            places = [TopicPartition(topic, partition) for partition in sorted(consumer.partitions_for_topic(topic))]
            ends = {place.partition: int(end) for place, end in consumer.end_offsets(places).items()}
            yield Compacted(topic, str(told["topic_id"]), ends, consumer)
        finally:
            consumer.close()
            admin.close()
