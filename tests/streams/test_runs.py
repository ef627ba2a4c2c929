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
from streams.agents.left import forget, left_behind
from streams.agents.runs import WINDOW_SECONDS, Session
from streams.agents.work import Pace
from streams.landing.model import SetAside
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


Begin = Callable[..., Session]


@pytest.fixture
def begun(tmp_path: Path) -> Iterator[Begin]:
    """Begins a session where the last one died, which lets go of its lock, or `beside` it; under `name`, if another one."""
    known: list[Session] = []
    given_up: list[int] = []

    def begin(log: Log, name: str = "worker-here-0", beside: bool = False) -> Session:
        for each in known if not beside else ():
            each._held.leave()
        known.append(Session(BeijingClock(), tmp_path / "lineage" / f"{name}.json", Hours(), given_up.append))
        known[-1].begin(log, [])
        known[-1].given_up = given_up  # type: ignore[attr-defined]
        return known[-1]

    yield begin
    for each in known:
        each._held.leave()


def notes(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "lineage").glob("*"))


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
    assert notes(tmp_path) == []


def test_a_long_session_says_now_and_then_what_was_done_since(log: EmbeddedLog, begun: Begin) -> None:
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


def test_who_was_killed_is_told_as_failed_by_the_next(log: EmbeddedLog, begun: Begin) -> None:
    """A session that ends without a word fails as a crash, once; one that knew why fails with that code, at once where the log is away."""
    begun(log)
    begun(log).fail(failed_by(LogMoved()))
    begun(log).complete()
    found = events_on(log)
    assert states(found) == [("a", "START"), ("a", "FAIL"), ("b", "START"), ("b", "FAIL"), ("c", "START"), ("c", "COMPLETE")] == states(found, NORMALISE)
    why = [each["run"]["facets"]["errorMessage"]["message"].partition(":")[0] for each in found if each["eventType"] == "FAIL"]
    assert why == ["process-crashed"] * 2 + ["log-moved"] * 2 and all(sound(each) for each in found)


def test_an_end_in_order_that_could_not_be_told_is_told_by_the_next(log: EmbeddedLog, begun: Begin) -> None:
    """With the log away a session begins, looks and ends as ever, and is no crash afterwards."""
    session = begun(log)
    session._log = Away()
    session.look()
    session.complete()
    begun(log).complete()
    assert states(events_on(log)) == [("a", "START"), ("a", "COMPLETE"), ("b", "START"), ("b", "COMPLETE")]


def test_a_session_that_begins_while_nothing_can_be_told_is_told_later(tmp_path: Path, log: EmbeddedLog, begun: Begin) -> None:
    """Its note and that of the one before are both kept: the first that can tell tells both, begin and end, each at its own moment; nothing of them is left on disk."""
    begun(log)
    between = begun(Away())
    between.look()
    between.complete()
    between.fail(failed_by(LogMoved()))
    assert len([name for name in notes(tmp_path) if name.endswith(".json")]) == 2
    begun(log).complete()
    found = events_on(log)
    by_run: dict[str, list[str]] = {}
    for each in found:
        if each["job"]["name"] == RECONCILE:
            by_run.setdefault(each["run"]["runId"], []).append(each["eventType"])
    assert sorted(by_run.values()) == [["START", "COMPLETE"], ["START", "COMPLETE"], ["START", "FAIL"]]
    assert all(sound(each) for each in found) and notes(tmp_path) == []
    late = next(run for run, told in by_run.items() if told == ["START", "COMPLETE"])
    times = [each["eventTime"] for each in found if each["run"]["runId"] == late]
    assert times == sorted(times)


def test_what_could_not_be_told_waits_and_is_told_in_order(log: EmbeddedLog, begun: Begin) -> None:
    """A session that goes on when the topic takes events again tells its begin and every count, each once."""
    session = begun(Away())
    hours = session._monotonic
    assert isinstance(hours, Hours)
    session.tally.folded(Folded(5, 3))
    hours.now = WINDOW_SECONDS
    session.look()
    session._log = log
    session.tally.folded(Folded(2, 1))
    hours.now = 2 * WINDOW_SECONDS
    session.look()
    session.complete()
    assert states(events_on(log)) == [("a", "START"), ("a", "RUNNING"), ("a", "RUNNING"), ("a", "COMPLETE")]
    told = [counts(each).get("topic.cabin.changes") for each in events_on(log) if each["job"]["name"] == RECONCILE]
    assert told == [None, 3, 1, None] and session.given_up == []  # type: ignore[attr-defined]


