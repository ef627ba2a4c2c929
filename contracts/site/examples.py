"""An invented value for a JSON Schema: the same each time, valid under it, and about nobody. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

BY_TYPE: Mapping[str, Any] = {"integer": 3, "number": 3.5, "boolean": True, "null": None}
BY_FORMAT = {
    "date": "2026-03-01",
    "date-time": "2026-03-01T08:00:00.000",
    "time": "08:00:00",
    "uri": "urn:cabin:example",
    "uuid": "00000000-0000-4000-8000-000000000000",
}
TEXTS = ("2026-03-01", "3", "true", "2026-03-01T08:00:00.000", "a" * 64, "a" * 32)
"""Tried under a pattern, in this order."""
WORD = "abc"


def example(schema: Mapping[str, Any]) -> Any:
    """A value that the schema takes: of alternatives the first, of codes the first, of an object all its properties."""
    for given in ("const", "default"):
        if given in schema:
            return schema[given]
    if schema.get("examples"):
        return schema["examples"][0]
    if schema.get("enum"):
        return schema["enum"][0]
    for alternatives in ("oneOf", "anyOf"):
        if schema.get(alternatives) and "properties" not in schema:
            return example(schema[alternatives][0])
    return _of_type(schema)


def _of_type(schema: Mapping[str, Any]) -> Any:
    kinds = schema.get("type", "object" if "properties" in schema else "string")
    kind = kinds if isinstance(kinds, str) else kinds[0]
    if kind == "object":
        return {name: example(each) for name, each in schema.get("properties", {}).items()}
    if kind == "array":
        return [example(schema.get("items", {}))]
    return _text(schema) if kind == "string" else schema.get("minimum", BY_TYPE[kind])


def _text(schema: Mapping[str, Any]) -> str:
    import re

    if "format" in schema:
        return BY_FORMAT.get(schema["format"], WORD)
    pattern = schema.get("pattern")
    if pattern is None:
        return WORD[: schema.get("maxLength", len(WORD))]
    return next((each for each in TEXTS if re.search(pattern, each)), "")
