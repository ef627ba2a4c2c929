"""Worker processes on a real broker: any number of them over any number of partitions, killed or without their state, end in the marts of the embedded run."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from kafka import KafkaAdminClient

from cabin.broker import Broker
from contracts.openlineage import LAND, NORMALISE
from contracts.ports import Message, Stored
from contracts.read import load
from contracts.topics import CLAIMS, ENTITY, INBOX, OUTCOMES, RAW, topics
from streams.log import EmbeddedLog
from streams.log.kafka import KafkaLog
from streams.log.latest import compacted
from streams.log.topics import create, delete, partitions_of
from tests.cabin.kit import ENVIRONMENT, cabin, done, hashes
from tests.streams.lineage_kit import assertions, counts, events_on, runs, sound

PATIENCE_SECONDS = 240.0
SHOWN = ("person", "residency")


@dataclass
class OnBroker:
    """A cabin whose log is a broker with so many partitions; it is given the raw messages of another one piece by piece."""

    data: Path
    broker: Broker
    partitions: int
    raw: Sequence[Stored]
    given: int = 0
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def settings(self) -> dict[str, str]:
        return {"CABIN_BROKERS": self.broker.address, "CABIN_PARTITIONS": str(self.partitions), "CABIN_NODE": "here"}

    def log(self) -> KafkaLog:
        return KafkaLog.open(self.broker.address, topics(load(), self.partitions))

    def give(self, messages: int) -> None:
        """The next so many raw messages, on whatever partition."""
        with self.log() as log:
            for each in self.raw[self.given : self.given + messages]:
                log.append(each.position.topic, each.position.partition % self.partitions, [each.message])
        self.given += messages

    @contextmanager
    def workers(self, count: int) -> Iterator[subprocess.Popen[bytes]]:
        """So many worker processes under a supervisor, which must end in order."""
        environment = {**os.environ, **ENVIRONMENT, **self.settings, "CABIN_DATA": str(self.data)}
        with (self.data / "worker.log").open("ab") as said:
            line = [sys.executable, "-m", "cabin", "worker", "--processes", str(count)]
            supervisor = subprocess.Popen(line, env=environment, stdout=said, stderr=said)
        try:
            yield supervisor
        finally:
            supervisor.terminate()
            try:
                code = supervisor.wait(PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                supervisor.kill()
                raise
        assert code == 0, self.said()

    def said(self) -> str:
        return (self.data / "worker.log").read_text()[-3000:]

    def told_of(self) -> bool:
        """Whether every raw message given so far has an outcome."""
        with self.log() as log:
            return sum(log.end(OUTCOMES, partition) for partition in range(self.partitions)) >= self.given

    def told(self) -> list[dict[str, Any]]:
        """What lineage tells of runs."""
        with self.log() as log:
            return events_on(log)

    def sessions(self) -> Counter[str]:
        """How many sessions of workers began, ended in each way, and are open."""
        told = Counter(state for _, state in runs(self.told(), NORMALISE))
        told["open"] = told["START"] - told["COMPLETE"] - told["FAIL"]
        return told

    def published(self) -> dict[str, str]:
        """The hash of every mart, of what is there now."""
        done(self.data, "loader", "--once", **self.settings)
        return hashes(self.data)

    def shown(self) -> dict[str, set[str]]:
        """The entities that subscribers see."""
        found = {}
        for kind in SHOWN:
            with compacted(self.broker.address, ENTITY + kind) as topic:
                found[kind] = {key.decode() for partition in range(self.partitions) for key in topic.last(partition)}
        return found

    def alive(self) -> dict[str, set[str]]:
        """The entities that the warehouse holds alive."""
        with closing(duckdb.connect(str(self.data / "warehouse" / "current.duckdb"), read_only=True)) as file:
            return {kind: {str(row[0]) for row in file.execute(f"select entity from golden_{kind} where alive").fetchall()} for kind in SHOWN}

    def await_(self, what: Callable[[], bool]) -> None:
        until = time.monotonic() + PATIENCE_SECONDS
        while not what():
            assert time.monotonic() < until, self.said()
            time.sleep(0.2)


def children(supervisor: subprocess.Popen[bytes]) -> list[int]:
    return [int(pid) for pid in Path(f"/proc/{supervisor.pid}/task/{supervisor.pid}/children").read_text().split()]


@pytest.fixture
def admin(broker: Broker) -> Iterator[KafkaAdminClient]:
    """The broker without a topic before and after: partitions are counted anew each time."""
    with closing(KafkaAdminClient(bootstrap_servers=broker.address)) as client:
        delete(client, [name for name in partitions_of(client) if name.startswith("cabin.")])
        yield client
        delete(client, [name for name in partitions_of(client) if name.startswith("cabin.")])


@pytest.fixture
def made(small_cabin: Path, broker: Broker, admin: KafkaAdminClient, tmp_path: Path) -> Callable[[int], OnBroker]:
    """Makes a cabin on the broker beside the small one, with its vault."""

    def make(partitions: int) -> OnBroker:
        create(admin, topics(load(), partitions))
        data = tmp_path / "data"
        data.mkdir()
        (data / "vault").symlink_to(small_cabin / "vault")
        with EmbeddedLog.open(small_cabin / "log.sqlite") as log:
            places = [(topic, partition) for topic in log.topics() if topic.startswith(RAW) for partition in range(log.partitions)]
            raw = [stored for place in places for stored in log.read(*place, 0)]
        return OnBroker(data, broker, partitions, raw)

    return make


def ends_right(there: OnBroker, expected: dict[str, str]) -> None:
    """In the end every mart is the embedded run's, and subscribers see the entities that the warehouse holds."""
    there.await_(lambda: there.told_of() and there.published() == expected)
    there.await_(lambda: there.shown() == there.alive())
    assert all(there.alive().values())


