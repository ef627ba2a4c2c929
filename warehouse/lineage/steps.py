"""What the steps between a delivery and the marts make of what, by column, as OpenLineage job events; told from the contracts alone. Pure.

A topic that holds several tables (claims of every kind, facts, golden changes) has columns called `<table>.<column>`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from contracts.model import Classification, Contracts, Kind
from contracts.openlineage import HISTORY, LAND, NORMALISE, RECONCILE, Json, facet, job_event, named
from contracts.subscribers import told_members, told_units
from contracts.topics import CHANGES, CLAIMS, ENTITY, OUTCOMES, QUARANTINE, RAW
from warehouse.history.layout import history_tables
from warehouse.lineage.sources import CLAIM, Column, history_sources

Made = Mapping[str, Iterable[Column]]
"""By column of an output what it is made from."""
FINDING = "finding"
"""The fact by which a visit changes an attribute."""


def step_events(contracts: Contracts, at: datetime) -> list[Json]:
    """One event of each step: landing, normalising, folding, history."""
    feeds, kinds = sorted(contracts.feeds), contracts.kinds.values()
    raw, claims, history = _topics(RAW, feeds), f"topic.{CLAIMS}", sorted(history_tables(contracts))
    aside = [f"topic.{QUARANTINE}", f"topic.{OUTCOMES}"]
    landed = [_output(f"topic.{RAW}{feed}", *_landed(contracts, feed)) for feed in feeds]
    folded = [_output(f"topic.{CHANGES}", {f"{kind.name}.{each}": made for kind in kinds for each, made in _golden(kind).items()})]
    folded += [_output(f"topic.{ENTITY}{kind.name}", _shown(kind)) for kind in kinds]
    kept = [_output(f"history.{table}", {column: [(claims, f"{table}.{column}")] for column in history_sources(contracts, table)}) for table in history]
    return [
        _event(LAND, at, [f"feed.{feed}" for feed in feeds], landed),
        _event(NORMALISE, at, raw, [_output(claims, _claimed(contracts)), *(named(topic) for topic in aside)]),
        _event(RECONCILE, at, [claims], folded),
        _event(HISTORY, at, [claims, *aside], kept),
    ]


def _topics(begin: str, names: Iterable[str]) -> list[str]:
    return [f"topic.{begin}{name}" for name in names]


def _event(job: str, at: datetime, inputs: Iterable[str], outputs: list[Json]) -> Json:
    return job_event(job, at, [named(each) for each in inputs], outputs)


def _output(name: str, made: Made, hidden: Iterable[str] = ()) -> Json:
    """A dataset with what its columns are made from; of `hidden` ones not the value is kept but a token, or the value sealed."""
    closed = set(hidden)
    fields = {column: {"inputFields": [_from(each, column in closed) for each in sorted(sources)]} for column, sources in sorted(made.items())}
    return {**named(name), "facets": {"columnLineage": facet("columnLineage", fields=fields)}}


def _from(source: Column, masking: bool) -> Json:
    return {**named(source[0]), "field": source[1], "transformations": [{"type": "DIRECT", "masking": masking}]}


def _landed(contracts: Contracts, feed: str) -> tuple[Made, list[str]]:
    """The columns of raw rows, and those of them that nobody can read there."""
    columns = contracts.feeds[feed].columns
    closed = [each.name for each in columns if each.identifier is not None or each.classification is not Classification.PLAIN]
    return {each.name: [(f"feed.{feed}", each.name)] for each in columns}, closed


def _claimed(contracts: Contracts) -> Made:
    """Claims and facts from raw rows, whose columns are called as the feed's."""
    return {
        f"{table}.{column}": [(f"topic.{RAW}{feed.removeprefix('feed.')}", name) for feed, name in sources]
        for table in sorted(history_tables(contracts))
        for column, sources in history_sources(contracts, table).items()
    }


def _golden(kind: Kind) -> dict[str, list[Column]]:
    """The attributes of a golden record, from claims and from what visits found."""
    found = {member.name for unit in kind.units if unit.visit for member in unit.members}
    claim, finding = f"{CLAIM}{kind.name}", (f"topic.{CLAIMS}", f"{FINDING}.value")
    return {each.name: [(f"topic.{CLAIMS}", f"{claim}.{each.name}"), *([finding] if each.name in found else [])] for each in kind.attributes}


def _shown(kind: Kind) -> dict[str, list[Column]]:
    """What subscribers are told of a golden record."""
    made = _golden(kind)
    return {member.name: made[member.name] for unit in told_units(kind) for member in told_members(unit) if member.name in made}
