"""Runs told as OpenLineage events on the topic `cabin.lineage`: that one began, and how it ended. Whatever is told, and whether it can be, changes nothing about the run.

What ends by itself (a drain, a publish, an export) is told with `told`; a delivery that others push, when it is closed, with `tell_landed`; a worker's
session, which has no end of its own, by `streams.agents.runs`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Any
from uuid import NAMESPACE_URL, uuid4, uuid5

import orjson

from contracts.errors import CabinError
from contracts.model import Contracts
from contracts.openlineage import LAND, NORMALISE, RECONCILE, Assertion, Json, Run, State, counted, failure, judged, named, run_event
from contracts.ports import Clock, Log, Message
from contracts.topics import CHANGES, CLAIMS, INBOX, LINEAGE, OUTCOMES, QUARANTINE, RAW
from streams.landing.model import Report, SetAside
from streams.normalise.messages import Derived
from streams.reconcile import Folded

RECONCILE_READS = (named(f"topic.{CLAIMS}"),)
ALL_ASIDE = ("messages-set-aside", "none of the messages could be landed")
CRASHED = ("process-crashed", "an error that nobody expected ended the run")


@dataclass(slots=True)
class Told:
    """What a run will be said to have read and made, filled while it goes on; `failed` where it ended without what it was for, though nothing was raised."""

    inputs: list[Json] = field(default_factory=list)
    outputs: list[Json] = field(default_factory=list)
    failed: Json | None = None

    def of_delivery(self, report: Report, *reads: str) -> None:
        """A delivery: every rule that refused rows of it, or sets them aside, is a check of the feed that failed. `reads`: topics its rows came by."""
        refused = sorted({**report.refusals, **report.faults}.items())
        checks = [Assertion(rule, kept=False, severity="error", actual=str(rows), expected="0") for rule, rows in refused]
        self.inputs += [judged(f"feed.{report.feed}", checks), *(named(f"topic.{topic}") for topic in reads)]
        self.outputs.append(counted(f"topic.{RAW}{report.feed}", 0 if report.already_landed else report.landed))
        self.failed = None

    def of_steps(self, done: Told | None) -> None:
        """What a tally says of this job; nothing where it says nothing."""
        if done is not None:
            self.inputs, self.outputs = [*self.inputs, *done.inputs], [*self.outputs, *done.outputs]


class Tally:
    """What normalising and folding did since it was asked last; added to by whichever thread did it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._begin()

    def _begin(self) -> None:
        self._rows: Counter[str] = Counter()
        self._accepted: Counter[str] = Counter()
        self._aside: dict[str, Counter[str]] = {}
        self._told: Counter[str] = Counter()
        self._facts = 0

    def normalised(self, derived: Derived) -> None:
        """What became of a step's raw messages, by their outcomes."""
        outcomes = [orjson.loads(each.value) for listed in derived.outcomes.values() for each in listed]
        claims = sum(int(each.headers["rows"]) for listed in derived.claims.values() for each in listed if each.headers["ce_type"].startswith("claim."))
        with self._lock:
            self._told += Counter({CLAIMS: claims, OUTCOMES: len(outcomes)})
            for each in outcomes:
                self._count(each)

    def folded(self, folded: Folded) -> None:
        with self._lock:
            self._facts += folded.claims
            self._told[CHANGES] += folded.changes

    def take(self) -> dict[str, Told]:
        """What runs of `NORMALISE` and of `RECONCILE` read and made meanwhile, by job; of one that did nothing nothing."""
        with self._lock:
            found = {NORMALISE: Told([self._input(feed) for feed in sorted(self._rows)], self._normalised())} if self._told[OUTCOMES] else {}
            if self._facts:
                found[RECONCILE] = Told(list(RECONCILE_READS), [counted(f"topic.{CHANGES}", self._told[CHANGES])])
            self._begin()
        return found

    def _count(self, outcome: Mapping[str, Any]) -> None:
        """A copy's rows were counted with the first, those reduced to a number were not landed as rows, and a stranger's are nobody's."""
        if outcome["type"] == "raw.rows" and outcome["outcome"] != "duplicate":
            feed = outcome["feed"]
            self._rows[feed] += outcome["rows"]
            self._accepted[feed] += outcome["accepted"]
            self._aside.setdefault(feed, Counter()).update(outcome["quarantined"])

    def _input(self, feed: str) -> Json:
        """A feed's raw rows with how many were accepted, and what each rule set aside."""
        rows, accepted = self._rows[feed], self._accepted[feed]
        checks = [Assertion("accepted", kept=accepted == rows, severity="error", actual=str(accepted), expected=str(rows))]
        checks += [Assertion(rule, kept=False, severity="error", actual=str(count), expected="0") for rule, count in sorted(self._aside[feed].items())]
        return judged(f"topic.{RAW}{feed}", checks)

    def _normalised(self) -> list[Json]:
        aside = sum(counts.total() for counts in self._aside.values())
        return [counted(f"topic.{topic}", rows) for topic, rows in ((CLAIMS, self._told[CLAIMS]), (QUARANTINE, aside), (OUTCOMES, self._told[OUTCOMES]))]


