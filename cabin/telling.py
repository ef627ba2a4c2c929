"""Runs told as OpenLineage events on the topic `cabin.lineage`: that one began, and how it ended. What forwards them is `cabin.forwarding`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

import orjson

from contracts.errors import CabinError
from contracts.openlineage import Assertion, Json, Run, State, counted, facet, failure, judged, named, run_event
from contracts.ports import Clock, Log, Message
from contracts.topics import CHANGES, CLAIMS, LINEAGE, OUTCOMES, QUARANTINE, RAW
from streams.landing import Report
from warehouse.publish import Published

PUBLISH, EXPORT, LAND, CHECK = "publish", "export", "land", "check"
"""The jobs whose runs are told."""
PUBLISH_READS = tuple(named(f"topic.{topic}") for topic in (CLAIMS, CHANGES, OUTCOMES, QUARANTINE))
CRASHED = ("process-crashed", "an error that nobody expected ended the run")


@dataclass(slots=True)
class Told:
    """What a run will be said to have read and made, filled while it goes on; `failed` where it ended without what it was for, though nothing was raised."""

    inputs: list[Json] = field(default_factory=list)
    outputs: list[Json] = field(default_factory=list)
    failed: Json | None = None

    def of_delivery(self, report: Report) -> None:
        """A delivery: every rule that refused rows of it, or sets them aside, is a check of the feed that failed."""
        refused = sorted({**report.refusals, **report.faults}.items())
        checks = [Assertion(rule, kept=False, severity="error", actual=str(rows), expected="0") for rule, rows in refused]
        self.inputs.append(judged(f"feed.{report.feed}", checks))
        self.outputs.append(counted(f"topic.{RAW}{report.feed}", 0 if report.already_landed else report.landed))
        self.failed = None


@contextmanager
def told(log: Log, clock: Clock, job: str, reads: Sequence[Json]) -> Iterator[Told]:
    """A run of `job`, which `reads` these datasets: START now, then COMPLETE, or FAIL with the code of the error, which goes on.

    That its end cannot be told, whatever the reason, changes nothing about it. Raises what appending to the log raises, before anything is done.
    """
    run, found = Run(job, str(uuid4())), Told()

    def tell(state: State, facets: Json | None = None) -> None:
        at = clock.now()
        tell_event(log, at, run_event(run, state, at, found.inputs or reads, found.outputs, facets), f"lineage/{run.run}/{state}")

    tell("START")
    try:
        yield found
    except BaseException as error:
        with suppress(Exception):
            tell("FAIL", failed_by(error))
        raise
    with suppress(Exception):
        tell("FAIL" if found.failed else "COMPLETE", found.failed)


def failed_by(error: BaseException) -> Json:
    """The facet of an error: one of ours by its code and what its class says, which names no file and no value; any other by neither."""
    return failure(error.code, (type(error).__doc__ or "").partition("\n")[0]) if isinstance(error, CabinError) else failure(*CRASHED)


def marts_made(published: Published) -> list[Json]:
    """The marts that a publish brought up to date, by name."""
    version = {"version": facet("version", datasetVersion=published.snapshot)}
    return [{**named(f"marts.{name}"), "facets": version} for name in sorted(published.made)]


def tell_checked(log: Log, began: datetime, ended: datetime, inputs: Sequence[Json]) -> None:
    """A run of checks that is over; `inputs` hold what was found about each table."""
    run = Run(CHECK, str(uuid4()))
    told: tuple[tuple[State, datetime], ...] = (("START", began), ("COMPLETE", ended))
    for state, at in told:
        tell_event(log, at, run_event(run, state, at, inputs), f"lineage/{run.run}/{state}")


def tell_event(log: Log, at: datetime, event: Json, name: str) -> None:
    """One event onto the topic, durable when this returns."""
    now = at.isoformat(timespec="milliseconds")
    headers = {"ce_id": name, "ce_source": "cabin/lineage", "ce_type": "lineage", "ce_time": now, "content-type": "application/json", "rows": "1"}
    log.append(LINEAGE, 0, [Message(orjson.dumps(event), headers)])
