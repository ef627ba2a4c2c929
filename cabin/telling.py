"""What publishing, history and checks are told to read and make on the topic `cabin.lineage`; how runs are told is `streams.lineage`, what forwards them `cabin.forwarding`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import uuid4

from contracts.openlineage import CHECK, Json, Run, State, counted, facet, named, run_event
from contracts.ports import Log
from contracts.topics import CHANGES, CLAIMS, OUTCOMES, QUARANTINE
from streams.lineage import tell_events
from warehouse.publish import Published

PUBLISH_READS = tuple(named(f"topic.{topic}") for topic in (CLAIMS, CHANGES, OUTCOMES, QUARANTINE))
HISTORY_READS = tuple(named(f"topic.{topic}") for topic in (CLAIMS, OUTCOMES, QUARANTINE))


def marts_made(published: Published) -> list[Json]:
    """The marts that a publish brought up to date, by name."""
    version = {"version": facet("version", datasetVersion=published.snapshot)}
    return [{**named(f"marts.{name}"), "facets": version} for name in sorted(published.made)]


def tables_grown(rows: Mapping[str, int]) -> list[Json]:
    """The tables of history that got rows, by name."""
    return [counted(f"history.{table}", count) for table, count in sorted(rows.items()) if count]


def tell_checked(log: Log, began: datetime, ended: datetime, inputs: Sequence[Json]) -> None:
    """A run of checks that is over; `inputs` hold what was found about each table."""
    run = Run(CHECK, str(uuid4()))
    told: tuple[tuple[State, datetime], ...] = (("START", began), ("COMPLETE", ended))
    tell_events(log, [run_event(run, state, at, inputs) for state, at in told])
