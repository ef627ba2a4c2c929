"""Runs of a worker's session and of deliveries that others push, told as lineage: each begins and ends once, and what cannot be told changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cabin.clock import BeijingClock
from cabin.metrics import PrometheusMeter
from contracts.openlineage import NORMALISE, RECONCILE
from contracts.ports import Log
from streams.agents.desk import Desk
from streams.agents.runs import WINDOW_SECONDS, Session
from streams.agents.work import Pace
from streams.lineage import failed_by
from streams.log import EmbeddedLog
from streams.log.errors import LogMoved
from streams.normalise import Derived
from streams.reconcile import Folded
from tests.streams.lineage_kit import assertions, counts, events_on, runs, sound
from tests.streams.normalise.support import message, row
from tests.streams.test_desk import RAW, work_in, worked


class Hours:
    """A clock in seconds that is set."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Away:
    """A log that takes nothing."""

    def append(self, *_: object) -> None:
        raise OSError("away")


@pytest.fixture
def log(tmp_path: Path) -> Iterator[EmbeddedLog]:
    with EmbeddedLog.open(tmp_path / "log.sqlite", 1) as found:
        yield found


@pytest.fixture
def begun(tmp_path: Path) -> Callable[[Log], Session]:
    """Begins a session in the place of the last one; its clock is the attribute `hours`."""

    def begin(log: Log) -> Session:
        session = Session(BeijingClock(), tmp_path / "lineage" / "worker.json", Hours())
        session.begin(log, [])
        return session

    return begin


def states(found: list[dict[str, Any]], job: str = RECONCILE) -> list[tuple[str, str]]:
    """Run and state of each event of a job, the runs by the order in which they began."""
    order: dict[str, str] = {}
    return [(order.setdefault(each["run"]["runId"], chr(ord("a") + len(order))), each["eventType"]) for each in found if each["job"]["name"] == job]


def test_a_desk_tells_its_session(tmp_path: Path, log: EmbeddedLog) -> None:
    """Both jobs of a worker are one run each from its begin to its end, valid by the schemas, with the rows accepted and set aside by reason, the claims and the changes."""
    session = Session(BeijingClock(), tmp_path / "lineage" / "worker.json")
    desk = Desk(replace(work_in(tmp_path, PrometheusMeter()), pace=Pace(0, 0), runs=session))

    async def play() -> None:
        log.append(RAW, 0, [message([row(1), row(2), row(3, id_number=None)])])
        desk.open()
        await worked(desk, log)
        await desk.close()

    asyncio.run(play())
    found = events_on(log)
    assert sorted(runs(found)) == sorted((job, state) for job in (NORMALISE, RECONCILE) for state in ("START", "COMPLETE")) and all(
        sound(each) for each in found
    )
    ended = {each["job"]["name"]: each for each in found if each["eventType"] == "COMPLETE"}
    checks = assertions(ended[NORMALISE])
    aside = {check: int(rows) for (_, check), rows in checks.items() if check != "accepted"}
    assert int(checks["topic.cabin.raw.sample", "accepted"]) + sum(aside.values()) == 3 and sum(aside.values()) == 1
    made = counts(ended[NORMALISE])
    assert made["topic.cabin.quarantine"] == 1 == made["topic.cabin.outcomes"] and made["topic.cabin.claims"] >= 2
    assert counts(ended[RECONCILE])["topic.cabin.changes"] >= 2
    assert ended[NORMALISE]["job"]["facets"]["jobType"]["processingType"] == "STREAMING"
    assert not (tmp_path / "lineage" / "worker.json").exists()


