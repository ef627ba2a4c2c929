"""Lineage as tests read it: the events of a log, and whether they are as OpenLineage's schemas say."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import orjson
from referencing import Registry, Resource

from contracts.ports import Log
from contracts.topics import LINEAGE

SCHEMAS = Path(__file__).parents[1] / "warehouse" / "openlineage"
EVENT = "https://openlineage.io/spec/2-0-2/OpenLineage.json"


def events_on(log: Log) -> list[dict[str, Any]]:
    """In the order of the log."""
    found: list[dict[str, Any]] = []
    while len(found) < log.end(LINEAGE, 0):
        found += [orjson.loads(each.message.value) for each in log.read(LINEAGE, 0, len(found))]
    return found


def runs(found: list[dict[str, Any]], job: str | None = None) -> list[tuple[str, str]]:
    """Job and state of each event of a run."""
    return [(each["job"]["name"], each["eventType"]) for each in found if "eventType" in each and job in (None, each["job"]["name"])]


def valid(name: str, value: object) -> bool:
    """Whether a value is as the schema of this name says."""
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    return jsonschema.Draft202012Validator({"$ref": name}, registry=_registry(), format_checker=checker).is_valid(value)


def sound(event: dict[str, Any]) -> bool:
    """Whether an event and all its facets are."""
    named = [event["job"], event.get("run", {}), *event["inputs"], *event["outputs"]]
    facets = [facet for each in named for kind in ("facets", "inputFacets", "outputFacets") for facet in each.get(kind, {}).values()]
    return valid(EVENT, event) and all(valid(facet["_schemaURL"], facet) for facet in facets)


def counts(event: dict[str, Any]) -> dict[str, int]:
    """The rows of each output, where they are told."""
    return {each["name"]: each["outputFacets"]["outputStatistics"]["rowCount"] for each in event["outputs"] if "outputFacets" in each}


def assertions(event: dict[str, Any]) -> dict[tuple[str, str], str]:
    """What was counted about inputs, by dataset and check."""
    return {
        (each["name"], check["assertion"]): check["actual"]
        for each in event["inputs"]
        for check in each.get("inputFacets", {}).get("dataQualityAssertions", {}).get("assertions", [])
    }


@cache
def _registry() -> Registry[Any]:
    texts = [json.loads(path.read_text(encoding="utf-8")) for path in SCHEMAS.glob("*.json")]
    return Registry().with_resources((text["$id"], Resource.from_contents(text)) for text in texts)