def test_one_partition_with_one_worker_and_then_with_three(made: Callable[[int], OnBroker], small_cabin: Path) -> None:
    """The same marts as embedded; when everything derived and every state is taken away, three workers derive it anew. A second supervisor is refused."""
    there = made(1)
    there.give(len(there.raw))
    with there.workers(1):
        ends_right(there, hashes(small_cabin))
        assert "already-running" in cabin(there.data, "--json", "worker", **there.settings).out
    shutil.rmtree(there.data / "state")
    done(there.data, "topics", "renew", **there.settings)
    with there.workers(3):
        ends_right(there, hashes(small_cabin))


def test_four_partitions_with_one_worker_and_then_with_three_that_are_killed(made: Callable[[int], OnBroker], small_cabin: Path) -> None:
    """Workers that find their folder empty rebuild their partitions by themselves; each is killed (kill -9) while messages arrive, comes back, and nothing is lost:
    in lineage the session of one that was killed failed, and those that go on end with their supervisor.

    One worker that derives everything anew makes the same marts.
    """
    there = made(4)
    there.give(len(there.raw) - 3)
    with there.workers(1):
        there.await_(there.told_of)
        there.published()
    shutil.rmtree(there.data / "state")
    with there.workers(3) as supervisor:
        for turn in range(3):
            there.await_(lambda: len(children(supervisor)) == 3)
            there.give(1)
            os.kill(children(supervisor)[turn], signal.SIGKILL)
        ends_right(there, hashes(small_cabin))
        there.await_(lambda: there.sessions()["open"] == 3)
        failed = there.sessions()["FAIL"]
        os.kill(children(supervisor)[0], signal.SIGKILL)
        there.await_(lambda: there.sessions()["FAIL"] == failed + 1)
    assert failed <= 3 and there.sessions()["open"] <= 1  # who is told to end while it begins says so when it begins again
    shutil.rmtree(there.data / "state")
    done(there.data, "topics", "renew", **there.settings)
    with there.workers(1):
        ends_right(there, hashes(small_cabin))


def test_strangers_and_inboxes_at_a_worker(made: Callable[[int], OnBroker], small_cabin: Path) -> None:
    """What a stranger writes to raw topics and claims stops no worker; what a system pushes becomes golden once; both are read up by the usual commands."""
    there = made(2)
    rows = [{"检查编号": f"PX{number}", "检查日期": "2026-02-03", "对象类型": "3", "隐患数": number} for number in range(3)]
    lines = [json.dumps(row, ensure_ascii=False).encode() for row in rows]
    table = pa.BufferOutputStream()
    with pa.ipc.new_stream(table, (third := pa.Table.from_pylist(rows[2:])).schema) as writer:
        writer.write_table(third)
    with there.log() as log:
        for topic in ("cabin.raw.rental", CLAIMS):
            log.append(
                topic,
                1,
                [Message(b"\x00\xff", {}), Message(b"nonsense", {"ce_type": "raw.rows", "ce_id": "s", "ce_time": "2026-01-01T00:00:00.000", "chunk": "one"})],
            )
        log.append(f"{INBOX}fire_hazard", 0, [Message(lines[0], {}), Message(b"nonsense", {})])
        log.append(f"{INBOX}fire_hazard", 1, [Message(lines[1], {}), Message(bytes(table.getvalue()), {})])
    with there.workers(1):
        there.give(len(there.raw))
        there.await_(lambda: pushed_events(there) == ["fire_hazard:PX0", "fire_hazard:PX1", "fire_hazard:PX2"] and there.told_of())
    checks = {row["check"]: row["fact"] for row in done(there.data, "--json", "doctor", **there.settings).document["checks"]}
    assert checks["accounts"].startswith("0 ")
    landing = [each for each in there.told() if runs([each], LAND)]
    aside = [each for each in landing if "topic.cabin.quarantine" in counts(each)]
    assert len(landing) == 6 and all(sound(each) for each in landing) and [counts(each)["topic.cabin.quarantine"] for each in aside] == [1]
    ended = next(each for each in there.told() if runs([each]) == [("normalise", "COMPLETE")])
    assert assertions(ended)["topic.cabin.raw.fire_hazard", "accepted"] == "3" and sound(ended)
    listed = done(there.data, "--json", "quarantine", "list", "--limit", "500", **there.settings).document["rows"]
    aside = sorted((row["feed"], row["reason"]) for row in listed if row["feed"].startswith("cabin.") or row["delivery"].startswith("cabin."))
    assert aside == [(CLAIMS, "undecodable")] * 2 + [("cabin.inbox.fire_hazard", "undecodable"), ("rental", "undecodable"), ("rental", "unreadable-headers")]
    assert done(there.data, "--json", "status", **there.settings).document["broken_accounts"] == []


def pushed_events(there: OnBroker) -> list[str]:
    """The claims of pushed inspections, each as often as it was made."""
    with there.log() as log:
        found = [
            each.message for partition in range(there.partitions) for each in log.read(CLAIMS, partition, 0) if each.message.headers["ce_type"] == "claim.event"
        ]
    return sorted(row["entity"] for message in found for row in pa.ipc.open_stream(message.value).read_all().to_pylist() if ":PX" in row["entity"])