def test_a_long_session_says_now_and_then_what_was_done_since(log: EmbeddedLog, begun: Callable[[Log], Session]) -> None:
    """Not before the window is over, not where nothing was done, and each count once."""
    session = begun(log)
    hours = session._monotonic
    assert isinstance(hours, Hours)
    session.tally.folded(Folded(5, 3))
    session.look()
    hours.now = WINDOW_SECONDS
    session.look()
    hours.now = 2 * WINDOW_SECONDS
    session.look()
    session.tally.folded(Folded(2, 1))
    session.complete()
    assert states(events_on(log)) == [("a", "START"), ("a", "RUNNING"), ("a", "COMPLETE")]
    assert states(events_on(log), NORMALISE) == [("a", "START"), ("a", "COMPLETE")]
    told = [counts(each).get("topic.cabin.changes") for each in events_on(log) if each["job"]["name"] == RECONCILE]
    assert told == [None, 3, 1]


def test_who_was_killed_is_told_as_failed_by_the_next(log: EmbeddedLog, begun: Callable[[Log], Session]) -> None:
    """A session that ends without a word fails as a crash, once; one that knew why fails with that code, at once where the log is away."""
    begun(log)
    begun(log).fail(failed_by(LogMoved()))
    begun(log).complete()
    found = events_on(log)
    assert states(found) == [("a", "START"), ("a", "FAIL"), ("b", "START"), ("b", "FAIL"), ("c", "START"), ("c", "COMPLETE")] == states(found, NORMALISE)
    why = [each["run"]["facets"]["errorMessage"]["message"].partition(":")[0] for each in found if each["eventType"] == "FAIL"]
    assert why == ["process-crashed"] * 2 + ["log-moved"] * 2 and all(sound(each) for each in found)


def test_an_end_in_order_that_could_not_be_told_is_told_by_the_next(log: EmbeddedLog, begun: Callable[[Log], Session]) -> None:
    """With the log away a session begins, looks and ends as ever, and is no crash afterwards."""
    session = begun(log)
    session._log = Away()  # type: ignore[assignment]
    session.look()
    session.complete()
    begun(log).complete()
    assert states(events_on(log)) == [("a", "START"), ("a", "COMPLETE"), ("b", "START"), ("b", "COMPLETE")]


def test_an_end_waits_while_the_topic_takes_nothing(tmp_path: Path, log: EmbeddedLog, begun: Callable[[Log], Session]) -> None:
    """A session that begins while nothing can be told leaves the note of the one before: its end is told by the first that can, and the session between goes untold."""
    begun(log)
    between = begun(Away())  # type: ignore[arg-type]
    between.look()
    between.complete()
    between.fail(failed_by(LogMoved()))
    begun(log).complete()
    assert states(events_on(log)) == [("a", "START"), ("a", "FAIL"), ("b", "START"), ("b", "COMPLETE")]


def test_after_its_end_a_session_does_not_fail(tmp_path: Path, log: EmbeddedLog, begun: Callable[[Log], Session]) -> None:
    """What goes wrong while the worker is taken down is no second end of its runs; killed between the end and its telling, the same end is told again."""
    session = begun(log)
    session.complete()
    session.fail(failed_by(LogMoved()))
    assert not (tmp_path / "lineage" / "worker.json").exists()
    begun(log).complete()
    assert states(events_on(log)) == [("a", "START"), ("a", "COMPLETE"), ("b", "START"), ("b", "COMPLETE")]


@pytest.mark.parametrize("held", [b"", b"[]", b'{"runs": 3}', b'{"runs": {"normalise": "x"}}'])
def test_a_damaged_note_stops_nobody(tmp_path: Path, log: EmbeddedLog, begun: Callable[[Log], Session], held: bytes) -> None:
    """What a crash left half written is passed over."""
    (tmp_path / "lineage").mkdir()
    (tmp_path / "lineage" / "worker.json").write_bytes(held)
    begun(log).complete()
    assert states(events_on(log)) == [("a", "START"), ("a", "COMPLETE")]


def test_nothing_derived_is_nothing_told(log: EmbeddedLog, begun: Callable[[Log], Session]) -> None:
    """A step without messages counts as none."""
    session = begun(log)
    session.tally.normalised(Derived())
    assert session.tally.take() == {}
