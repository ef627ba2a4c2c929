"""The log on Apache Kafka: the Log port over kafka-python, for landing, reading, filling gaps and loading the warehouse.

One consumer without a group reads by assignment; the log's positions are kept by who reads, never by the broker. One producer writes, idempotent, all replicas.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import KafkaError

from contracts.ports import Message, Position, Stored
from contracts.topics import MESSAGE_BYTES, Topic
from streams.log.errors import BrokerUnreachable, PartitionCountFixed, TopicsMissing
from streams.log.topics import create, delete, partitions_of

POLL_MILLISECONDS = 10_000
KNOCK_SECONDS = 5
FETCH_BYTES = 64_000_000
ENOUGH = 1_000_000
"""More messages than one poll can bring within `FETCH_BYTES`: the limit is bytes, not messages."""


class KafkaLog:
    """Implements `contracts.ports.Log`. The topics must exist (`cabin topics apply`); threads of a process take turns."""

    def __init__(self, brokers: str, declared: Sequence[Topic]) -> None:
        self._declared = {topic.name: topic for topic in declared}
        self._alone = threading.RLock()
        knock(brokers)
        with reached(brokers):
            self._admin = KafkaAdminClient(bootstrap_servers=brokers)
            self._consumer = KafkaConsumer(
                bootstrap_servers=brokers,
                enable_auto_commit=False,
                auto_offset_reset="none",
                isolation_level="read_committed",
                fetch_max_bytes=FETCH_BYTES,
                max_partition_fetch_bytes=FETCH_BYTES,
            )
            self._producer = KafkaProducer(bootstrap_servers=brokers, acks="all", max_request_size=2 * MESSAGE_BYTES, linger_ms=0)
        self._brokers = brokers

    @classmethod
    def open(cls, brokers: str, declared: Sequence[Topic]) -> KafkaLog:
        """The log behind `brokers` (`host:port,...`).

        Raises: `BrokerUnreachable`; `TopicsMissing` where declared topics were not created; `PartitionCountFixed` where they have another count of partitions.
        """
        log = cls(brokers, declared)
        try:
            log._check()
        except BaseException:
            log.close()
            raise
        return log

    @property
    def partitions(self) -> int:
        return next(iter(self._declared.values())).partitions

    @property
    def generation(self) -> str:
        """The cluster and the id of the topic of claims: another topic of the same name is another log."""
        with self._at_work():
            (claims,) = self._admin.describe_topics(["cabin.claims"])
            return f"{self._admin.describe_cluster()['cluster_id']}/{claims['topic_id']}"

    def append(self, topic: str, partition: int, messages: Sequence[Message]) -> Sequence[Position]:
        """Every message in order, all acknowledged by all replicas in sync when it returns. Where it raises, a beginning of them may be on the log."""
        with self._at_work():
            futures = [
                self._producer.send(topic, value=each.value, key=each.key or None, headers=_pairs(each.headers), partition=partition) for each in messages
            ]
            self._producer.flush()
            return [Position(topic, partition, future.get().offset) for future in futures]

    def read(self, topic: str, partition: int, start: int, limit_bytes: int = 64_000_000) -> Sequence[Stored]:
        found: list[Stored] = []
        size = 0
        for stored in self._from(topic, partition, start):
            found.append(stored)
            size += len(stored.message.value)
            if size >= limit_bytes:
                break
        return found

    def headers(self, topic: str, partition: int, start: int) -> Sequence[tuple[int, Mapping[str, str]]]:
        """As the port says; a broker sends values along, so this reads what it passes over."""
        return [(stored.position.offset, stored.message.headers) for stored in self._from(topic, partition, start)]

    def end(self, topic: str, partition: int) -> int:
        with self._at_work():
            if topic not in self._consumer.topics():
                return 0
            place = TopicPartition(topic, partition)
            return int(self._consumer.end_offsets([place])[place])

    def topics(self) -> Sequence[str]:
        """All topics that ever had a message, in name order."""
        with self._at_work():
            places = [TopicPartition(name, partition) for name in self._declared for partition in range(self.partitions)]
            return sorted({place.topic for place, end in self._consumer.end_offsets(places).items() if end})

    def renew(self, topics: Sequence[str]) -> None:
        """Deletes the topics and makes them anew. The topic of claims, whose id is the generation, goes first: who dies in between renews again."""
        with self._at_work():
            for name in sorted(topics, key=lambda name: name != "cabin.claims"):
                delete(self._admin, [name])
                create(self._admin, [self._declared[name]])

    def close(self) -> None:
        self._producer.close()
        self._consumer.close()
        self._admin.close()

    def __enter__(self) -> KafkaLog:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _from(self, topic: str, partition: int, start: int) -> Iterator[Stored]:
        """Messages from `start` to the end as it is now."""
        with self._at_work():
            end = self.end(topic, partition)
            if start >= end:
                return
            place = TopicPartition(topic, partition)
            self._consumer.assign([place])
            self._consumer.seek(place, start)
            while self._consumer.position(place) < end:
                for record in self._consumer.poll(timeout_ms=POLL_MILLISECONDS, max_records=ENOUGH).get(place, []):
                    headers = {name: value.decode() for name, value in record.headers}
                    yield Stored(Position(topic, partition, record.offset), Message(record.value or b"", headers, record.key or b""))

    def _check(self) -> None:
        with self._at_work():
            held = partitions_of(self._admin)
        missing = sorted(self._declared.keys() - held.keys())
        if missing:
            raise TopicsMissing(topics=", ".join(missing[:5]) + (" ..." if len(missing) > 5 else ""))
        for name, topic in self._declared.items():
            if held[name] != topic.partitions:
                raise PartitionCountFixed(given=topic.partitions, fixed=held[name])

    @contextmanager
    def _at_work(self) -> Iterator[None]:
        with self._alone, reached(self._brokers):
            yield


def knock(brokers: str) -> None:
    """Raises `BrokerUnreachable` where nobody listens at any of the addresses: the clients themselves would try for half a minute, and leave sockets open."""
    for address in brokers.split(","):
        host, _, port = address.strip().rpartition(":")
        try:
            socket.create_connection((host, int(port)), KNOCK_SECONDS).close()
        except (OSError, ValueError):
            continue
        return
    raise BrokerUnreachable(brokers=brokers, detail="nobody listens")


@contextmanager
def reached(brokers: str) -> Iterator[None]:
    try:
        yield
    except KafkaError as error:
        raise BrokerUnreachable(brokers=brokers, detail=type(error).__name__) from error


def _pairs(headers: Mapping[str, str]) -> list[tuple[str, bytes]]:
    return [(name, value.encode()) for name, value in headers.items()]
