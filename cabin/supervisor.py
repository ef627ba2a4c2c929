"""The supervisor of a machine's workers: starts them, starts again who crashed, ends who hangs or was stopped, and passes the end on to all."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from contracts.errors import CabinError
from contracts.ports import Meter
from streams.agents.work import MOVED


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the supervisor waits, in seconds.

    `silent`: a worker whose event loop did not turn for so long hangs; `beginning`: opening the vault and the log may take this long before the first sign
    of life; `stopped`: who was stopped (SIGSTOP) for so long lost its partitions or is about to. `shortest` and `longest`: the pauses before a crashed one
    is started again, which begin anew after `healthy`. `ending`: to end in order; `leaving`: the same where the log is away or moved, which leaves little
    to bring in order. `look`: between two looks around.
    """

    silent: float = 15.0
    beginning: float = 60.0
    stopped: float = 5.0
    shortest: float = 0.5
    longest: float = 10.0
    healthy: float = 60.0
    ending: float = 30.0
    leaving: float = 3.0
    look: float = 0.2


@dataclass(slots=True)
class Worker:
    """One child: its process while it runs, when it gave the last sign of life, and how long to wait before it is started again."""

    index: int
    process: subprocess.Popen[bytes] | None = None
    pulse: int = -1
    begun: float = 0.0
    seen: float = 0.0
    alive: bool = False
    stopped_since: float | None = None
    pause: float = 0.0
    due: float = 0.0


@dataclass(slots=True)
class Supervisor:
    """Keeps `count` workers running until it is told to end. `command`: the command line of one worker, given its index and the pipe to show life on."""

    count: int
    command: Callable[[int, int], Sequence[str]]
    environment: Mapping[str, str]
    meter: Meter
    prepare: Callable[[], None] = lambda: None
    """Done while no worker runs: before the first start, and again when one found that its log had moved."""
    patience: Patience = Patience()
    ending: bool = False
    prepared: bool = False
    due: float = 0.0
    pause: float = 0.0
    workers: list[Worker] = field(default_factory=list)

    def run(self) -> int:
        """Returns when all have ended after SIGTERM or SIGINT."""
        self.workers = [Worker(index) for index in range(self.count)]
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._end)
        while not self.ending:
            now = time.monotonic()  # of before listening: who was stopped itself, wherever, judges nobody by signs of life it has not heard yet
            self._listen()
            if not self.prepared:
                self._prepare(now)
            for worker in self.workers:
                if self.prepared:  # one that found its log moved ends all of them
                    self._look_after(worker, now)
        self._end_all(self.patience.ending)
        return 0

    def _prepare(self, now: float) -> None:
        """Where that is not possible yet, the broker is away for instance, it is tried again and again."""
        if now < self.due:
            return
        try:
            self.prepare()
        except CabinError as error:
            structlog.get_logger().warning("workers.waiting", exc_info=error)
            self.pause = self._longer(self.pause)
            self.due = now + self.pause
            return
        self.prepared, self.pause = True, 0.0

    def _end(self, number: int, frame: object) -> None:
        self.ending = True

    def _look_after(self, worker: Worker, now: float) -> None:
        if worker.process is None:
            if now >= worker.due:
                self._start(worker, now)
        elif worker.process.poll() is not None:
            self._ended(worker, now)
        elif self._hangs(worker, now):
            structlog.get_logger().warning("worker.hangs", child=worker.index, process=worker.process.pid)
            worker.process.kill()

    def _start(self, worker: Worker, now: float) -> None:
        reading, writing = os.pipe()
        worker.process = subprocess.Popen(self.command(worker.index, writing), env=dict(self.environment), pass_fds=(writing,), start_new_session=True)
        os.close(writing)
        worker.pulse, worker.begun, worker.seen, worker.alive, worker.stopped_since = reading, now, now, False, None

    def _ended(self, worker: Worker, now: float) -> None:
        """Whoever ran well for a while is started soon; a log that moved is no crash."""
        assert worker.process is not None
        code = worker.process.returncode
        structlog.get_logger().warning("worker.ended", child=worker.index, exit_code=code)
        self.meter.count("cabin_restarts_total", child=str(worker.index))
        well = code == MOVED or now - worker.begun > self.patience.healthy
        worker.pause = self._longer(0.0 if well else worker.pause)
        worker.due = now + worker.pause
        os.close(worker.pulse)
        worker.process = None
        if code == MOVED:
            self._end_all(self.patience.leaving)
            self.prepared = False

    def _longer(self, pause: float) -> float:
        """The pause after this one."""
        return min(self.patience.longest, max(self.patience.shortest, pause * 2))

    def _hangs(self, worker: Worker, now: float) -> bool:
        assert worker.process is not None
        stopped = state_of(worker.process.pid) == "T"
        worker.stopped_since = (worker.stopped_since or now) if stopped else None
        if worker.stopped_since is not None:
            return now - worker.stopped_since > self.patience.stopped
        return now - worker.seen > (self.patience.silent if worker.alive else self.patience.beginning)

    def _listen(self) -> None:
        """Waits a moment for signs of life."""
        pulses = {worker.pulse: worker for worker in self.workers if worker.process is not None}
        ready = select.select(list(pulses), [], [], self.patience.look)[0]
        for pulse in ready:
            if os.read(pulse, 1024):
                pulses[pulse].seen, pulses[pulse].alive = time.monotonic(), True
        if ready:
            time.sleep(self.patience.look / 4)

    def _end_all(self, seconds: float) -> None:
        """In order where they can within `seconds`, by force where they cannot."""
        running = [worker.process for worker in self.workers if worker.process is not None]
        for process in running:
            process.send_signal(signal.SIGCONT)
            process.terminate()
        until = time.monotonic() + seconds
        for process in running:
            try:
                process.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for worker in self.workers:
            if worker.process is not None:
                os.close(worker.pulse)
                worker.process, worker.due = None, 0.0


def state_of(pid: int) -> str:
    """What the system says a process is doing: R, S, D, T (stopped), Z; empty where it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return ""


def worker_command(index: int, pulse: int) -> Sequence[str]:
    """The command line of one child of `cabin worker`."""
    return [sys.executable, "-m", "cabin", "worker", "--child", str(index), "--pulse", str(pulse)]
