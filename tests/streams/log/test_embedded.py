"""What the embedded log promises of the Log port."""

import sqlite3
import threading
from pathlib import Path

import pytest

from contracts.ports import Message
from streams.log import EmbeddedLog
from streams.log.errors import LogUnreadable, PartitionCountFixed


def message(text: str) -> Message:
    return Message(text.encode(), {"ce_type": "test", "text": text})


@pytest.fixture
def log(tmp_path: Path):
    with EmbeddedLog.open(tmp_path / "log.sqlite", 3) as opened:
        yield opened


def test_offsets_are_dense_per_topic_and_partition(log: EmbeddedLog):
    """Each (topic, partition) counts its own offsets from 0 without holes, and reading gives them in order with headers."""
    assert [position.offset for position in log.append("a", 0, [message("x"), message("y")])] == [0, 1]
    assert [position.offset for position in log.append("a", 1, [message("z")])] == [0]
    assert [position.offset for position in log.append("a", 0, [message("w")])] == [2]
    assert [stored.message.value for stored in log.read("a", 0, 1)] == [b"y", b"w"]
    assert log.read("a", 0, 0)[0].message == message("x")
    assert [(offset, headers["text"]) for offset, headers in log.headers("a", 0, 1)] == [(1, "y"), (2, "w")]
    assert (log.end("a", 0), log.end("a", 2), log.end("b", 0)) == (3, 0, 0)
    assert log.topics() == ["a"] and log.read("b", 0, 0) == [] and log.headers("b", 0, 0) == []


def test_reading_is_bounded_but_always_moves(log: EmbeddedLog):
    """A read stops near its byte limit and gives at least one message, so a loop over reads ends."""
    log.append("a", 0, [message("x" * 100) for _ in range(5)])
    assert len(log.read("a", 0, 0, limit_bytes=1)) == 1
    assert len(log.read("a", 0, 0, limit_bytes=250)) == 3


def test_an_append_that_fails_adds_nothing(log: EmbeddedLog):
    """When one message of an append cannot be written, none is, and the log goes on."""
    with pytest.raises(TypeError):
        log.append("a", 0, [message("x"), Message(b"y", {"bad": object()})])  # type: ignore[dict-item]
    assert log.end("a", 0) == 0
    assert log.append("a", 0, [message("z")])[0].offset == 0


def test_partitions_and_generation_stay(tmp_path: Path, log: EmbeddedLog):
    """An installation keeps its partition count and generation; another count is refused in words."""
    with EmbeddedLog.open(tmp_path / "log.sqlite") as again:
        assert (again.partitions, again.generation) == (3, log.generation)
    with pytest.raises(PartitionCountFixed, match="3 partitions, not 4"):
        EmbeddedLog.open(tmp_path / "log.sqlite", 4)


def test_topics_made_anew_are_empty_and_the_others_whole(tmp_path: Path, log: EmbeddedLog):
    """Renewing empties the named topics in every partition, begins their offsets at 0, changes the generation for every process, and touches nothing else."""
    with EmbeddedLog.open(tmp_path / "log.sqlite") as other:
        for topic in ("a", "b", "kept"):
            for partition in (0, 2):
                other.append(topic, partition, [message(f"{topic}{partition}"), message("x")])
        before = log.generation
        log.renew(["a", "b", "never seen"])
        assert log.generation == other.generation != before
        assert [other.end(topic, partition) for topic in ("a", "b", "kept") for partition in (0, 2)] == [0, 0, 0, 0, 2, 2]
        assert [stored.message for stored in other.read("kept", 2, 0)] == [message("kept2"), message("x")]
        assert [position.offset for position in other.append("a", 0, [message("again")])] == [0]
        assert [stored.message.value for stored in log.read("a", 0, 0)] == [b"again"]


def test_a_renewal_that_fails_removes_nothing(log: EmbeddedLog):
    """The topics and the generation change together or not at all."""
    log.append("a", 0, [message("x")])
    before = log.generation
    with pytest.raises(sqlite3.Error):
        log.renew(["a", object()])  # type: ignore[list-item]
    assert (log.end("a", 0), log.generation) == (1, before)
    log.append("a", 0, [message("y")])


def test_a_file_that_is_no_log_is_named(tmp_path: Path):
    """A damaged file is reported as such, not as a driver's error."""
    (tmp_path / "log.sqlite").write_bytes(b"this is no log at all, and long enough to be read as a header of one." * 20)
    with pytest.raises(LogUnreadable, match=r"log\.sqlite"):
        EmbeddedLog.open(tmp_path / "log.sqlite")


def test_writers_side_by_side_lose_nothing(tmp_path: Path, log: EmbeddedLog):
    """Four appenders to one partition: every message is there once, offsets are dense."""

    def work(name: str) -> None:
        with EmbeddedLog.open(tmp_path / "log.sqlite") as own:
            for index in range(25):
                own.append("a", 0, [message(f"{name}{index}")])

    threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stored = log.read("a", 0, 0)
    assert [entry.position.offset for entry in stored] == list(range(100))
    assert len({entry.message.value for entry in stored}) == 100


def test_a_log_made_by_many_at_once_is_one(tmp_path: Path):
    """Whoever opens the new file first, nobody is turned away and all meet in one generation."""
    for turn in range(40):
        gate = threading.Barrier(4)
        generations: list[str] = []

        def make(path: Path = tmp_path / f"{turn}.sqlite", gate: threading.Barrier = gate, generations: list[str] = generations) -> None:
            gate.wait()
            with EmbeddedLog.open(path) as opened:
                generations.append(opened.generation)

        threads = [threading.Thread(target=make) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(generations) == 4 and len(set(generations)) == 1
