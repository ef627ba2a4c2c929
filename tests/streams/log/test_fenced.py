"""The writer for subscribers: one owner at a time, and each page whole or not at all. On a real broker."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition

from cabin.broker import Broker
from contracts.ports import Message
from contracts.read import load
from contracts.topics import ENTITY, topics
from streams.log.errors import BrokerUnreachable, FencedOut
from streams.log.fenced import FencedProducer
from streams.log.kafka import KafkaLog
from streams.log.topics import create, delete, plan

TOPIC, OTHER = f"{ENTITY}person", f"{ENTITY}dwelling"
DECLARED = topics(load(), 2)
TOO_LARGE = 40_000_000


@pytest.fixture
def brokers(broker: Broker) -> str:
    """The broker with the two topics empty."""
    with closing(KafkaAdminClient(bootstrap_servers=broker.address)) as admin:
        create(admin, plan(admin, DECLARED).missing)
        used = [topic for topic in DECLARED if topic.name in (TOPIC, OTHER)]
        delete(admin, [topic.name for topic in used])
        create(admin, used)
    return broker.address


def told(text: str, key: str = "k") -> Message:
    return Message(text.encode(), {"ce_type": "entity.person", "version": "1"}, key.encode())


def values(brokers: str, topic: str, isolation: str = "read_committed") -> list[bytes | None]:
    """What a reader of the first partition sees."""
    with closing(KafkaConsumer(bootstrap_servers=brokers, isolation_level=isolation, enable_auto_commit=False)) as consumer:
        place = TopicPartition(topic, 0)
        consumer.assign([place])
        consumer.seek_to_beginning(place)
        end = consumer.end_offsets([place])[place]
        found: list[bytes | None] = []
        while consumer.position(place) < end:
            found += [record.value for record in consumer.poll(timeout_ms=1_000).get(place, [])]
        return found


def test_who_opens_it_later_fences_the_one_before(brokers: str) -> None:
    """A former owner that wakes up writes no more and is told so; another partition's writer is not concerned."""
    with closing(FencedProducer(brokers, 0)) as first, closing(FencedProducer(brokers, 1)) as other:
        first.send([(TOPIC, told("first"))])
        with closing(FencedProducer(brokers, 0)) as second:
            with pytest.raises(FencedOut) as caught:
                first.send([(TOPIC, told("late"))])
            assert caught.value.values == {"partition": 0}
            second.send([(TOPIC, told("second"))])
            other.send([(TOPIC, told("elsewhere"))])
    assert values(brokers, TOPIC) == [b"first", b"second"]


class Slowly(list[Any]):
    """Messages that come with pauses, in which the client's own thread hears from the broker."""

    def __iter__(self) -> Iterator[Any]:
        for each in super().__iter__():
            yield each
            time.sleep(0.5)


def test_who_is_fenced_in_the_middle_of_a_page_is_told_so(brokers: str) -> None:
    """Also where the broker refused the first message before the page was through, and whenever it tries again."""
    with closing(FencedProducer(brokers, 0)) as first:
        first.send([(TOPIC, told("first"))])
        with closing(FencedProducer(brokers, 0)):
            for _ in range(2):
                with pytest.raises(FencedOut):
                    first.send(Slowly([(TOPIC, told("late")), (TOPIC, told("later"))]))
    assert values(brokers, TOPIC) == [b"first"]


def test_a_page_is_told_whole_or_not_at_all(brokers: str) -> None:
    """One message that cannot be sent takes all others of its page with it, on every topic; the writer goes on. Only readers of what is not committed see pieces."""
    with closing(FencedProducer(brokers, 0)) as fenced:
        fenced.send([(TOPIC, told("a")), (OTHER, told("b"))])
        with pytest.raises(BrokerUnreachable, match="TooLarge"):
            fenced.send([(TOPIC, told("c")), (OTHER, told("x" * TOO_LARGE))])
        assert (values(brokers, TOPIC), values(brokers, OTHER)) == ([b"a"], [b"b"])
        fenced.send([(TOPIC, told("d"))])
    assert values(brokers, TOPIC) == [b"a", b"d"]
    with KafkaLog.open(brokers, DECLARED) as log:
        assert [stored.message.value for stored in log.read(TOPIC, 0, 0)] == [b"a", b"d"]


def test_a_tombstone_is_a_null_value(brokers: str) -> None:
    """What is compacted away and what consumers take for deletion; keys and headers stay."""
    with closing(FencedProducer(brokers, 0)) as fenced:
        fenced.send([(TOPIC, told("here")), (TOPIC, told(""))])
        ends = fenced.ends([TOPIC, OTHER])
    assert values(brokers, TOPIC) == [b"here", None]
    assert ends == {TOPIC: 3, OTHER: 0}  # the mark of the transaction takes an offset
    with KafkaLog.open(brokers, DECLARED) as log:
        last = log.read(TOPIC, 0, 1)[0].message
    assert (last.value, last.key, last.headers["version"]) == (b"", b"k", "1")
