"""The fields of a message as lines: a JSON Schema flattened by path, or the columns of an Arrow stream. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from contracts.model import Label
from contracts.site.markup import Html, code, table
from contracts.site.place import Here

FIELD, TYPE, MUST, ALLOWED, MEANING = (
    Label("字段", "Field"),
    Label("类型", "Type"),
    Label("必有", "Required"),
    Label("取值", "Values"),
    Label("含义", "Meaning"),
)
YES, NO = Label("是", "yes"), Label("否", "no")
MOST_CODES = 20
Line = tuple[str, str, bool, str, str]


def payload_table(payload: Mapping[str, Any], here: Here) -> Html:
    """Of the payload of an AsyncAPI message."""
    if "schemaFormat" in payload:
        return table([here.say(FIELD), here.say(TYPE)], [[code(each["name"]), code(each["type"])] for each in payload["schema"]["fields"]])
    rows = [[code(path), code(kind), here.say(YES if must else NO), allowed, meaning] for path, kind, must, allowed, meaning in lines(payload)]
    return table([here.say(each) for each in (FIELD, TYPE, MUST, ALLOWED, MEANING)], rows)


def lines(schema: Mapping[str, Any], path: str = "") -> Iterator[Line]:
    """A line for each property, those of an object after the object's; what may be null instead of an object is told in the object's place."""
    shown = _not_null(schema)
    if not path and "properties" not in shown:
        yield "$", _type(schema), True, _allowed(shown), _meaning(schema)
    wanted = _required(shown)
    for name, each in shown.get("properties", {}).items():
        inner = _not_null(each)
        yield f"{path}{name}", _type(each), name in wanted, _allowed(inner), _meaning(each) or _meaning(inner)
        if "properties" in inner:
            yield from lines(inner, f"{path}{name}.")
        elif "properties" in inner.get("items", {}):
            yield from lines(inner["items"], f"{path}{name}[].")


def _required(schema: Mapping[str, Any]) -> set[str]:
    """Also where one of several names must be there: then it is told of each."""
    found = set(schema.get("required", ()))
    for each in schema.get("allOf", ()):
        found |= {name for one in each.get("anyOf", ()) for name in one.get("required", ())}
    return found


def _not_null(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The only alternative to null."""
    for key in ("oneOf", "anyOf"):
        others = [each for each in schema.get(key, ()) if each.get("type") != "null"]
        if len(others) == 1 and "properties" not in schema:
            found: Mapping[str, Any] = others[0]
            return found
    return schema


def _type(schema: Mapping[str, Any]) -> str:
    for key in ("oneOf", "anyOf"):
        if key in schema and "type" not in schema:
            return " | ".join(dict.fromkeys(_type(each) for each in schema[key]))
    kind = schema.get("type", "object" if "properties" in schema else "string" if schema.get("enum") or "const" in schema else "")
    told = kind if isinstance(kind, str) else " | ".join(kind)
    return f"{told} ({schema['format']})" if "format" in schema else told


def _allowed(schema: Mapping[str, Any]) -> Html | str:
    if "const" in schema:
        return code(json.dumps(schema["const"], ensure_ascii=False))
    if "enum" in schema:
        codes = [str(each) for each in schema["enum"]]
        return ", ".join(codes[:MOST_CODES]) + (f", … {len(codes)}" if len(codes) > MOST_CODES else "")
    return code(schema["pattern"]) if "pattern" in schema else f"≤ {schema['maxLength']}" if "maxLength" in schema else ""


def _meaning(schema: Mapping[str, Any]) -> str:
    return " ".join(dict.fromkeys(str(schema[key]) for key in ("title", "description") if schema.get(key)))
