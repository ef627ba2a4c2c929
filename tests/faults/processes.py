"""The cabin's processes under test: started, killed with -9, stopped, continued and restarted, each with all the children it has; whoever dies by itself is started again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

LOOK_SECONDS = 0.2
PATIENCE_SECONDS = 0.5
"""Between two starts of one process, so that one that cannot start does not take the machine."""
END_SECONDS = 20
CABIN = (sys.executable, "-m", "cabin")


@dataclass(frozen=True, slots=True)
class Role:
    """A process that should be up: what it runs and its environment beside that of all."""

    name: str
    line: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Running:
    """One role with the process that plays it now; `wanted`: whether it is started again when it is gone; `starts` counts."""

    role: Role
    process: subprocess.Popen[bytes] | None = None
    wanted: bool = False
    starts: int = 0
    started: float = 0.0


class Fleet:
    """All roles of one run; what each says goes to `<folder>/<role>.log`. A context manager: leaves no process behind."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._folder = folder
        self._environment = {**os.environ, **environment}
        self._running: dict[str, Running] = {}
        self._alone = threading.RLock()
        self._over = threading.Event()
        self._keeper = threading.Thread(target=self._keep, name="keeper", daemon=True)

    def __enter__(self) -> Fleet:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._keeper.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._keeper.join()
        for name in list(self._running):
            self.kill(name, again=False)

    @property
    def starts(self) -> dict[str, int]:
        return {name: running.starts for name, running in sorted(self._running.items())}

    def up(self, role: Role) -> None:
        """The role's process is started, and again whenever it is gone."""
        with self._alone:
            self._running.setdefault(role.name, Running(role)).wanted = True
            self._start(self._running[role.name])

    def kill(self, name: str, *, again: bool = True) -> None:
        """SIGKILL for the process and all its children; `again`: the keeper starts it anew."""
        with self._alone:
            self._running[name].wanted = again
            for process in self._family(name):
                with suppress(psutil.NoSuchProcess):
                    process.kill()
            self._bury(name)

    def kill_child(self, name: str, which: int) -> None:
        """SIGKILL for one child; its parent should start another. The process itself where it has no child."""
        with self._alone:
            parent, *children = self._family(name) or [None]
            chosen = children[which % len(children)] if children else parent
            if chosen is not None:
                with suppress(psutil.NoSuchProcess):
                    chosen.kill()

    def pause(self, name: str) -> None:
        """SIGSTOP, parents first, so that none of them replaces a child."""
        self._signal(name, signal.SIGSTOP)

    def pause_child(self, name: str, which: int) -> None:
        """SIGSTOP for one child only."""
        with self._alone:
            _, *children = self._family(name) or [None]
            if children:
                with suppress(psutil.NoSuchProcess):
                    children[which % len(children)].suspend()

    def resume(self, name: str) -> None:
        self._signal(name, signal.SIGCONT)

    def restart(self, name: str) -> None:
        """SIGTERM, and a new start once it has ended; who does not end is killed."""
        with self._alone:
            running = self._running[name]
            if running.process is not None and running.process.poll() is None:
                running.process.terminate()
                with suppress(subprocess.TimeoutExpired):
                    running.process.wait(END_SECONDS)
        self.kill(name)

    def start(self, name: str) -> None:
        """Wanted again."""
        with self._alone:
            self._running[name].wanted = True

    def said(self, name: str) -> str:
        return (self._folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")

    def _start(self, running: Running) -> None:
        with (self._folder / f"{running.role.name}.log").open("ab") as said:
            running.process = subprocess.Popen(
                list(running.role.line),
                env={**self._environment, **running.role.environment},
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                start_new_session=True,
            )
        running.starts += 1
        running.started = time.monotonic()

    def _keep(self) -> None:
        while not self._over.wait(LOOK_SECONDS):
            with self._alone:
                for running in self._running.values():
                    gone = running.process is None or running.process.poll() is not None
                    if running.wanted and gone and time.monotonic() - running.started >= PATIENCE_SECONDS:
                        self._start(running)

    def _family(self, name: str) -> list[psutil.Process]:
        """The process, stopped while its children are counted, then they; empty where it is gone."""
        process = self._running[name].process
        if process is None or process.poll() is not None:
            return []
        try:
            parent = psutil.Process(process.pid)
            return [parent, *parent.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def _signal(self, name: str, number: int) -> None:
        with self._alone:
            for process in self._family(name):
                with suppress(psutil.NoSuchProcess):
                    process.send_signal(number)

    def _bury(self, name: str) -> None:
        process = self._running[name].process
        if process is not None:
            process.wait()
            self._running[name].process = None


@contextmanager
def paused(fleet: Fleet, name: str) -> Iterator[None]:
    """The process and its children stand still meanwhile."""
    fleet.pause(name)
    try:
        yield
    finally:
        fleet.resume(name)
