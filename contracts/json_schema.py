"""JSON Schema of the rows of a feed, and validators made of it.

A row is an object of cells by the department's own headers, as JSON systems push it. The schema promises the layout: which cells there are,
which must be there, what they look like. What cells mean is the business of the contract's rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from contracts.ban import scanned, text_limit
from contracts.model import Column, Feed

if TYPE_CHECKING:
    from jsonschema_rs import Validator

DIALECT = "https://json-schema.org/draft/2020-12/schema"
DAY = r"(\d{4}[-/.年]?\d{1,2}[-/.月]?\d{1,2}日?|\d{5}(\.0)?)"
CLOCK = r"([ T]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?"
PATTERNS = {
    "date": rf"^({DAY}{CLOCK})?$",
    "timestamp": rf"^({DAY}{CLOCK}|\d{{8,17}})?$",
    "integer": r"^(-?\d+(\.0+)?)?$",
    "decimal": r"^(-?\d+(\.\d+)?)?$",
    "boolean": r"^(true|false|[01]|是|否)?$",
}
"""How a cell of each type may be written as text; days also as a spreadsheet's serial number. Blank is always allowed."""
JSON_TYPES = {"integer": ["integer", "string", "null"], "decimal": ["number", "string", "null"], "boolean": ["boolean", "integer", "string", "null"]}


def row_schema(feed: Feed, lang: str | None = None) -> dict[str, Any]:
    """The schema of one row, its texts in one language or, without one, the title in both. Every accepted header is a property; of a required column one header must be there; nothing else may."""
    properties = {header: cell_schema(column, feed, lang) for column in feed.columns for header in (column.header, *column.other_headers)}
    schema: dict[str, Any] = {
        "$schema": DIALECT,
        "$id": f"urn:cabin:{feed.name}:{feed.version_text}",
        "title": feed.label.get(lang) if lang else f"{feed.label.zh} / {feed.label.en}",
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
    }
    return schema | {"allOf": [_presence(column) for column in feed.columns if column.required]}


def _presence(column: Column) -> dict[str, Any]:
    """One of the headers of a column is there."""
    return {"anyOf": [{"required": [header]} for header in (column.header, *column.other_headers)]}


def cell_schema(column: Column, feed: Feed, lang: str | None = None) -> dict[str, Any]:
    """What one cell may look like."""
    described = (lang == "zh" and column.description_zh) or column.description
    schema: dict[str, Any] = {"title": column.name, "description": described, "type": JSON_TYPES.get(column.type, ["string", "number", "null"])}
    if column.type in PATTERNS:
        schema["pattern"] = PATTERNS[column.type]
    elif scanned(column):
        schema["maxLength"] = text_limit(column, feed)
    return schema


def row_validator(feed: Feed) -> Validator:
    """A compiled validator: `is_valid(row)`, `iter_errors(row)`."""
    from jsonschema_rs import validator_for

    return validator_for(row_schema(feed))


def row_validators(feeds: Mapping[str, Feed]) -> dict[str, Validator]:
    """A validator per feed."""
    return {name: row_validator(feed) for name, feed in feeds.items()}


def row_faults(validator: Validator, row: Mapping[str, object]) -> list[tuple[str, str]]:
    """What is wrong with a row, as (header, JSON Schema keyword), sorted; the header is empty where the row as a whole is meant. Never a value of the row."""
    return sorted({("/".join(map(str, error.instance_path)), str(error.schema_path[-1])) for error in validator.iter_errors(row)})