def test_what_waits_too_long_is_counted(log: EmbeddedLog, begun: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    """No more wait than a bound says, the oldest counts go first and are numbered; that the session began and ended is told all the same."""
    monkeypatch.setattr("streams.agents.runs.MOST_WAITING", 4)
    session = begun(Away())
    hours = session._monotonic
    assert isinstance(hours, Hours)
    for window in range(1, 5):
        session.tally.folded(Folded(1, window))
        hours.now = window * WINDOW_SECONDS
        session.look()
    session._log = log
    session.complete()
    assert session.given_up == [1, 1]  # type: ignore[attr-defined]
    assert states(events_on(log)) == [("a", "START"), ("a", "RUNNING"), ("a", "RUNNING"), ("a", "COMPLETE")]
    told = [counts(each).get("topic.cabin.changes") for each in events_on(log) if each["job"]["name"] == RECONCILE]
    assert told == [None, 3, 4, None]


def test_who_never_comes_back_is_told_by_anybody(tmp_path: Path, log: EmbeddedLog, begun: Begin) -> None:
    """A worker of another name, or of another number, tells the end of one that is gone, but not of one that lives beside it."""
    begun(log, "worker-elsewhere-3")
    alive = begun(log, "worker-here-1")
    assert states(events_on(log)) == [("a", "START"), ("a", "FAIL"), ("b", "START")]
    beside = begun(log, "worker-here-2", beside=True)
    assert ("b", "FAIL") not in states(events_on(log))
    beside.complete()
    alive.complete()
    assert states(events_on(log))[-2:] == [("c", "COMPLETE"), ("b", "COMPLETE")] and notes(tmp_path) == []


def test_a_note_that_somebody_else_told_meanwhile_leaves_nothing(tmp_path: Path, log: EmbeddedLog, begun: Begin) -> None:
    """Two who begin at once look at the same notes: who comes second finds the note gone, and makes no lock anew."""
    begun(log, "worker-here-0")
    begun(log, "worker-here-1", beside=True)
    for each in (tmp_path / "lineage").glob("*.lock"):
        each.unlink()  # as from a machine that is gone
    looked = left_behind(tmp_path / "lineage")
    forget(next(looked)[0])
    for file in (tmp_path / "lineage").glob("*"):
        file.unlink()
    assert list(looked) == [] and notes(tmp_path) == []


def test_messages_that_are_set_aside_are_a_run(log: EmbeddedLog, begun: Begin) -> None:
    """Where all of them are it failed, where some are it is complete; reasons and counts are told as checks, and the same messages give the same run."""
    session, at = begun(log), BeijingClock().now()
    some = SetAside("fire_hazard", "cabin.inbox.fire_hazard/x/0/0-4", 5, {"undecodable": 2}, at)
    every = SetAside("fire_hazard", "cabin.inbox.fire_hazard/x/0/5-6", 2, {"undecodable": 1, "missing-column": 1}, at)
    for given in (some, every, every):
        session.set_aside(given)
    session.look()
    found = [each for each in events_on(log) if each["job"]["name"] == "land"]
    assert states(found, "land") == [("a", "START"), ("a", "COMPLETE"), ("b", "START"), ("b", "FAIL"), ("b", "START"), ("b", "FAIL")]
    assert all(sound(each) for each in found)
    assert assertions(found[1]) == {("topic.cabin.inbox.fire_hazard", "undecodable"): "2"} and counts(found[1]) == {"topic.cabin.quarantine": 2}
    assert found[3]["run"]["facets"]["errorMessage"]["message"].startswith("messages-set-aside:") and counts(found[3]) == {"topic.cabin.quarantine": 2}
    session.complete()


def test_after_its_end_a_session_does_not_fail(tmp_path: Path, log: EmbeddedLog, begun: Begin) -> None:
    """What goes wrong while the worker is taken down is no second end of its runs; killed between the end and its telling, the same end is told again."""
    session = begun(log)
    session.complete()
    session.fail(failed_by(LogMoved()))
    assert notes(tmp_path) == []
    begun(log).complete()
    assert states(events_on(log)) == [("a", "START"), ("a", "COMPLETE"), ("b", "START"), ("b", "COMPLETE")]


@pytest.mark.parametrize("held", [b"", b"[]", b'{"runs": 3}', b'{"runs": {"normalise": "x"}}'])
def test_a_damaged_note_stops_nobody(tmp_path: Path, log: EmbeddedLog, begun: Begin, held: bytes) -> None:
    """What a crash left half written is passed over."""
    (tmp_path / "lineage").mkdir()
    (tmp_path / "lineage" / "worker-here-0.json").write_bytes(held)
    begun(log).complete()
    assert states(events_on(log)) == [("a", "START"), ("a", "COMPLETE")]


def test_nothing_derived_is_nothing_told(log: EmbeddedLog, begun: Begin) -> None:
    """A step without messages counts as none."""
    session = begun(log)
    session.tally.normalised(Derived())
    assert session.tally.take() == {}
