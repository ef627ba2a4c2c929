"""Lineage: valid by OpenLineage's own schemas, and right where a person can say what is right."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from referencing import Registry, Resource

from contracts.model import Classification, Contracts
from contracts.openlineage import FACETS
from contracts.read import load
from tests.streams.lineage_kit import sound
from tests.warehouse.exports import exported_tables
from warehouse.catalogue import mart_file, mart_files
from warehouse.export.delta import Data
from warehouse.export.lineage import Made, Telling, events
from warehouse.lineage.sources import history_sources, mart_sources
from warehouse.lineage.steps import step_events
from warehouse.relations import relations

SCHEMAS = Path(__file__).parent / "openlineage"
"""As published at openlineage.io (Apache License 2.0)."""
AT = datetime(2026, 9, 1, 8)
NOT_FROM_COLUMNS = {
    "activity": {"suppressed"},
    "counter_warning": {"days"},
    "coverage": {"known_dwellings"},
    "coverage_area": {"known_dwellings"},
    "dispute_flow": {"opened", "settled", "suppressed"},
    "economy": {"businesses", "venues"},
    "feed_health": {"deliveries"},
    "indicator_count": {"suppressed"},
    "officer_result": {"due", "fed_back", "corrections"},
    "partner_flow": {"pushed", "handed_over"},
    "programme_progress": {"phases", "suppressed"},
    "rental": {"suppressed"},
    "task_guide": {"open_tasks", "fields_needed"},
    "thing_stock": {"things"},
    "visit_plan": {"residents"},
}
"""Counts of rows: they depend on rows being there, on no column's value; and what is the same in every row until small cells are hidden."""


@pytest.fixture(scope="module")
def known() -> Contracts:
    return load()


@pytest.fixture(scope="module")
def told(known: Contracts) -> dict[str, dict[str, Any]]:
    """Every event by its job's name."""
    made = [Made(table, (Data("a.parquet", 3, 100), Data("b.parquet", 2, 50))) for table in exported_tables(known)]
    return {event["job"]["name"]: event for event in events(Telling(known, mart_files(), "000007", AT), made)}


def columns(event: dict[str, Any]) -> dict[str, set[tuple[str, str]]]:
    """By output column the columns it is made from."""
    fields = event["outputs"][0]["facets"]["columnLineage"]["fields"]
    return {name: {(each["name"], each["field"]) for each in made["inputFields"]} for name, made in fields.items()}


def test_events_and_facets_are_valid(told: dict[str, dict[str, Any]]) -> None:
    """Each event is valid by the event schema, each facet by the schema it names; one that lacks what is required is not."""
    schemas = {json.loads(path.read_text(encoding="utf-8"))["$id"]: json.loads(path.read_text(encoding="utf-8")) for path in SCHEMAS.glob("*.json")}
    registry = Registry().with_resources((name, Resource.from_contents(schema)) for name, schema in schemas.items())
    formats = jsonschema.Draft202012Validator.FORMAT_CHECKER

    def valid(name: str, value: object) -> bool:
        return jsonschema.Draft202012Validator({"$ref": name}, registry=registry, format_checker=formats).is_valid(value)

    event_schema = "https://openlineage.io/spec/2-0-2/OpenLineage.json"
    met: set[str] = set()
    for event in told.values():
        assert valid(event_schema, event) and event["schemaURL"].startswith(event_schema)
        for part in [*event["inputs"], *event["outputs"]]:
            for name, facet in {**part.get("facets", {}), **part.get("outputFacets", {})}.items():
                assert valid(facet["_schemaURL"], facet), (event["job"], name)
                assert valid(facet["_schemaURL"].partition("#")[0], {name: facet})
                met.add(name)
    assert met == set(FACETS) - {"dataQualityAssertions", "errorMessage", "jobType"}  # those are of runs
    assert not valid(event_schema, {**event, "job": {"name": "x"}})
    lineage = told["marts.household"]["outputs"][0]["facets"]["columnLineage"]
    assert not valid(lineage["_schemaURL"], {**lineage, "fields": {"area": {}}})


def test_every_table_is_told_with_its_schema_and_size(known: Contracts, told: dict[str, dict[str, Any]]) -> None:
    """The schema facet has the contract's columns in order, the statistics the rows and bytes of all files; the moment is told with its zone."""
    for table in exported_tables(known):
        event = told[f"{table.part}.{table.name}"]
        (output,) = event["outputs"]
        assert [(each["name"], each["type"]) for each in output["facets"]["schema"]["fields"]] == [(each.name, each.type) for each in table.promise.columns]
        assert (output["outputFacets"]["outputStatistics"]["rowCount"], output["outputFacets"]["outputStatistics"]["size"]) == (5, 150)
        assert event["eventTime"] == "2026-09-01T08:00:00.000+08:00" and output["facets"]["version"]["datasetVersion"] == "000007"


def test_every_column_of_a_mart_is_traced(known: Contracts, told: dict[str, dict[str, Any]]) -> None:
    """No mart's SQL is beyond the parser: each of its columns has sources, except those that count rows."""
    for name in known.marts:
        traced = set(columns(told[f"marts.{name}"]))
        assert traced == {column.name for column in known.marts[name].columns} - NOT_FROM_COLUMNS.get(name, set()), name


