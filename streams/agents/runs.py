"""A worker's session as lineage tells it: one run of normalising and one of folding from its begin to its end, and one of landing for each delivery by an inbox topic.

Both have no end of their own, so a RUNNING event says every few minutes what was done since. Nothing is told where messages are worked on: threads only add
up, and whoever looks around once a second tells. Who ends without having told it leaves a note on disk, and whoever begins in its place tells.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from uuid import uuid4

import orjson

from contracts.openlineage import NORMALISE, RECONCILE, Json, Run, State, failure, run_event
from contracts.ports import Clock, Log
from streams.landing.model import Report
from streams.lineage import CRASHED, RECONCILE_READS, Tally, Told, sent, tell_pushed

JOBS = (NORMALISE, RECONCILE)
WINDOW_SECONDS = 300


class Runs:
    """The runs of a worker of which nobody is told."""

    def __init__(self) -> None:
        self.tally = Tally()

    def begin(self, log: Log, raw: list[Json]) -> None:
        """The session begins; `raw`: what normalising reads."""

    def landed(self, report: Report) -> None:
        """A delivery by an inbox topic is closed."""

    def look(self) -> None:
        """Once in a while: tells what is due."""

    def complete(self) -> None:
        """The session ended in order."""

    def fail(self, why: Json) -> None:
        """The process is about to end for this reason (a run facet); returns at once, whatever the log does."""


@dataclass(frozen=True, slots=True)
class Note:
    """What is remembered on disk of a session whose end was not told: its runs by job, how it ended, and why it failed, where it still could say so."""

    runs: dict[str, str]
    state: State = "FAIL"
    why: Json | None = None


class Session(Runs):
    """The runs of one session after the other in the same place: `note` is the file that outlasts a crash. All methods but `landed`, `fail` and the tally's are for one thread."""

    def __init__(self, clock: Clock, note: Path, monotonic: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock, self._note, self._monotonic = clock, note, monotonic
        self._landed: SimpleQueue[Report] = SimpleQueue()
        self._runs: list[Run] = []
        self._told = 0.0

    def begin(self, log: Log, raw: list[Json]) -> None:
        """That the last session ended without saying so is told first."""
        self._log, self._reads = log, {NORMALISE: raw, RECONCILE: list(RECONCILE_READS)}
        left = _read(self._note)
        if left is not None:
            why = (left.why or failure(*CRASHED)) if left.state == "FAIL" else None
            if not self._tell(left.state, [Run(job, run, WINDOW_SECONDS) for job, run in left.runs.items()], why=why):
                return  # the topic takes nothing now: the note stays, and this session goes untold rather than the end of that one
        self._runs = [Run(job, str(uuid4()), WINDOW_SECONDS) for job in self._reads]
        self._remember("FAIL")
        self._tell("START", self._runs)
        self._told = self._monotonic()

    def landed(self, report: Report) -> None:
        self._landed.put(report)

    def look(self) -> None:
        self._tell_landed()
        if self._monotonic() - self._told >= WINDOW_SECONDS:
            done = self.tally.take()
            self._tell("RUNNING", [run for run in self._runs if run.job in done], done)
            self._told = self._monotonic()

    def complete(self) -> None:
        self._tell_landed()
        if not self._runs:
            return
        self._remember("COMPLETE")  # before it is told: whoever is killed in between has the same end told again, not another one
        if self._tell("COMPLETE", self._runs, self.tally.take()):
            self._note.unlink(missing_ok=True)
        self._runs = []

    def fail(self, why: Json) -> None:
        if self._runs:
            self._remember("FAIL", why)

    def _tell(self, state: State, runs: list[Run], done: dict[str, Told] | None = None, why: Json | None = None) -> bool:
        """Whether it could be told."""
        at, nothing = self._clock.now(), Told()
        found = {run: (done or {}).get(run.job, nothing) for run in runs}
        return not sent(self._log, [run_event(run, state, at, of.inputs or self._reads[run.job], of.outputs, why) for run, of in found.items()])

    def _tell_landed(self) -> None:
        waiting = []
        with suppress(Empty):
            while True:
                waiting.append(self._landed.get_nowait())
        tell_pushed(self._log, self._clock, waiting)

    def _remember(self, state: State, why: Json | None = None) -> None:
        """A disk that takes no note leaves the session without one."""
        with suppress(OSError):
            self._note.parent.mkdir(parents=True, exist_ok=True)
            half = self._note.with_suffix(".half")
            half.write_bytes(orjson.dumps(Note({run.job: run.run for run in self._runs}, state, why)))
            half.replace(self._note)


def _read(note: Path) -> Note | None:
    try:
        held = orjson.loads(note.read_bytes())
        return Note(
            {str(job): str(run) for job, run in held["runs"].items() if job in JOBS}, "COMPLETE" if held["state"] == "COMPLETE" else "FAIL", held["why"]
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
