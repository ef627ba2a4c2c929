"""The supervisor of workers: who crashes comes back, who hangs or was stopped is ended, and the end is for all. With children that do nothing but show that they live."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path

import pytest

from cabin.supervisor import Patience, Supervisor, state_of
from contracts.ports import QuietMeter
from streams.agents.work import MOVED
from streams.log.errors import BrokerUnreachable

LIVES = "import os, sys, time\nwhile True:\n    os.write(int(sys.argv[1]), b'.')\n    time.sleep(0.02)"
CRASHES = "import sys\nsys.exit(1)"
NEVER_BEGINS = "import time\ntime.sleep(60)"
FALLS_SILENT = "import os, sys, time\nos.write(int(sys.argv[1]), b'.')\ntime.sleep(60)"
DEAF = "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + LIVES
QUICK = Patience(silent=1.0, beginning=2.0, stopped=0.2, shortest=0.05, longest=0.2, healthy=60.0, ending=0.5, leaving=0.5, look=0.02)
LONG = 30.0


@dataclass
class Children:
    """Which program each child runs, by its index, and when each was started."""

    programs: Sequence[str]
    started: list[tuple[int, float]] = field(default_factory=list)

    def command(self, index: int, pulse: int) -> Sequence[str]:
        self.started.append((index, time.monotonic()))
        return [sys.executable, "-S", "-E", "-c", self.programs[index], str(pulse)]

    def pauses(self) -> list[float]:
        times = [at for _, at in self.started]
        return [later - earlier for earlier, later in pairwise(times)]


@dataclass
class Moving(Children):
    """Children of which one finds, the first two times, that its log moved."""

    mark: Path = Path()

    def command(self, index: int, pulse: int) -> Sequence[str]:
        if len(self.started) < 4 and index == 0:
            self.mark.touch()
        return Children.command(self, index, pulse)


@pytest.fixture(autouse=True)
def _handlers() -> Iterator[None]:
    """The supervisor takes the process's signals; afterwards they are as before."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


def supervised(children: Children, scenario: Callable[[Supervisor], None], prepare: Callable[[], None] = lambda: None) -> Supervisor:
    """Runs a supervisor until the scenario, on a thread beside it, is through; then ends it with SIGTERM. What the scenario raises is raised."""
    supervisor = Supervisor(len(children.programs), children.command, os.environ, QuietMeter(), prepare, QUICK)
    failed: list[BaseException] = []

    def play() -> None:
        try:
            until(lambda: bool(children.started))
            scenario(supervisor)
        except BaseException as error:
            failed.append(error)
        finally:
            os.kill(os.getpid(), signal.SIGTERM)

    thread = threading.Thread(target=play)
    thread.start()
    assert supervisor.run() == 0
    thread.join()
    if failed:
        raise failed[0]
    return supervisor


def until(what: Callable[[], bool]) -> None:
    ends = time.monotonic() + LONG
    while not what():
        assert time.monotonic() < ends
        time.sleep(0.01)


def pid(supervisor: Supervisor, index: int = 0) -> int:
    """The process of a child that shows that it lives."""
    until(lambda: supervisor.workers[index].process is not None and supervisor.workers[index].alive)
    process = supervisor.workers[index].process
    return 0 if process is None else process.pid


def gone(process: int) -> bool:
    return state_of(process) in ("", "Z")


def test_who_crashes_is_started_again_after_growing_pauses() -> None:
    """Each pause is at least twice the one before, up to the longest."""
    children = Children([CRASHES])
    supervised(children, lambda _: until(lambda: len(children.started) > 5))
    for pause, least in zip(children.pauses(), (0.05, 0.1, 0.2, 0.2, 0.2), strict=False):
        assert pause >= least


def test_one_that_crashes_disturbs_no_other() -> None:
    """The other child is the same process all the time."""
    children = Children([CRASHES, LIVES])

    def scenario(supervisor: Supervisor) -> None:
        there = pid(supervisor, 1)
        until(lambda: [index for index, _ in children.started].count(0) > 3)
        assert pid(supervisor, 1) == there

    supervised(children, scenario)


def test_who_was_stopped_is_ended_and_started_again() -> None:
    """A child under SIGSTOP makes place for another."""

    def scenario(supervisor: Supervisor) -> None:
        first = pid(supervisor)
        os.kill(first, signal.SIGSTOP)
        until(lambda: pid(supervisor) != first)
        assert gone(first)

    supervised(Children([LIVES]), scenario)


