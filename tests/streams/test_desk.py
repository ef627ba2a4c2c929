"""A worker's desk over a file's log: what it owns is done, told and measured."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from cabin.clock import BeijingClock
from cabin.metrics import PrometheusMeter
from contracts.partition import Share
from contracts.ports import Message
from contracts.read import load
from contracts.topics import CLAIMS, ENTITY, OUTCOMES
from streams.agents.claims import ClaimsDesk
from streams.agents.desk import Desk
from streams.agents.gauges import FoldGauges
from streams.agents.inbox import InboxDesk
from streams.agents.runs import Session
from streams.agents.work import Pace, Sizes, Work
from streams.landing import Landing
from streams.local import Ports
from streams.log import EmbeddedLog
from streams.reconcile import Follower, State
from tests.contracts.golden_kit import ALL, claim
from tests.streams.lineage_kit import counts, events_on, runs, sound
from tests.streams.normalise.support import PlainSealer, contracts, message, row
from tests.streams.test_announcer import OnLog
from tests.streams.test_outcomes import Dated
from tests.streams.test_reconcile import message as messages_of
from tests.streams.test_reconcile import refused, things
from vault import Vault

RAW = "cabin.raw.sample"
MEASURED = {
    "cabin_lag_messages",
    "cabin_lag_records",
    "cabin_lag_seconds",
    "cabin_claims_folded",
    "cabin_changes_published",
    "cabin_entity_messages",
    "cabin_discrepancy_facts",
    "cabin_task_facts",
    "cabin_settle_rows",
    "cabin_batch_messages",
    "cabin_step_seconds",
    "cabin_state_bytes",
    "cabin_outbox_messages",
}
"""What a worker measures; the loader measures the rest for all of an installation."""


class Fencing(OnLog):
    """The port `Fenced` over a log connection of its own."""

    def close(self) -> None:
        self._log.close()


def work_in(folder: Path, meter: PrometheusMeter) -> Work:
    def open_log() -> EmbeddedLog:
        return EmbeddedLog.open(folder / "log.sqlite", 1)

    @contextmanager
    def open_ports() -> Iterator[Ports]:
        with open_log() as log:
            yield Ports(log, contracts(), PlainSealer())

    @contextmanager
    def open_landing() -> Iterator[Landing]:
        with open_log() as log:
            yield Landing(log, PlainSealer(), BeijingClock(), contracts(), folder / "spool")

    def ends(code: int) -> None:
        raise AssertionError(code)

    return Work(
        open_ports=open_ports,
        open_log=open_log,
        open_landing=open_landing,
        open_fenced=lambda partition: Fencing(open_log()),
        holder_gone=lambda holder: False,
        state=folder / "state",
        told=lambda event, **fields: None,
        failed=lambda error: None,
        meter=meter,
        ends=ends,
    )


def value(meter: PrometheusMeter, name: str, **labels: str) -> float | None:
    found: float | None = meter.registry.get_sample_value(name, labels)
    return found


def families(meter: PrometheusMeter) -> set[str]:
    """The metrics that have a series."""
    return {family.name for family in meter.registry.collect() if family.samples}


async def worked(desk: Desk, log: EmbeddedLog) -> None:
    """Everything that is on the log, handed over."""
    await desk.own({(RAW, 0), (CLAIMS, 0)})
    await desk.normalise(log.read(RAW, 0, 0))
    await desk.fold(log.read(CLAIMS, 0, 0))
    await desk.announce()
    await desk.sweep()


def test_a_desk_does_everything_and_measures_it(tmp_path: Path) -> None:
    """From raw to subscribers, every metric of a worker has a value of its own; who leaves a partition takes its gauges away."""
    meter = PrometheusMeter()
    desk = Desk(replace(work_in(tmp_path, meter), pace=Pace(0, 0)))

    async def play() -> set[str]:
        with EmbeddedLog.open(tmp_path / "log.sqlite", 1) as log:
            log.append(RAW, 0, [message([row(1), row(2)])])
            desk.open()
            await worked(desk, log)
            assert log.end(OUTCOMES, 0) == 1 and log.end(f"{ENTITY}person", 0) == 2
            found = families(meter)
            assert (value(meter, "cabin_lag_messages", step="fold", partition="0"), value(meter, "cabin_outbox_messages", partition="0")) == (0, 0)
            assert (value(meter, "cabin_state_bytes", partition="0") or 0) > 0
            assert value(meter, "cabin_entity_messages_total", kind="person") == 2
            assert all((value(meter, "cabin_step_seconds_count", step=step) or 0) > 0 for step in ("normalise", "fold", "announce"))
            await desk.own({(RAW, 0)})
            await desk.close()
        return found

    assert asyncio.run(play()) == MEASURED
    assert not families(meter) & {"cabin_lag_messages", "cabin_lag_records", "cabin_lag_seconds", "cabin_state_bytes", "cabin_outbox_messages"}


def test_what_others_push_is_landed_and_measured(tmp_path: Path) -> None:
    """What is handed over and what a look finds, each as one go of the step and one run in lineage; the engine has the memory that is set for each, and not another."""
    place, meter = ("cabin.inbox.fire_hazard", 0), PrometheusMeter()

    @contextmanager
    def open_landing() -> Iterator[Landing]:
        with EmbeddedLog.open(tmp_path / "log.sqlite", 1) as log, Vault.open(tmp_path / "vault") as vault:
            yield Landing(log, vault, BeijingClock(), load(), tmp_path / "spool")

    session = Session(BeijingClock(), tmp_path / "note.json")
    desk = InboxDesk(replace(work_in(tmp_path, meter), open_landing=open_landing, sizes=Sizes(memory_mb=320), runs=session))
    inspection = {"检查日期": "2026-02-03", "对象类型": "3", "地址": "五马街道解放街3号", "隐患数": 0}
    with EmbeddedLog.open(tmp_path / "log.sqlite", 1) as log:
        desk.own(frozenset({place}))
        for number, step in enumerate((lambda: desk.take(log.read(*place, 0)), desk.sweep, desk.sweep)):
            if number < 2:
                log.append(*place, [Message(json.dumps({**inspection, "检查编号": f"JC{number:06d}"}).encode(), {})])
            step()
        landed = [headers["ce_type"] for _, headers in log.headers("cabin.raw.fire_hazard", 0, 0)]
        session.begin(log, [])
        session.look()
        told = [each for each in events_on(log) if each["job"]["name"] == "land"]
        log.append(*place, [Message(b"nonsense", {})])
        desk.sweep()
        session.complete()
        aside = [each for each in events_on(log) if each["job"]["name"] == "land"][4:]
    assert runs(told) == [("land", "START"), ("land", "COMPLETE")] * 2 and all(sound(each) for each in (*told, *aside))
    assert runs(aside) == [("land", "START"), ("land", "FAIL")] and counts(aside[1]) == {"topic.cabin.quarantine": 1}
    assert [each["name"] for each in told[1]["inputs"]] == ["feed.fire_hazard", "topic.cabin.inbox.fire_hazard"] and counts(told[1]) == {
        "topic.cabin.raw.fire_hazard": 1
    }
    assert landed.count("delivery.closed") == 2 and value(meter, "cabin_step_seconds_count", step="inbox") == 3
    assert value(meter, "cabin_batch_messages_sum", step="inbox") == 3
    assert desk.engine is not None
    with duckdb.connect(config={"memory_limit": "320MB"}) as limited:
        asked = "select current_setting('memory_limit')"
        assert desk.engine.execute(asked).fetchone() == limited.execute(asked).fetchone()
    desk.close()


@pytest.fixture
def clock() -> Callable[[], float]:
    """A clock that is set by its attribute `now`, in seconds."""

    def tell() -> float:
        return float(tell.now)  # type: ignore[attr-defined]

    return tell


def test_how_far_the_fold_is_behind_is_told_in_messages_and_seconds(tmp_path: Path, clock: Callable[[], float]) -> None:
    """The age of what waits: of the first message where nothing is settled yet, then no more than of the last settled one, nor than since nothing waited."""
    meter = PrometheusMeter()
    at = {"step": "fold", "partition": "0"}
    with EmbeddedLog.open(tmp_path / "log.sqlite", 1) as file, State.open(Path(":memory:"), ALL, Share(0, 1)) as state:
        log = Dated(file, times=[10_000, 20_000, 80_000])
        follower = Follower(log, state, refused)
        gauges = FoldGauges(meter, log, state, tmp_path / "none", clock)

        def measured(now: int) -> tuple[float | None, float | None]:
            clock.now = now  # type: ignore[attr-defined]
            gauges.measure(follower)
            return value(meter, "cabin_lag_messages", **at), value(meter, "cabin_lag_seconds", **at)

        file.append(CLAIMS, 0, messages_of(things(claim("x", "a", 1)), things(claim("y", "a", 1))))
        assert measured(30) == (2, 20)
        follower.take(log.read(CLAIMS, 0, 0)[:1])
        assert measured(40) == (1, 30)
        follower.reach()
        assert measured(60) == (0, 0)
        file.append(CLAIMS, 0, messages_of(things(claim("z", "a", 1))))
        assert measured(90) == (1, 30)
        assert measured(90.5) == (1, 30)  # type: ignore[arg-type]


def test_how_many_rows_the_fold_is_behind_is_estimated(tmp_path: Path, clock: Callable[[], float]) -> None:
    """By the rows of the messages settled lately; unknown before the first of them, 0 where nothing waits, and what is long ago fades."""
    meter = PrometheusMeter()
    with EmbeddedLog.open(tmp_path / "log.sqlite", 1) as log, State.open(Path(":memory:"), ALL, Share(0, 1)) as state:
        follower = Follower(log, state, refused)
        gauges = FoldGauges(meter, log, state, tmp_path / "none", clock)

        def measured(now: int) -> float | None:
            clock.now = now  # type: ignore[attr-defined]
            gauges.measure(follower)
            return value(meter, "cabin_lag_records", step="fold", partition="0")

        assert measured(10) == 0
        log.append(CLAIMS, 0, messages_of(*(things(claim(name, "a", 1)) for name in "xyz")))
        assert measured(20) is None
        gauges.settled(2, 400)
        assert measured(30) == 600
        for _ in range(20):
            gauges.settled(1_000, 1_000)
        assert measured(40) == 3
        follower.reach()
        assert measured(50) == 0


def test_what_waits_to_be_published_is_told(tmp_path: Path) -> None:
    """Golden rows that are settled and not published; none once everything is."""
    with EmbeddedLog.open(tmp_path / "log.sqlite", 1) as log, State.open(Path(":memory:"), ALL, Share(0, 1)) as state:
        state.settle([things(claim("x", "a", 1), claim("y", "a", 1))], 1, generation=log.generation)
        assert state.waiting == 2
        log.append(CLAIMS, 0, messages_of(things(claim("x", "a", 1), claim("y", "a", 1))))
        Follower(log, state, refused).reach()
        assert state.waiting == 0


def test_who_holds_a_state_that_is_ours_is_ended(tmp_path: Path) -> None:
    """A process that does not let go, because it was stopped: it is named to who can end it, then the state is taken over as it is."""
    work = work_in(tmp_path, PrometheusMeter())
    asked: list[int] = []

    def holder_gone(holder: str) -> bool:
        asked.append(int(holder))
        os.kill(int(holder), signal.SIGKILL)
        return True

    with work.open_ports() as ports:
        desk = ClaimsDesk(work, ports, 0, 0)
        desk.open()
        desk.close()
        script = "import duckdb, sys, time\nheld = duckdb.connect(sys.argv[1])\nprint('held', flush=True)\ntime.sleep(60)"
        with subprocess.Popen([sys.executable, "-c", script, str(work.state / "p0.duckdb")], stdout=subprocess.PIPE, text=True) as other:
            assert other.stdout is not None and other.stdout.readline() == "held\n"
            other.send_signal(signal.SIGSTOP)
            desk = ClaimsDesk(replace(work, holder_gone=holder_gone), ports, 0, 0)
            desk.open()
            desk.close()
        assert asked == [other.pid]


def test_subscribers_wait_while_more_is_folded(tmp_path: Path) -> None:
    """Right after a settle they are told nothing, however long ago they were told; once nothing was folded for a moment they are told, no other settle needed."""
    desk = Desk(replace(work_in(tmp_path, PrometheusMeter()), pace=Pace(seconds=0, busy_seconds=3600, quiet_seconds=0.2)))

    async def play() -> list[int]:
        told = []
        with EmbeddedLog.open(tmp_path / "log.sqlite", 1) as log:
            log.append(RAW, 0, [message([row(1), row(2)])])
            desk.open()
            await worked(desk, log)
            told.append(log.end(f"{ENTITY}person", 0))
            await asyncio.sleep(0.3)
            await desk.announce()
            told.append(log.end(f"{ENTITY}person", 0))
            await desk.close()
        return told

    assert asyncio.run(play()) == [0, 2]
