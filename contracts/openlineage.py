"""The words of OpenLineage (openlineage.io, spec 2-0-2, Apache License 2.0) as the cabin speaks them: events of jobs and of runs, datasets and their facets. Pure.

A *job event* tells what a job makes of what, whenever it runs; a *run event* that one run of it began (START), ended well (COMPLETE) or failed (FAIL).
Of a job that streams and has no end of its own, runs are told as the specification advises for such: with RUNNING events, each of which says what was done since the last.
Datasets are named as in `warehouse.lineage`: `feed.<feed>`, `topic.<topic>`, `history.<table>`, `marts.<mart>`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

SPEC = "https://openlineage.io/spec"
PRODUCER = "urn:base-cabin"
NAMESPACE = "cabin"
FACETS = {
    "schema": "1-2-0/SchemaDatasetFacet",
    "columnLineage": "1-2-0/ColumnLineageDatasetFacet",
    "documentation": "1-1-0/DocumentationDatasetFacet",
    "version": "1-0-1/DatasetVersionDatasetFacet",
    "outputStatistics": "1-0-2/OutputStatisticsOutputDatasetFacet",
    "dataQualityAssertions": "1-1-0/DataQualityAssertionsDatasetFacet",
    "errorMessage": "1-0-1/ErrorMessageRunFacet",
    "jobType": "2-0-4/JobTypeJobFacet",
}
"""Each facet's schema, by the name under which a dataset, run or job holds it."""
LAND, NORMALISE, RECONCILE, HISTORY, PUBLISH, EXPORT, CHECK = "land", "normalise", "reconcile", "history", "publish", "export", "check"
"""The jobs whose runs are told."""
State = Literal["START", "RUNNING", "COMPLETE", "FAIL"]
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a job: `run` is its UUID. `window_seconds`: of a job without an end of its own, which tells about so often what it did since it told last; 0: of one that ends by itself."""

    job: str
    run: str
    window_seconds: int = 0


@dataclass(frozen=True, slots=True)
class Assertion:
    """A check of a dataset: `actual` rows or shares as text, `expected` likewise where there is a threshold."""

    check: str
    kept: bool
    severity: str
    column: str | None = None
    actual: str | None = None
    expected: str | None = None


def job_event(job: str, at: datetime, inputs: Sequence[Json], outputs: Sequence[Json]) -> Json:
    """What a job makes of what; `at` is Beijing time."""
    return {**_head("JobEvent", at), "job": named(job), "inputs": list(inputs), "outputs": list(outputs)}


def run_event(run: Run, state: State, at: datetime, inputs: Sequence[Json] = (), outputs: Sequence[Json] = (), facets: Json | None = None) -> Json:
    """What became of a run; `at` is Beijing time, `facets` are the run's own."""
    job = named(run.job) | ({"facets": {"jobType": _streaming(run.window_seconds)}} if run.window_seconds else {})
    told = {"eventType": state, "run": {"runId": run.run, "facets": facets or {}}, "job": job}
    return {**_head("RunEvent", at), **told, "inputs": list(inputs), "outputs": list(outputs)}


def named(name: str) -> Json:
    """A job or dataset of the cabin."""
    return {"namespace": NAMESPACE, "name": name}


def facet(name: str, **values: Any) -> Json:
    """A facet with the schema it follows."""
    file = FACETS[name]
    return {"_producer": PRODUCER, "_schemaURL": f"{SPEC}/facets/{file}.json#/$defs/{file.partition('/')[2]}", **values}


def counted(name: str, rows: int) -> Json:
    """An output of which a run made so many rows."""
    return {**named(name), "outputFacets": {"outputStatistics": facet("outputStatistics", rowCount=rows)}}


def judged(name: str, assertions: Iterable[Assertion]) -> Json:
    """An input with what was found about it."""
    return {**named(name), "inputFacets": {"dataQualityAssertions": facet("dataQualityAssertions", assertions=[_assertion(each) for each in assertions])}}


def failure(code: str, meaning: str) -> Json:
    """The run facet of an error: its stable code and what errors of its class are, never the fact of this one, which may name a file or a key."""
    return {"errorMessage": facet("errorMessage", message=f"{code}: {meaning}", programmingLanguage="Python")}


def _streaming(window_seconds: int) -> Json:
    pattern = {"eventTrigger": "PERIODIC", "eventCompleteness": "COMPLETE_SNAPSHOT", "windowDuration": window_seconds}
    return facet("jobType", processingType="STREAMING", integration="CABIN", emissionPattern=pattern)


def _assertion(each: Assertion) -> Mapping[str, Any]:
    told = {"assertion": each.check, "success": each.kept, "severity": each.severity, "column": each.column, "actual": each.actual, "expected": each.expected}
    return {name: value for name, value in told.items() if value is not None}


def _head(event: str, at: datetime) -> Json:
    return {"eventTime": f"{at.isoformat(timespec='milliseconds')}+08:00", "producer": PRODUCER, "schemaURL": f"{SPEC}/2-0-2/OpenLineage.json#/$defs/{event}"}
