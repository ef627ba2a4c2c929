"""Where every exported column comes from, as OpenLineage tells it (openlineage.io, spec 2-0-2): a job event per table, with the facets of its schema and of its columns' lineage. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contracts.model import Column, Contracts, MartColumn
from contracts.openlineage import facet, job_event, named
from warehouse.catalogue import MartFile
from warehouse.export.delta import Data
from warehouse.export.dictionary import meaning_of
from warehouse.export.tables import Exported, exported_history, exported_marts
from warehouse.lineage.sources import Sources, dataset, history_sources, mart_sources, wide_sources
from warehouse.lineage.steps import step_events
from warehouse.masks import banded, masked
from warehouse.relations import Relation, relations
from warehouse.wide import wide_name


@dataclass(frozen=True, slots=True)
class Made:
    """An exported table as it lies there."""

    table: Exported
    files: tuple[Data, ...]

    @property
    def rows(self) -> int:
        return sum(each.rows for each in self.files)

    @property
    def bytes(self) -> int:
        return sum(each.bytes for each in self.files)


@dataclass(frozen=True, slots=True)
class Telling:
    """What events are made from: contracts and mart files, the name of the export, and its moment in Beijing time."""

    contracts: Contracts
    marts: Mapping[str, MartFile]
    export: str
    at: datetime

    @property
    def relations(self) -> Mapping[str, Relation]:
        return relations(self.contracts, self.at)


def events(telling: Telling, made: Sequence[Made]) -> list[dict[str, Any]]:
    """An event for each exported table, in their order, then one for each relation that marts read: `relation.<name>` stands for no table."""
    compiled = telling.relations
    told = [_event(telling, each, *_traced(telling, each.table, compiled)) for each in made]
    met = {name.removeprefix("relation.") for event in told for name in (each["name"] for each in event["inputs"]) if name.startswith("relation.")}
    return told + [_relation(telling, name, compiled[name]) for name in _with_reads(met, compiled)]


def release_events(contracts: Contracts, marts: Mapping[str, MartFile], at: datetime) -> list[dict[str, Any]]:
    """The same of every table as the release in force promises it, whether anything of it is made or not: without rows and bytes; first the steps before them."""
    tables = [*exported_marts(contracts), *exported_history(contracts)]
    told = events(Telling(contracts, marts, contracts.fingerprint, at), [Made(table, ()) for table in tables])
    unmade = [{**event, "outputs": [{name: value for name, value in each.items() if name != "outputFacets"} for each in event["outputs"]]} for event in told]
    return step_events(contracts, at) + unmade


def _traced(telling: Telling, table: Exported, compiled: Mapping[str, Relation]) -> tuple[list[str], Sources]:
    """The datasets a table is made from, and the columns of each of its own."""
    contracts, kinds = telling.contracts, {wide_name(kind.name): kind for kind in telling.contracts.kinds.values()}
    if table.part == "history":
        sources = history_sources(contracts, table.name)
        return _datasets(sources), sources
    if table.name in kinds:
        sources = wide_sources(contracts, kinds[table.name])
        return _datasets(sources), sources
    file = telling.marts[table.name]
    sources = mart_sources(contracts, file, {name: relation.sql for name, relation in compiled.items()})
    return sorted({dataset(contracts, name) for name in file.reads} | set(_datasets(sources))), sources


def _datasets(sources: Sources) -> list[str]:
    return sorted({name for columns in sources.values() for name, _ in columns})


def _event(telling: Telling, made: Made, inputs: Sequence[str], sources: Sources) -> dict[str, Any]:
    table = made.table
    facets = {
        "schema": facet("schema", fields=[_field(number, column) for number, column in enumerate(table.promise.columns, start=1)]),
        "documentation": facet("documentation", description=table.promise.description),
        "version": facet("version", datasetVersion=telling.export),
        "columnLineage": facet("columnLineage", fields=_lineage(telling, table, sources)),
    }
    counted = {"outputStatistics": facet("outputStatistics", rowCount=made.rows, size=made.bytes)}
    output = {**named(f"{table.part}.{table.name}"), "facets": facets, "outputFacets": counted}
    return job_event(f"{table.part}.{table.name}", telling.at, [_input(telling, name) for name in inputs], [output])


def _lineage(telling: Telling, table: Exported, sources: Sources) -> dict[str, Any]:
    names = [column.name for column in table.promise.columns]
    hidden = _masked(telling.contracts, table)
    return {name: {"inputFields": [_from(each, name in hidden) for each in sorted(sources[name])]} for name in names if sources.get(name)}


def _masked(contracts: Contracts, table: Exported) -> set[str]:
    """The columns of a wide table that show less than was said."""
    kind = next((kind for kind in contracts.kinds.values() if table.part == "marts" and table.name == wide_name(kind.name)), None)
    if kind is None:
        return set()
    hidden = {each.name for each in kind.attributes if masked(each) or banded(each)}
    return hidden | ({"label"} if kind.title in hidden else set()) | ({"differs"} if hidden else set())


def _from(source: tuple[str, str], masking: bool) -> dict[str, Any]:
    return {**named(source[0]), "field": source[1], "transformations": [{"type": "DIRECT", "masking": masking}]}


def _input(telling: Telling, name: str) -> dict[str, Any]:
    """A dataset that is read; of a feed, which no event makes, its schema too."""
    if not name.startswith("feed."):
        return named(name)
    feed = telling.contracts.feeds[name.removeprefix("feed.")]
    fields = [_field(number, column) for number, column in enumerate(feed.columns, start=1)]
    return {**named(name), "facets": {"schema": facet("schema", fields=fields), "documentation": facet("documentation", description=feed.label.en)}}


def _relation(telling: Telling, name: str, relation: Relation) -> dict[str, Any]:
    inputs = sorted({dataset(telling.contracts, each) for each in relation.reads})
    return job_event(f"relation.{name}", telling.at, [named(each) for each in inputs], [named(f"relation.{name}")])


def _with_reads(named: Iterable[str], compiled: Mapping[str, Relation]) -> list[str]:
    """Relations and those they read in turn."""
    found: set[str] = set()
    waiting = [name for name in named if name in compiled]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += [each for each in compiled[name].reads if each in compiled]
    return sorted(found)


def _field(number: int, column: MartColumn | Column) -> dict[str, Any]:
    about = meaning_of(column).en if isinstance(column, MartColumn) else column.description
    return {"name": column.name, "type": column.type, "description": about, "ordinal_position": number}
