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

SILENT_SECONDS = 15.0
"""A worker whose event loop did not turn for so long hangs."""
BEGINNING_SECONDS = 60.0
"""Opening the vault and the log may take this long before the first sign of life."""
STOPPED_SECONDS = 5.0
"""A worker that was stopped (SIGSTOP) for so long lost its partitions or is about to."""
SHORTEST_PAUSE, LONGEST_PAUSE = 0.5, 10.0
HEALTHY_SECONDS = 60.0
ENDING_SECONDS = 30.0
LEAVING_SECONDS = 3.0
"""Whose log is away or moved has little to bring in order."""
LOOK_SECONDS = 0.2


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
    pause: float = SHORTEST_PAUSE
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
    ending: bool = False
    prepared: bool = False
    due: float = 0.0
    pause: float = SHORTEST_PAUSE
    workers: list[Worker] = field(default_factory=list)

    def run(self) -> int:
        """Returns when all have ended after SIGTERM or SIGINT."""
        self.workers = [Worker(index) for index in range(self.count)]
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._end)
        while not self.ending:
            if not self.prepared:
                self._prepare(time.monotonic())
            for worker in self.workers:
                if self.prepared:  # one that found its log moved ends all of them
                    self._look_after(worker, time.monotonic())
            self._listen()
        self._end_all(ENDING_SECONDS)
        return 0

    def _prepare(self, now: float) -> None:
        """Where that is not possible yet, the broker is away for instance, it is tried again and again."""
        if now < self.due:
            return
        try:
            self.prepare()
        except CabinError as error:
            structlog.get_logger().warning("workers.waiting", exc_info=error)
            self.due, self.pause = now + self.pause, min(LONGEST_PAUSE, self.pause * 2)
            return
        self.prepared, self.pause = True, SHORTEST_PAUSE

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
        """Whoever ran well for a while is started at once; a log that moved is no crash."""
        assert worker.process is not None
        code = worker.process.returncode
        structlog.get_logger().warning("worker.ended", child=worker.index, exit_code=code)
        self.meter.count("cabin_restarts_total", child=str(worker.index))
        well = code == MOVED or now - worker.begun > HEALTHY_SECONDS
        worker.pause = SHORTEST_PAUSE if well else min(LONGEST_PAUSE, worker.pause * 2)
        worker.due = now + (SHORTEST_PAUSE if well else worker.pause)
        os.close(worker.pulse)
        worker.process = None
        if code == MOVED:
            self._end_all(LEAVING_SECONDS)
            self.prepared = False

    def _hangs(self, worker: Worker, now: float) -> bool:
        assert worker.process is not None
        stopped = state_of(worker.process.pid) == "T"
        worker.stopped_since = (worker.stopped_since or now) if stopped else None
        if worker.stopped_since is not None:
            return now - worker.stopped_since > STOPPED_SECONDS
        return now - worker.seen > (SILENT_SECONDS if worker.alive else BEGINNING_SECONDS)

    def _listen(self) -> None:
        """Waits a moment for signs of life."""
        pulses = {worker.pulse: worker for worker in self.workers if worker.process is not None}
        ready = select.select(list(pulses), [], [], LOOK_SECONDS)[0]
        for pulse in ready:
            if os.read(pulse, 1024):
                pulses[pulse].seen, pulses[pulse].alive = time.monotonic(), True
        if ready:
            time.sleep(LOOK_SECONDS / 4)

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
