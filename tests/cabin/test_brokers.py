"""The main job on a real broker: the same commands, the same marts."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import pytest

from cabin.broker import Broker
from cabin.output import Output
from cabin.rebuilt import copy_raw
from cabin.session import Session
from cabin.settings import Settings
from cabin.standing import Watch
from contracts.read import load
from contracts.topics import topics
from streams.log import EmbeddedLog
from streams.log.kafka import KafkaLog
from tests.broker import free_port
from tests.cabin.kit import ENVIRONMENT, cabin, done, hashes, standing

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def settings(broker: Broker, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """What makes a command work on the broker, whose topics were made by `cabin topics apply`."""
    named = {"CABIN_BROKERS": broker.address}
    folder = tmp_path_factory.mktemp("topics")
    done(folder, "topics", "apply", **named)
    assert done(folder, "topics", "check", **named).code == 0
    return named


def test_one_set_of_raw_messages_gives_the_same_marts_on_a_broker(small_cabin: Path, settings: Mapping[str, str], broker: Broker, tmp_path: Path) -> None:
    """What was landed on the file's log, copied to the broker and run there, publishes marts with the same hashes; running again changes nothing."""
    data = tmp_path / "data"
    (data / "vault").parent.mkdir(parents=True)
    (data / "vault").symlink_to(small_cabin / "vault")
    with EmbeddedLog.open(small_cabin / "log.sqlite") as source, KafkaLog.open(broker.address, topics(load(), source.partitions)) as target:
        copy_raw(source, target)
    first = done(data, "--json", "run", **settings).document
    assert first["rows"] > 50 and hashes(data) == hashes(small_cabin)
    again = done(data, "--json", "run", **settings).document
    assert (again["rows"], again["snapshot"]) == (0, first["snapshot"])
    assert standing(data, **settings) == standing(small_cabin)
    live = done(data, "--json", "status", "--watch", "--times", "2", "--every", "0.1", **settings).document
    assert {name: value for name, value in live.items() if name not in ("now", "steps")} == {
        name: value for name, value in standing(small_cabin).items() if name != "steps"
    }


def test_watching_notices_another_log(settings: Mapping[str, str], broker: Broker, tmp_path: Path) -> None:
    """Derived topics made anew by somebody else: the next look counts nothing of what was in them, though the log was opened before."""
    session = Session(Settings.from_mapping({"CABIN_DATA": str(tmp_path / "data"), **settings}), Output())
    try:
        watch = Watch(session)
        assert watch.look().claims > 0
        with KafkaLog.open(broker.address, topics(load(), session.log.partitions)) as other:
            other.renew(["cabin.claims", "cabin.outcomes"])
        standing = watch.look()
        assert standing.claims == 0 and standing.steps[0].rows == sum(count.landed for count in standing.counts) > 0
    finally:
        session.close()


def test_a_delivery_is_landed_on_a_broker_once(small_cabin: Path, deliveries: Path, settings: Mapping[str, str], tmp_path: Path) -> None:
    """Landed, then said to be there already; every row is acknowledged and read back by `status`."""
    data, file = tmp_path / "data", tmp_path / "rental.jsonl"
    shutil.copytree(small_cabin / "vault", data / "vault")
    file.write_bytes(b"".join((deliveries / "2_rental.jsonl").read_bytes().splitlines(keepends=True)[:5]))
    before = _landed(data, settings)
    for already in (False, True):
        said = done(data, "--json", "land", "rental", str(file), "--mode", "increment", **settings).document["landed"][0]
        assert said["already_landed"] is already
    assert _landed(data, settings) - before == 5


def test_a_loader_measures_for_all(small_cabin: Path, settings: Mapping[str, str], tmp_path: Path) -> None:
    """Asked over HTTP while it runs, it tells accounts and lag of every partition; SIGTERM ends it in order."""
    data, port = tmp_path / "data", free_port()
    shutil.copytree(small_cabin / "vault", data / "vault")
    environment = {**os.environ, **ENVIRONMENT, **settings, "CABIN_DATA": str(data), "CABIN_METRICS_PORT": str(port), "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen([sys.executable, "-m", "cabin", "loader"], env=environment, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        for _ in range(600):
            assert process.poll() is None
            with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
                found = answer.read().decode()
                if "cabin_broken_accounts 0.0" in found and 'cabin_lag_seconds{partition="1",step="load"}' in found:
                    break
            time.sleep(0.1)
        else:
            raise AssertionError("the loader measured nothing")
        process.terminate()
        _, logged = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 0, logged
    assert all(json.loads(line)["event"] != "process.crashed" for line in logged.splitlines())


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_broker_that_is_not_there_is_told(tmp_path: Path, lang: str) -> None:
    """Exit code 3 and a hint; topics without a named broker are a mistake of use."""
    gone = cabin(tmp_path, "status", lang=lang, CABIN_BROKERS="127.0.0.1:9")
    assert gone.code == 3 and "127.0.0.1:9" in gone.err and "cabin broker status" in gone.err
    unset = cabin(tmp_path, "topics", "plan", lang=lang)
    assert unset.code == 2 and "CABIN_BROKERS" in unset.err


def _landed(data: Path, settings: Mapping[str, str]) -> int:
    feeds = done(data, "--json", "status", **settings).document["feeds"]
    return sum(each["landed"] for each in feeds if each["feed"] == "rental")
