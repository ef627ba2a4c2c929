"""An exported snapshot and the topic behind it: followers in Python and Java end at the last values, and a gap ends them instead of being ignored. On a real broker."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaAdminClient, KafkaProducer, TopicPartition

from cabin.broker import Broker
from contracts.partition import partition_of
from contracts.read import load
from contracts.subscribers import entity_headers
from contracts.topics import topics
from streams.log.topics import create, delete
from tests.broker import REQUIRED
from tests.cabin.kit import cabin, done

EXAMPLES = Path(__file__).parents[2] / "examples"
KIND, PARTITIONS, GAP = "industry", 2, 4
TOPIC = f"cabin.entity.{KIND}"
Follower = Callable[[Path], subprocess.CompletedProcess[str]]
Held = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def admin(broker: Broker) -> Iterator[KafkaAdminClient]:
    """The topic without messages, which may be cut at its start as a compacted one may not; and all others, because an export is recorded on one of them."""
    with KafkaAdminClient(bootstrap_servers=broker.address) as client:
        every = topics(load(), PARTITIONS)
        declared = next(topic for topic in every if topic.name == TOPIC)
        for topic in every:
            made_anew(client, topic)
        made_anew(client, replace(declared, settings={**declared.settings, "cleanup.policy": "compact,delete", "retention.ms": "-1"}))
        yield client
        delete(client, [topic.name for topic in every])
        made_anew(client, declared)


def made_anew(client: KafkaAdminClient, topic: Any) -> None:
    delete(client, [topic.name])
    create(client, [topic])


class Publisher:
    """Writes entity messages as the owner of a partition does, in transactions, and knows what is left of them."""

    def __init__(self, broker: Broker) -> None:
        self.producer = KafkaProducer(bootstrap_servers=broker.address, transactional_id="test-entities")
        self.producer.init_transactions()
        self.held: Held = {}

    def publish(self, *messages: tuple[str, int, dict[str, Any] | None], stale: bool = False) -> None:
        """Entity, version and record (None: tombstone) each; `stale` ones are older than what is held."""
        self.producer.begin_transaction()
        for entity, version, record in messages:
            headers = [(name, text.encode()) for name, text in entity_headers(load().kinds[KIND], entity, "g", version).items()]
            value = None if record is None else json.dumps(record, ensure_ascii=False).encode()
            self.producer.send(TOPIC, key=entity.encode(), value=value, headers=headers, partition=partition_of(entity, PARTITIONS))
            if not stale:
                self.held.pop(entity, None)
                self.held |= {} if record is None else {entity: record}
        self.producer.commit_transaction()


@pytest.fixture(scope="module")
def publisher(broker: Broker, admin: KafkaAdminClient) -> Iterator[Publisher]:
    made = Publisher(broker)
    yield made
    made.producer.close()


@pytest.fixture(scope="module")
def java(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The command that runs the Java follower, compiled once; skipped loudly where Java or Maven are missing."""
    if not all(shutil.which(tool) for tool in ("java", "javac", "mvn")):
        if os.environ.get(REQUIRED) == "required":
            pytest.fail("Java or Maven is missing")
        warnings.warn(pytest.PytestWarning("BROKER TESTS SKIPPED: Java or Maven is missing"), stacklevel=2)
        pytest.skip("Java or Maven is missing")
    classes = tmp_path_factory.mktemp("follow")
    subprocess.run(["mvn", "-q", "-B", "dependency:copy-dependencies", f"-DoutputDirectory={classes / 'lib'}"], cwd=EXAMPLES / "java", check=True)
    path = f"{classes}:{classes / 'lib'}/*"
    subprocess.run(["javac", "-Xlint:all,-serial", "-Werror", "-cp", path, "-d", str(classes), "src/main/java/Follow.java"], cwd=EXAMPLES / "java", check=True)
    return ["java", "-Xmx128m", "-XX:TieredStopAtLevel=1", "-cp", path, "Follow"]