def test_a_mart_is_traced_through_its_sql(told: dict[str, dict[str, Any]]) -> None:
    """Through common table expressions, joins, stars and casts down to the tables it reads."""
    household = columns(told["marts.household"])
    assert household["name"] == {("marts.person_current", "label")}
    assert household["resident"] == {("marts.residency_current", "person")}
    assert household["people_band"] == {("marts.dwelling_current", "people_band")}
    assert columns(told["marts.entity_value"])["stale"] == {("relation.valued", "fresh_until"), ("history.outcome", "recorded_at")}


def test_a_value_is_traced_from_mart_to_department(known: Contracts, told: dict[str, dict[str, Any]]) -> None:
    """A person's name comes, masked, from claims and from what visits found; the claims from the column of each feed that delivers names."""
    wide = told["marts.person_current"]["outputs"][0]["facets"]["columnLineage"]["fields"]
    name = {(each["name"], each["field"]): each["transformations"] for each in wide["name"]["inputFields"]}
    assert name[("history.claim_person", "name")] == [{"type": "DIRECT", "masking": True}]
    assert wide["sex"]["inputFields"][0]["transformations"] == [{"type": "DIRECT", "masking": False}]
    claimed = columns(told["history.claim_person"])["name"]
    assert ("feed.ps_resident", "name") in claimed
    delivered = {(f"feed.{feed.name}", column.name) for feed in known.feeds.values() for column in feed.columns}
    assert all(made <= delivered for event in told.values() if event["job"]["name"].startswith("history.") for made in columns(event).values())
    assert columns(told["history.claim_residency"])["entity"] >= columns(told["history.claim_residency"])["dwelling"]


def test_the_chain_has_no_gaps(told: dict[str, dict[str, Any]]) -> None:
    """Every input is the output of another event, a feed, or a golden record: nothing is named that nobody makes."""
    made = {output["name"] for event in told.values() for output in event["outputs"]}
    read = {each["name"] for event in told.values() for each in event["inputs"]}
    assert {name for name in read - made if not name.startswith(("feed.", "golden."))} == set()
    inputs = {name: {each["name"] for each in event["inputs"]} for name, event in told.items()}
    for name, event in told.items():
        assert {table for made_from in columns(event).values() for table, _ in made_from} <= inputs[name] if not name.startswith("relation.") else True


def test_sql_that_cannot_be_parsed_is_told_by_its_tables(known: Contracts) -> None:
    """A mart beyond the parser has no columns traced; its export does not fail."""
    compiled = {name: relation.sql for name, relation in relations(known, AT).items()}
    broken = mart_file("m", "-- A mart.\n-- Grain: a. Reads: visit. Consumers: all.\nselect ((( from")
    whole = mart_file("m", "-- A mart.\n-- Grain: a. Reads: visit. Consumers: all.\nselect visit.visit::varchar as a from visit")
    assert mart_sources(known, broken, compiled) == {}
    assert mart_sources(known, whole, compiled) == {"a": {("history.visit", "visit")}}


def test_every_column_of_a_step_comes_from_the_step_before(known: Contracts) -> None:
    """From what departments deliver to history and to subscribers no column hangs in the air: what a step reads, the one before makes."""
    steps = step_events(known, AT)
    made = {(f"feed.{feed.name}", column.name) for feed in known.feeds.values() for column in feed.columns}
    for event in steps:
        fields = {
            (output["name"], name): source
            for output in event["outputs"]
            for name, source in output.get("facets", {}).get("columnLineage", {}).get("fields", {}).items()
        }
        read = {(each["namespace"], each["name"]) for each in event["inputs"]}
        for column, source in fields.items():
            for each in source["inputFields"]:
                assert (each["namespace"], each["name"]) in read and ((each["name"], each["field"]) in made or unsaid(known, each)), (column, each)
        made |= set(fields)
    assert [event["job"]["name"] for event in steps] == ["land", "normalise", "reconcile", "history"] and all(sound(event) for event in steps)
    assert {"history.claim_person", "topic.cabin.entity.person"} <= {output for output, _ in made}


def unsaid(known: Contracts, each: dict[str, Any]) -> bool:
    """Whether no feed says anything about an attribute."""
    table, _, name = each["field"].partition(".")
    return each["name"] == "topic.cabin.claims" and name not in history_sources(known, table)


def test_what_nobody_can_read_in_raw_rows_is_marked(known: Contracts) -> None:
    """Identifiers become tokens and personal cells are sealed at landing: their columns are masked, others are not."""
    landing = next(each for each in step_events(known, AT) if each["job"]["name"] == "land")
    raw = next(each for each in landing["outputs"] if each["name"] == "topic.cabin.raw.ps_resident")
    masked = {name for name, source in raw["facets"]["columnLineage"]["fields"].items() if source["inputFields"][0]["transformations"][0]["masking"]}
    closed = {each.name for each in known.feeds["ps_resident"].columns if each.classification is not Classification.PLAIN}
    assert closed and masked == closed
