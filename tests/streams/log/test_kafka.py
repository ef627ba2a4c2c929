"""What the log on a broker promises of the Log port, and how topics are kept as declared. On a real broker."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from kafka import KafkaAdminClient

from cabin.broker import Broker
from contracts.ports import Log, Message
from contracts.read import load
from contracts.topics import MESSAGE_BYTES, Topic, topics
from streams.log import EmbeddedLog
from streams.log.errors import BrokerUnreachable, PartitionCountFixed, TopicsMissing
from streams.log.kafka import KafkaLog
from streams.log.topics import Difference, create, delete, plan

PARTITIONS = 2
DECLARED = topics(load(), PARTITIONS)
COUNTER = itertools.count()


def message(text: str, **headers: str) -> Message:
    return Message(text.encode(), {"ce_type": "test", **headers}, b"key")


@pytest.fixture(scope="module")
def admin(broker: Broker) -> Iterator[KafkaAdminClient]:
    client = KafkaAdminClient(bootstrap_servers=broker.address)
    create(client, plan(client, DECLARED).missing)
    yield client
    client.close()


@pytest.fixture(params=["kafka", "embedded"])
def log(request: pytest.FixtureRequest, broker: Broker, admin: KafkaAdminClient, tmp_path: Path) -> Iterator[Log]:
    """Both adapters, empty: what follows must hold for either."""
    if request.param == "embedded":
        with EmbeddedLog.open(tmp_path / "log.sqlite", PARTITIONS) as embedded:
            yield embedded
        return
    used = [topic for topic in DECLARED if topic.name in {"cabin.claims", "cabin.outcomes"}]
    delete(admin, [topic.name for topic in used])
    create(admin, used)
    with KafkaLog.open(broker.address, DECLARED) as opened:
        yield opened


def test_offsets_are_dense_and_headers_kept(log: Log) -> None:
    """Each partition counts its own offsets from 0; keys, values and headers come back as they were given, Chinese too."""
    assert [each.offset for each in log.append("cabin.claims", 0, [message("x"), message("y", name="值")])] == [0, 1]
    assert [each.offset for each in log.append("cabin.claims", 1, [message("z")])] == [0]
    found = log.read("cabin.claims", 0, 0)
    assert [stored.message for stored in found] == [message("x"), message("y", name="值")]
    assert [stored.message.value for stored in log.read("cabin.claims", 0, 1)] == [b"y"]
    assert [(offset, headers["ce_type"]) for offset, headers in log.headers("cabin.claims", 0, 1)] == [(1, "test")]
    assert (log.end("cabin.claims", 0), log.end("cabin.claims", 1), log.end("cabin.outcomes", 0)) == (2, 1, 0)
    assert log.read("cabin.claims", 0, 2) == [] and log.read("cabin.outcomes", 1, 0) == []
    assert "cabin.claims" in log.topics() and "cabin.outcomes" not in log.topics()


def test_reading_stops_near_its_limit_and_always_moves(log: Log) -> None:
    """One message at least, and no more than the limit needs: a loop over reads ends."""
    log.append("cabin.claims", 0, [message("x" * 1000) for _ in range(5)])
    assert len(log.read("cabin.claims", 0, 0, limit_bytes=1)) == 1
    assert len(log.read("cabin.claims", 0, 0, limit_bytes=2500)) == 3


def test_the_largest_message_goes_through(log: Log) -> None:
    """What topics and brokers allow, both clients carry."""
    log.append("cabin.claims", 0, [message("x" * (MESSAGE_BYTES - 1000))])
    assert len(log.read("cabin.claims", 0, 0)[0].message.value) == MESSAGE_BYTES - 1000


def test_renewed_topics_are_empty_and_of_another_generation(log: Log) -> None:
    """After renewing, nothing of the topics is left, offsets begin anew, and who keeps positions sees that they are of another log."""
    log.append("cabin.claims", 0, [message("x"), message("y")])
    before = log.generation
    log.renew(["cabin.claims", "cabin.outcomes"])
    assert log.generation != before and log.generation == log.generation
    assert log.end("cabin.claims", 0) == 0 and log.read("cabin.claims", 0, 0) == []
    assert log.append("cabin.claims", 0, [message("z")])[0].offset == 0


def test_a_log_is_only_opened_where_its_topics_are_as_declared(broker: Broker, admin: KafkaAdminClient) -> None:
    """A missing topic and another count of partitions are told in words before anything is read or written; a broker that does not answer too."""
    absent = Topic(f"cabin.absent.{next(COUNTER)}", PARTITIONS)
    with pytest.raises(TopicsMissing, match=absent.name):
        KafkaLog.open(broker.address, (*DECLARED, absent))
    with pytest.raises(PartitionCountFixed, match="2 partitions, not 3"):
        KafkaLog.open(broker.address, [replace(topic, partitions=3) for topic in DECLARED])
    with pytest.raises(BrokerUnreachable):
        KafkaLog("127.0.0.1:9", DECLARED)


def test_differences_are_reported_and_never_altered(admin: KafkaAdminClient) -> None:
    """Another retention, another count of partitions and a topic nobody declared are named; creating leaves them as they are."""
    name = f"cabin.differs.{next(COUNTER)}"
    create(admin, [Topic(name, 1, {"retention.ms": "1000"})])
    wanted: Sequence[Topic] = (Topic(name, 2, {"retention.ms": "2000", "cleanup.policy": "compact"}),)
    found = plan(admin, wanted)
    assert found.differences == (
        Difference(name, "partitions", "2", "1"),
        Difference(name, "cleanup.policy", "compact", "-"),
        Difference(name, "retention.ms", "2000", "1000"),
    )
    assert found.missing == () and "cabin.claims" in found.undeclared
    create(admin, found.missing)
    assert plan(admin, wanted) == found
    delete(admin, [name])


def test_raw_topics_are_kept_for_ever_and_flushed(admin: KafkaAdminClient) -> None:
    """What cannot be derived again is on disk when it is acknowledged and never expires, on the broker as in the declaration."""
    raw = [topic for topic in DECLARED if topic.name.startswith("cabin.raw.")]
    assert len(raw) == len(load().feeds) and {topic.partitions for topic in raw} == {PARTITIONS}
    assert all((topic.settings["retention.ms"], topic.settings["flush.messages"], topic.settings["cleanup.policy"]) == ("-1", "1", "delete") for topic in raw)
    assert not [each for each in plan(admin, raw).differences if each.topic.startswith("cabin.raw.")]
    personal = {topic.name for topic in DECLARED if topic.name.startswith("cabin.inbox.")}
    assert "cabin.inbox.ps_resident" not in personal and "cabin.inbox.fire_hazard" in personal