@pytest.fixture(params=["python", "java"])
def follower(request: pytest.FixtureRequest, broker: Broker) -> Follower:
    """Runs a follower over a folder until it has read all there is."""
    command, once = (
        ([sys.executable, str(EXAMPLES / "python" / "follow.py")], "--once") if request.param == "python" else (request.getfixturevalue("java"), "once")
    )
    return lambda folder: subprocess.run([*command, broker.address, str(folder), once], capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture(scope="module")
def exported(broker: Broker, publisher: Publisher, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A snapshot, and messages after it: changed, new and deleted entities, and one that came too late to count."""
    publisher.publish(*((f"C{number}", 1, {"n": number, "name": "旧"}) for number in range(20)))
    publisher.publish(*((f"C{number}", 2, {"n": number, "name": "新\n行"}) for number in range(5)), ("C9", 2, None))
    publisher.publish(("C9", 1, {"n": -1}), ("C8", 0, None), stale=True)
    folder = tmp_path_factory.mktemp("export") / "snapshot"
    said = done(folder.parent, "--json", "export", "entity", KIND, "--to", str(folder), CABIN_BROKERS=broker.address).document
    assert (said["entities"], held_in(folder)) == (19, publisher.held)
    publisher.publish(("C0", 3, {"n": 100}), ("C1", 3, None), ("D1", 3, {"n": 200}), ("C9", 4, {"n": 9}))
    publisher.publish(("C0", 2, {"n": -1}), ("C1", 1, {"n": -1}), stale=True)
    return folder


def held_in(folder: Path) -> Held:
    """The records of a folder by entity."""
    file = folder / json.loads((folder / "positions.json").read_text())["file"]
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").split("\n") if line]
    return {line["entity"]: line["record"] for line in lines if line["record"] is not None}


def test_snapshot_and_tail_are_the_last_values(exported: Path, publisher: Publisher, follower: Follower, tmp_path: Path) -> None:
    """Loaded and followed, a follower holds the newest record of each entity and nothing deleted; a message older than what it holds changes nothing. Started again it goes on from where it was."""
    folder = shutil.copytree(exported, tmp_path / "mine")
    first = follower(folder)
    assert (first.returncode, first.stderr) == (0, ""), first
    assert held_in(folder) == publisher.held
    assert first.stdout == f"{TOPIC}: {len(publisher.held)} entities, 6 messages\n"
    again = follower(folder)
    assert again.stdout.endswith(" 0 messages\n") and held_in(folder) == publisher.held
    assert {file.name for file in folder.iterdir()} == {"positions.json", json.loads((folder / "positions.json").read_text())["file"]}


def beyond(positions: dict[str, Any]) -> None:
    positions["partitions"] = {number: offset + 1_000 for number, offset in positions["partitions"].items()}


GAPS: Mapping[str, Callable[[dict[str, Any]], Any]] = {
    "end-below-position": beyond,
    "snapshot-too-old": lambda positions: positions.update(moment="2020-01-01T00:00:00.000+08:00"),
    "partitions-changed": lambda positions: positions["partitions"].pop("1"),
    "topic-made-anew": lambda positions: positions.update(topic_id="00000000-0000-0000-0000-000000000001"),
    "snapshot-damaged": lambda positions: positions.update(sha256="0"),
}


def refused(said: subprocess.CompletedProcess[str], gap: str) -> None:
    assert said.returncode == GAP, said
    assert said.stderr.startswith(f"gap: {gap}: ") and "hint: export a new snapshot" in said.stderr


@pytest.mark.parametrize("gap", GAPS)
def test_a_gap_is_told_and_changes_nothing(exported: Path, follower: Follower, tmp_path: Path, gap: str) -> None:
    """Positions that the topic does not reach, of another topic, too old or of another file end the follower with exit code 4, its folder untouched."""
    folder = shutil.copytree(exported, tmp_path / "mine")
    positions = json.loads((folder / "positions.json").read_text())
    GAPS[gap](positions)
    (folder / "positions.json").write_text(json.dumps(positions))
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    refused(follower(folder), gap)
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before


def test_a_topic_cut_at_its_start_is_told(exported: Path, follower: Follower, admin: KafkaAdminClient, tmp_path: Path) -> None:
    """Where the topic begins behind the snapshot, what was between them is lost to the follower."""
    positions = json.loads((exported / "positions.json").read_text())["partitions"]
    admin.delete_records({TopicPartition(TOPIC, int(number)): offset + 1 for number, offset in positions.items()})
    refused(follower(shutil.copytree(exported, tmp_path / "mine")), "start-truncated")


def test_an_export_needs_a_broker_and_a_known_kind(tmp_path: Path) -> None:
    """A cabin whose log is a file, and a kind that is none, are mistakes of use; nothing is written."""
    assert "CABIN_BROKERS" in cabin(tmp_path, "export", "entity", KIND, "--to", str(tmp_path / "x")).err
    assert cabin(tmp_path, "export", "entity", "nobody", "--to", str(tmp_path / "x"), CABIN_BROKERS="127.0.0.1:9").code == 2
    assert cabin(tmp_path, "export", "entity", KIND, "--to", str(tmp_path / "x"), CABIN_BROKERS="127.0.0.1:9").code == 3