@pytest.mark.parametrize("program", [NEVER_BEGINS, FALLS_SILENT])
def test_who_shows_no_life_is_ended_and_started_again(program: str) -> None:
    """A child whose event loop turns no more, or never began to, hangs."""
    children = Children([program])
    supervised(children, lambda _: until(lambda: len(children.started) > 1))
    assert children.pauses()[0] >= QUICK.silent


def test_the_end_is_for_all() -> None:
    """SIGTERM ends every child: one that was stopped, and by force one that does not listen."""
    found: list[int] = []

    def scenario(supervisor: Supervisor) -> None:
        found.extend(pid(supervisor, index) for index in range(3))
        os.kill(found[1], signal.SIGSTOP)

    supervised(Children([LIVES, LIVES, DEAF]), scenario)
    assert len(found) == 3 and all(gone(each) for each in found)


def test_a_log_that_moved_ends_all_and_prepares_anew(tmp_path: Path) -> None:
    """One child finds that its log moved: nobody runs while everything is prepared again, and a broker that is away is waited for."""
    mark = tmp_path / "mark"
    moves = f"import os, sys, time\nif os.path.exists({str(mark)!r}): os.remove({str(mark)!r}); sys.exit({MOVED})\n{LIVES}"
    prepared: list[int] = []
    running: list[Supervisor] = []

    def prepare() -> None:
        assert not running or all(worker.process is None for worker in running[0].workers)
        prepared.append(len(prepared))
        if len(prepared) == 3:
            raise BrokerUnreachable(brokers="-", detail="away")

    def scenario(supervisor: Supervisor) -> None:
        running.append(supervisor)
        until(lambda: len(prepared) == 4)
        until(lambda: len(children.started) == 6)  # all of them three times
        assert pid(supervisor, 1)

    children = Moving([moves, LIVES], mark=mark)
    supervised(children, scenario, prepare)


def test_a_supervisor_that_was_stopped_itself_ends_nobody(tmp_path: Path) -> None:
    """When it goes on, the signs of life of meanwhile are heard before anybody is judged."""
    script = f"""
import os, sys
from cabin.supervisor import Patience, Supervisor
from contracts.ports import QuietMeter
def command(index, pulse):
    print("started", flush=True)
    return [sys.executable, "-S", "-E", "-c", {LIVES!r}, str(pulse)]
Supervisor(1, command, os.environ, QuietMeter(), patience=Patience(silent=2.0, look=0.02, shortest=0.02)).run()
print("ended", flush=True)
"""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stdout.readline() == "started\n"
        time.sleep(0.5)
        process.send_signal(signal.SIGSTOP)
        time.sleep(3.0)
        process.send_signal(signal.SIGCONT)
        time.sleep(0.5)
        process.terminate()
        assert process.stdout.read() == "ended\n"


class Stopping(Supervisor):
    """One that is stopped each time it has just listened, for longer than a silent child is given."""

    def _listen(self) -> None:
        Supervisor._listen(self)
        time.sleep(2.5 * self.patience.silent)


def test_stopped_right_after_it_listened_it_judges_by_the_time_before() -> None:
    """Wherever the supervisor is stopped, what its children said meanwhile is heard before they are judged."""
    children = Children([LIVES])
    supervisor = Stopping(1, children.command, os.environ, QuietMeter(), patience=replace(QUICK, silent=0.3))
    ender = threading.Timer(4.0, lambda: setattr(supervisor, "ending", True))
    ender.start()
    supervisor.run()
    assert len(children.started) == 1


def test_a_child_without_a_supervisor_ends_itself() -> None:
    """Nobody hears its signs of life any more: it ends in order, for who supervises next starts others."""
    reading, writing = os.pipe()
    script = "import sys, time\nfrom cabin.worker import Child\nwhile True:\n    Child(0, int(sys.argv[1])).beat()\n    time.sleep(0.02)"
    child = subprocess.Popen([sys.executable, "-c", script, str(writing)], pass_fds=(writing,))
    os.close(writing)
    assert os.read(reading, 1) == b"."
    os.close(reading)
    assert child.wait(LONG) == 0
