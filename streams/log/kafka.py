"""The log on Apache Kafka: the Log port over kafka-python, for landing, reading, filling gaps and loading the warehouse.

One consumer without a group reads by assignment; the log's positions are kept by who reads, never by the broker. One producer writes, idempotent, all replicas.
"""

from __future__ import annotations

import hashlib
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import KafkaError

from contracts.ports import Message, Position, Stored
from contracts.topics import DERIVED, DISCREPANCIES, ENTITY, MESSAGE_BYTES, RAW, Topic
from streams.log.errors import BrokerUnreachable, LogMoved, PartitionCountFixed, TopicsMissing
from streams.log.told import told
from streams.log.topics import copies, create, delete, partitions_of

POLL_MILLISECONDS, EMPTY_POLLS = 50, 200
"""A poll waits its whole time where only the marks of transactions are left; after so many of them nothing more is taken to come of a topic that has such marks."""
KNOCK_SECONDS = 5
FETCH_BYTES = 64_000_000
ENOUGH = 1_000_000
"""More messages than one poll can bring within `FETCH_BYTES`: the limit is bytes, not messages."""
LEARNING_TRIES, LEARNING_PAUSE = 50, 0.1
GENERATION = DERIVED[:3]
"""The topics whose ids make the generation: claims, quarantined rows and outcomes belong together."""


