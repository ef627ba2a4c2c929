"""A worker's session as lineage tells it: one run of normalising and one of folding from its begin to its end, and one of landing for each delivery by an inbox topic.

Both have no end of their own, so a RUNNING event says every few minutes what was done since. Nothing is told where messages are worked on: threads only add
up, and whoever looks around once a second tells. What cannot be told waits; who ends without having told it leaves a note on disk (see `left`), and whoever begins next tells.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from queue import Empty, SimpleQueue
from uuid import uuid4

from contracts.openlineage import NORMALISE, RECONCILE, Json, Run, State, failure, run_event
from contracts.ports import Clock, Log
from contracts.topics import INBOX
from streams.agents.left import JOBS, Held, Note, forget, left_behind
from streams.landing.model import Report, SetAside
from streams.lineage import CRASHED, RECONCILE_READS, Tally, Told, aside_events, landed_events, sent

WINDOW_SECONDS = 300
MOST_WAITING = 1_000
"""Events that wait while nothing can be told; beyond that the oldest go untold and are counted."""


class Runs:
    """The runs of a worker of which nobody is told."""

    def __init__(self) -> None:
        self.tally = Tally()

    def begin(self, log: Log, raw: list[Json]) -> None:
        """The session begins; `raw`: what normalising reads."""

    def landed(self, report: Report) -> None:
        """A delivery by an inbox topic is closed."""

    def set_aside(self, given: SetAside) -> None:
        """Messages of an inbox topic were set aside."""

    def look(self) -> None:
        """Once in a while: tells what is due."""

    def complete(self) -> None:
        """The session ended in order."""

    def fail(self, why: Json) -> None:
        """The process is about to end for this reason (a run facet); returns at once, whatever the log does."""


class Session(Runs):
    """The runs of one session: its note begins with the name of `note`, and ends with its own. `untold` hears how many events were given up.
    All methods but `landed`, `set_aside`, `fail` and the tally's are for one thread."""

    def __init__(self, clock: Clock, note: Path, monotonic: Callable[[], float] = time.monotonic, untold: Callable[[int], None] = lambda count: None) -> None:
        super().__init__()
        self._clock, self._monotonic, self._untold = clock, monotonic, untold
        self._held = Held(note.with_stem(f"{note.stem}-{uuid4().hex[:12]}"))
        self._landed: SimpleQueue[Report | SetAside] = SimpleQueue()
        self._runs: list[Run] = []
        self._note = Note({})
        self._waiting: list[Json] = []
        self._told = 0.0

    def begin(self, log: Log, raw: list[Json]) -> None:
        """What earlier sessions left untold is told first, as far as it can be."""
        self._log, self._reads = log, {NORMALISE: raw, RECONCILE: list(RECONCILE_READS)}
        self._tell_left()
        self._runs = [Run(job, str(uuid4()), WINDOW_SECONDS) for job in JOBS]
        self._note = Note({run.job: run.run for run in self._runs}, began=self._clock.now(), started=False)
        self._held.take()
        self._held.write(self._note)
        self._tell("START", self._runs)
        self._told = self._monotonic()

    def landed(self, report: Report) -> None:
        self._landed.put(report)

    def set_aside(self, given: SetAside) -> None:
        self._landed.put(given)

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
        self._note = replace(self._note, state="COMPLETE", ended=self._clock.now())
        self._held.write(self._note)  # before it is told: whoever is killed in between has the same end told again, not another one
        if self._tell("COMPLETE", self._runs, self.tally.take()):
            self._held.drop()
        else:
            self._give_up([each for each in self._waiting if not _of_session(each)])
            self._held.leave()
        self._runs = []

    def fail(self, why: Json) -> None:
        if self._runs:
            self._note = replace(self._note, why=why, ended=self._clock.now())
            self._held.write(self._note)

    def _tell_left(self) -> None:
        """The ends of those who are gone, and that they began, where they could not say that either. What cannot be told now stays for the next."""
        for file, note in left_behind(self._held.file.parent):
            runs = [Run(job, run, WINDOW_SECONDS) for job, run in note.runs.items()]
            why = (note.why or failure(*CRASHED)) if note.state == "FAIL" else None
            begun = [run_event(run, "START", note.began, self._reads[run.job]) for run in runs if note.began is not None and not note.started]
            ended = [run_event(run, note.state, note.ended or self._clock.now(), self._reads[run.job], (), why) for run in runs]
            if sent(self._log, [*begun, *ended]):
                return
            forget(file)

    def _tell(self, state: State, runs: list[Run], done: dict[str, Told] | None = None) -> bool:
        """Whether everything could be told up to this."""
        at, nothing = self._clock.now(), Told()
        found = {run: (done or {}).get(run.job, nothing) for run in runs}
        return self._send([run_event(run, state, at, of.inputs or self._reads[run.job], of.outputs) for run, of in found.items()])

    def _send(self, events: list[Json]) -> bool:
        """With all that waits, in order; what cannot be told waits on."""
        self._waiting = sent(self._log, [*self._waiting, *events])
        many = max(0, len(self._waiting) - MOST_WAITING)
        self._give_up([each for each in self._waiting if not _of_session(each)][:many])
        if not self._waiting and not self._note.started:
            self._note = replace(self._note, started=True)
            self._held.write(self._note)
        return not self._waiting

    def _give_up(self, events: list[Json]) -> None:
        """These are never told; that a session began and ended is not among them: its note keeps that."""
        if events:
            self._waiting = [each for each in self._waiting if each not in events]
            self._untold(len(events))

    def _tell_landed(self) -> None:
        events: list[Json] = []
        with suppress(Empty):
            while True:
                each = self._landed.get_nowait()
                events += aside_events(each, self._clock) if isinstance(each, SetAside) else landed_events(each, self._clock, INBOX)
        if events:
            self._send(events)


def _of_session(event: Json) -> bool:
    """Whether it tells that a session began or ended."""
    return event["job"]["name"] in JOBS and event["eventType"] != "RUNNING"
