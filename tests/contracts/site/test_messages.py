"""Messages for people: the invented example is valid, every field of a schema has its line."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema_rs import validator_for

from contracts.asyncapi import document
from contracts.read import load
from contracts.site.examples import example
from contracts.site.schema_table import lines

DOCUMENT = document(load(), 2, "en")
PAYLOADS = {
    f"{topic} {name}": message["payload"]
    for topic, channel in DOCUMENT["channels"].items()
    for name, message in channel["messages"].items()
    if "schemaFormat" not in message.get("payload", {"schemaFormat": ""})
}


@pytest.mark.parametrize("name", PAYLOADS)
def test_the_example_is_valid_under_its_schema(name: str) -> None:
    """Of every JSON message that a contract describes."""
    found = example(PAYLOADS[name])
    assert [error.message for error in validator_for(PAYLOADS[name]).iter_errors(found)] == []


def test_examples_are_not_empty() -> None:
    """Of a golden record all attributes are there, each with its value."""
    found = example(PAYLOADS["cabin.entity.dwelling entity.dwelling"])
    assert found["kind"] == "dwelling" and {"address", "rooms", "point"} <= set(found["attributes"])


@pytest.mark.parametrize("name", PAYLOADS)
def test_every_field_has_a_line(name: str) -> None:
    """Also those inside objects that may be null and inside lists; required ones say so."""
    paths = {path for path, *_ in lines(PAYLOADS[name])}
    assert {path for path in walked(PAYLOADS[name]) if path} <= paths and paths


def walked(schema: dict[str, Any], path: str = "") -> set[str]:
    """Every property of a schema by path, found the slow way."""
    found: set[str] = set()
    for key in ("oneOf", "anyOf"):
        for each in schema.get(key, ()):
            found |= walked(each, path) if "properties" not in schema else set()
    for name, each in schema.get("properties", {}).items():
        own = f"{path}.{name}" if path else name
        found |= {own} | walked(each, own)
        if each.get("type") == "array":
            found |= walked(each.get("items", {}), f"{own}[]")
    return found