class KafkaLog:
    """Implements `contracts.ports.Log`. The topics must exist (`cabin topics apply`); threads of a process take turns.

    `generation` and `era` are those of the moment of opening; who keeps a log open asks `moved` now and then, and opens another when it did.
    """

    def __init__(self, brokers: str, declared: Sequence[Topic]) -> None:
        self._declared = {topic.name: topic for topic in declared}
        self._reading, self._writing = threading.RLock(), threading.RLock()
        self._kept: dict[tuple[str, int], list[tuple[int, Mapping[str, str]]]] = {}
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
            self._cluster = str(self._admin.describe_cluster()["cluster_id"])
            self._producer = KafkaProducer(bootstrap_servers=brokers, acks="all", max_request_size=2 * MESSAGE_BYTES, linger_ms=0)
        self._brokers = brokers
        self._place = ("", "")

    @classmethod
    def open(cls, brokers: str, declared: Sequence[Topic]) -> KafkaLog:
        """The log behind `brokers` (`host:port,...`).

        Raises: `BrokerUnreachable`; `TopicsMissing` where declared topics were not created; `PartitionCountFixed` where they have another count of partitions.
        """
        log = cls(brokers, declared)
        try:
            log._check()
            log._place = log._placed()
            if not log.generation:
                raise BrokerUnreachable(brokers=brokers, detail="no leader")
        except BaseException:
            log.close()
            raise
        return log

    @property
    def partitions(self) -> int:
        return next(iter(self._declared.values())).partitions

    @property
    def generation(self) -> str:
        """The cluster and the ids of the derived topics: another topic of the same name is another log."""
        return self._place[0]

    @property
    def era(self) -> str:
        """The ids of all topics and how often their partitions changed their leader: each time a broker began again, which may have lost what it had not flushed."""
        return self._place[1]

    def moved(self) -> bool:
        """Whether the log is of another generation or era by now."""
        return self._placed() != self._place

    def append(self, topic: str, partition: int, messages: Sequence[Message]) -> Sequence[Position]:
        """Every message in order, all acknowledged by all replicas in sync when it returns. Where it raises, a beginning of them may be on the log."""
        with self._writing, reached(self._brokers):
            futures = [
                self._producer.send(topic, value=each.value, key=each.key or None, headers=pairs(each.headers), partition=partition) for each in messages
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
        """As the port says. A broker sends values along, so those of raw topics, which never change and are asked for at every landing, are kept."""
        if not topic.startswith(RAW) or (start and (topic, partition) not in self._kept):
            return [(stored.position.offset, stored.message.headers) for stored in self._from(topic, partition, start)]
        with self._reading:
            kept = self._kept.setdefault((topic, partition), [])
            after = kept[-1][0] + 1 if kept else 0
            kept += [(stored.position.offset, stored.message.headers) for stored in self._from(topic, partition, after)]
            return [each for each in kept if each[0] >= start] if start else list(kept)

    def end(self, topic: str, partition: int) -> int:
        if topic not in self._declared:
            return 0
        with self._reading, reached(self._brokers):
            place = TopicPartition(topic, partition)
            return self._asked(self._consumer.end_offsets, [place])[place]

    def topics(self) -> Sequence[str]:
        """All topics that ever had a message, in name order."""
        with self._reading, reached(self._brokers):
            places = [TopicPartition(name, partition) for name in self._declared for partition in range(self.partitions)]
            return sorted({place.topic for place, end in self._asked(self._consumer.end_offsets, places).items() if end})

    def topic_id(self, topic: str) -> str:
        """As the brokers have it now.

        Raises: `LogMoved` where they have no such topic any more.
        """
        with self._reading, reached(self._brokers):
            (found,) = self._admin.describe_topics([topic])
        if found["error_code"]:
            raise LogMoved()
        return str(found["topic_id"])

    def renew(self, topics: Sequence[str]) -> None:
        """Deletes the topics and makes them anew. The topic of claims, whose id is part of the generation, goes first: who dies in between renews again."""
        with self._reading, self._writing, reached(self._brokers):
            for name in sorted(topics, key=lambda name: name != "cabin.claims"):
                delete(self._admin, [name])
                create(self._admin, [self._declared[name]], copies(self._admin))
            self._place = self._placed()

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
        with self._reading, reached(self._brokers):
            end = self.end(topic, partition)
            place = TopicPartition(topic, partition)
            start = max(start, self._asked(self._consumer.beginning_offsets, [place])[place]) if start < end else end
            if start >= end:
                return
            self._consumer.assign([place])
            self._consumer.seek(place, start)
            empty = 0
            while self._consumer.position(place) < end and empty < EMPTY_POLLS:
                records = self._consumer.poll(timeout_ms=POLL_MILLISECONDS, max_records=ENOUGH).get(place, [])
                empty = 0 if records or not _marked(topic) else empty + 1
                for record in records:
                    yield Stored(Position(topic, partition, record.offset), message_of(record), record.timestamp)

    def _asked(self, offsets: Callable[[list[TopicPartition]], dict[TopicPartition, int]], places: list[TopicPartition]) -> dict[TopicPartition, int]:
        """Offsets of some places. kafka-python 3.0.12 drops partitions whose leader it does not know yet and stumbles over the hole: then it must learn first."""
        for _ in range(LEARNING_TRIES):
            try:
                return offsets(places)
            except KeyError:
                self._consumer.topics()
                time.sleep(LEARNING_PAUSE)
        raise BrokerUnreachable(brokers=self._brokers, detail="no leader")

    def _placed(self) -> tuple[str, str]:
        with self._reading, reached(self._brokers):
            names = sorted(self._declared)
            found = {each["name"]: each for each in self._admin.describe_topics(names)}
            if any(each["error_code"] for each in found.values()):
                return "", ""
            ids = "/".join([self._cluster, *(str(found[name]["topic_id"]) for name in GENERATION)])
            leaders = [
                (name, found[name]["topic_id"], sorted((part["partition_index"], part["leader_epoch"]) for part in found[name]["partitions"])) for name in names
            ]
            return _short(ids), _short(repr(leaders))

    def _check(self) -> None:
        with self._reading, reached(self._brokers):
            held = partitions_of(self._admin)
        missing = sorted(self._declared.keys() - held.keys())
        if missing:
            raise TopicsMissing(topics=", ".join(missing[:5]) + (" ..." if len(missing) > 5 else ""))
        for name, topic in self._declared.items():
            if held[name] != topic.partitions:
                raise PartitionCountFixed(given=topic.partitions, fixed=held[name])


def message_of(record: Any) -> Message:
    """A broker's record as a message, its headers as `told` gives them."""
    headers = {name: (value or b"").decode(errors="replace") for name, value in record.headers}
    position = Position(record.topic, record.partition, record.offset)
    return Message(record.value or b"", told(position, record.timestamp, headers), record.key or b"")


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


def pairs(headers: Mapping[str, str]) -> list[tuple[str, bytes]]:
    return [(name, value.encode()) for name, value in headers.items()]


def _marked(topic: str) -> bool:
    """Whether a topic is written in transactions."""
    return topic.startswith(ENTITY) or topic == DISCREPANCIES


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