def raw_topics(contracts: Contracts) -> list[Json]:
    """What normalising reads."""
    return [named(f"topic.{RAW}{feed}") for feed in sorted(contracts.feeds)]


@contextmanager
def told(log: Log, clock: Clock, job: str, reads: Sequence[Json], late: bool = False) -> Iterator[Told]:
    """A run of `job`, which `reads` these datasets: START now, then COMPLETE, or FAIL with the code of the error, which goes on.

    `late`: START only with the end, and nothing where the run made nothing: for steps that are tried again and again. Of a run whose START cannot be told,
    whatever the reason, no end is told.
    """
    run, found, began = Run(job, str(uuid4())), Told(), clock.now()
    waiting = [run_event(run, "START", began, reads)]
    if not late:
        waiting = sent(log, waiting)

    def end(state: State, facets: Json | None) -> None:
        event = run_event(run, state, clock.now(), found.inputs or reads, found.outputs, facets)
        if late or not waiting:
            sent(log, [*waiting, event])

    try:
        yield found
    except BaseException as error:
        end("FAIL", failed_by(error))
        raise
    if found.outputs or found.failed or not late:
        end("FAIL" if found.failed else "COMPLETE", found.failed)


def tell_landed(log: Log, clock: Clock, reports: Sequence[Report], by: str | None = None) -> None:
    """Deliveries that are closed: of each one run, which is the same whoever tells it. `by`: the beginning of the topics by which they came.

    Those that had landed before are passed over. What cannot be told is left.
    """
    sent(log, [event for report in reports for event in landed_events(report, clock, by)])


def landed_events(report: Report, clock: Clock, by: str | None = None) -> list[Json]:
    """Begin and end of the run of one delivery that is closed; nothing of one that had landed before."""
    if report.already_landed:
        return []
    run, found = _run_of(report.delivery), Told()
    found.of_delivery(report, *([f"{by}{report.feed}"] if by else []))
    states: tuple[tuple[State, datetime], ...] = (("START", report.recorded_at), ("COMPLETE", max(clock.now(), report.recorded_at)))
    return [run_event(run, state, at, found.inputs, found.outputs) for state, at in states]


def aside_events(given: SetAside, clock: Clock) -> list[Json]:
    """The run of an inbox topic's messages of which some were set aside: FAIL where all were, else COMPLETE; how many, by reason, is told as checks that were not kept.

    What landed of the others is told by the run of its delivery.
    """
    aside = sum(given.reasons.values())
    checks = [Assertion(reason, kept=False, severity="error", actual=str(count), expected="0") for reason, count in sorted(given.reasons.items())]
    inputs, outputs = [judged(f"topic.{INBOX}{given.feed}", checks)], [counted(f"topic.{QUARANTINE}", aside)]
    run, whole = _run_of(given.span), aside == given.messages
    end = run_event(run, "FAIL" if whole else "COMPLETE", max(clock.now(), given.at), inputs, outputs, failure(*ALL_ASIDE) if whole else None)
    return [run_event(run, "START", given.at, [named(f"topic.{INBOX}{given.feed}")]), end]


def _run_of(landed: str) -> Run:
    """The same whoever tells of it, and however often."""
    return Run(LAND, str(uuid5(NAMESPACE_URL, f"urn:base-cabin:{LAND}:{landed}")))


def tell_refused(log: Log, began: datetime, ended: datetime, feed: str, error: BaseException) -> None:
    """A delivery of which nothing landed. That this cannot be told changes nothing."""
    run, reads = Run(LAND, str(uuid4())), [named(f"feed.{feed}")]
    sent(log, [run_event(run, "START", began, reads), run_event(run, "FAIL", ended, reads, (), failed_by(error))])


def failed_by(error: BaseException) -> Json:
    """The facet of an error: one of ours by its code and what its class says, which names no file and no value; any other by neither."""
    return failure(error.code, (type(error).__doc__ or "").partition("\n")[0]) if isinstance(error, CabinError) else failure(*CRASHED)


def tell_events(log: Log, events: Sequence[Json]) -> None:
    """Events onto the topic, durable when this returns. Raises what appending to the log raises."""
    log.append(LINEAGE, 0, [_message(event) for event in events])


def sent(log: Log, events: Sequence[Json]) -> list[Json]:
    """Those of these events that could not be told: all or none."""
    with suppress(Exception):
        if events:
            tell_events(log, events)
        return []
    return list(events)


def _message(event: Json) -> Message:
    """Named by its run and state, or by its job and moment where it is of no run."""
    at = event["eventTime"].partition("+")[0]
    name = f"{event['run']['runId']}/{event['eventType']}" if "run" in event else f"{event['job']['name']}/{at}"
    headers = {"ce_id": f"lineage/{name}", "ce_source": "cabin/lineage", "ce_type": "lineage", "ce_time": at, "content-type": "application/json", "rows": "1"}
    return Message(orjson.dumps(event), headers)
