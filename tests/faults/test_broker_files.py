"""Cutting a dead broker's files: what a power cut leaves is what the broker serves when it begins again."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from kafka import KafkaAdminClient, KafkaProducer

from cabin.broker import Broker
from contracts.topics import Topic
from streams.log.topics import create
from tests.broker import UNCLOSED, running
from tests.faults.broker_files import batches, boundaries, cut_tail, folder_of
from tests.faults.reading import read_all

PLAIN, FENCED = "cabin.plain", "cabin.fenced"
MARKER_SECONDS = 60


@UNCLOSED
def test_a_broker_serves_the_shorter_log_and_goes_on_after_it(tmp_path: Path) -> None:
    """Batches cut from the end are gone, what came before them stays, and new messages take their offsets; a transaction goes whole or not at all."""
    with running(tmp_path / "broker") as broker:
        _write(broker)
        assert [_values(broker, topic) for topic in (PLAIN, FENCED)] == [["0", "1", "2", "3", "4"], ["0", "1", "2"]]
        _kill(broker)
        plain, fenced = (cut_tail(broker.folder, topic, 0, steps=2) for topic in (PLAIN, FENCED))
        assert (plain.before, plain.after) == (5, 3)
        assert fenced.before > fenced.after
        broker.start()
        assert [_values(broker, topic) for topic in (PLAIN, FENCED)] == [["0", "1", "2"], ["0"]]
        _send(broker, "new")
        assert _values(broker, PLAIN) == ["0", "1", "2", "new"]


@UNCLOSED
def test_nothing_older_or_expired_is_cut(tmp_path: Path) -> None:
    """Neither batches from before the given moment nor messages below the given offset are cut, and a transaction that is still open is no place to cut."""
    with running(tmp_path / "broker") as broker:
        _write(broker)
        _kill(broker)
        whole = list(batches(folder_of(broker.folder, FENCED, 0) / f"{0:020d}.log"))
        assert boundaries(whole) == [0, 2, 4, 6]  # three transactions of a batch and its end
        newest = whole[-1].timestamp_ms
        untouched = cut_tail(broker.folder, FENCED, 0, steps=9, not_before_ms=newest + 1)
        assert untouched.before == untouched.after
        assert cut_tail(broker.folder, PLAIN, 0, steps=9, keep=4).after == 4


def _write(broker: Broker) -> None:
    """Five plain messages, and three transactions of one each; every message is a batch of its own. A commit is acknowledged before its marker is in the log, so wait until readers see the last."""
    admin = KafkaAdminClient(bootstrap_servers=broker.address)
    create(admin, [Topic(PLAIN, 1), Topic(FENCED, 1)])
    admin.close()
    _send(broker, *"01234")
    producer = KafkaProducer(bootstrap_servers=broker.address, acks="all", transactional_id="test")
    producer.init_transactions()
    for value in "012":
        producer.begin_transaction()
        producer.send(FENCED, value=value.encode(), partition=0)
        producer.commit_transaction()
    producer.close()
    limit = time.monotonic() + MARKER_SECONDS
    while len(_values(broker, FENCED)) < 3:
        assert time.monotonic() < limit, "the last transaction's end is not in the log"
        time.sleep(0.05)


def _send(broker: Broker, *values: str) -> None:
    producer = KafkaProducer(bootstrap_servers=broker.address, acks="all")
    for value in values:
        producer.send(PLAIN, value=value.encode(), partition=0).get(30)
    producer.close()


def _values(broker: Broker, topic: str) -> list[str]:
    return [(record.value or b"").decode() for record in read_all(broker.address, topic)]


def _kill(broker: Broker) -> None:
    pid = broker.pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
