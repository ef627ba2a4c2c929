"""What subscribers of `cabin.entity.<kind>` get: the golden record of an entity as one JSON text, made in SQL, and its JSON Schema.

Only plain attributes are told: no personal value and no identifier leaves by these topics, and there is no subscriber contract yet that could ask for one. Version and origins are not in it,
so that equal golden records are equal texts; the version travels in the message's headers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from contracts.golden.basis import STATUSES, VISIT, basis, speaker_sql, status_sql
from contracts.golden.plan import name
from contracts.json_schema import DIALECT
from contracts.model import Attribute, Classification, Contracts, Kind, Label, Unit

LINK_ENDS = ("person", "dwelling")
MOMENT = "%Y-%m-%dT%H:%M:%S.%g+08:00"
"""Moments are Beijing time, and say so to subscribers elsewhere."""
ENTITY = Label("消息的键。", "The message's key.")
AREA = Label("区划代码。", "Division code.")
OBSERVED = Label("有效内容中最新的北京时间。", "The newest of what counts, Beijing time.")
FINDING = Label("有效的走访核查结果。", "The visit's finding in force.")
QUOTED = ("text", "code", "address")
JSON_TYPES: dict[str, dict[str, Any]] = {
    "date": {"type": "string", "format": "date"},
    "timestamp": {"type": "string", "format": "date-time"},
    "integer": {"type": "integer"},
    "decimal": {"type": "number"},
    "boolean": {"type": "boolean"},
}


def entity_sql(kind: Kind, contracts: Contracts, rows: str) -> str:
    """A select over `rows` (a relation of golden rows of `kind`): `entity`, `version`, and `value`, the JSON text of a golden record; null for a tombstone.

    Keys stand in the order of `entity_json_schema`; a unit without a value is left out (which `json_object` cannot do).
    """
    units = [_unit_sql(unit, contracts.sources(kind.name)) for unit in told_units(kind)]
    attributes = f"substr(concat({', '.join(units)}), 2)" if units else "''"
    parts = [f"""'{{"entity":' || {json_sql("entity", "text")} || ',"kind":"{kind.name}"'""", *_ends(kind)]
    parts += [f"""',"{key}":' || coalesce({json_sql(key, kept)}, 'null')""" for key, kept in (("area", "text"), ("observed_at", "timestamp"))]
    parts += ["""',"attributes":{'""", attributes, "'}}'"]
    return f"select entity, version, case when alive then {' || '.join(parts)} end as value from {rows}"


def entity_json_schema(kind: Kind, contracts: Contracts, lang: str = "en") -> dict[str, Any]:
    """The JSON Schema of `value`, its texts in one language."""
    ends = {end: {"type": "string"} for end in LINK_ENDS} | {"main": {"type": "boolean"}} if kind.name == "residency" else {}
    properties = {
        "entity": {"type": "string", "description": ENTITY.get(lang)},
        "kind": {"const": kind.name},
        **ends,
        "area": {"type": ["string", "null"], "description": AREA.get(lang)},
        "observed_at": {"type": ["string", "null"], "format": "date-time", "description": OBSERVED.get(lang)},
        "attributes": {
            "type": "object",
            "properties": {unit.name: _unit_schema(unit, contracts, kind, lang) for unit in told_units(kind)},
            "additionalProperties": False,
        },
    }
    described = Label(kind.description_zh or kind.description, kind.description).get(lang)
    head = {"$schema": DIALECT, "$id": f"urn:cabin:entity:{kind.name}:{kind.version_text}", "title": kind.label.get(lang), "description": described}
    return head | record_of(properties)


def entity_headers(kind: Kind, entity: str, generation: str, version: int) -> dict[str, str]:
    """The headers of an entity's message, tombstones too: CloudEvents 1.0, and the version, which is comparable within one generation of the log; a later generation wins."""
    return told_headers(f"entity.{kind.name}", f"{kind.name}/{kind.version}", f"{kind.name}/{entity}", generation, version)


def told_headers(ce_type: str, schema: str, about: str, generation: str, version: int) -> dict[str, str]:
    """The headers of everything that the fold tells: what it is, the contract of its shape, and what it is about, unique among all that is told of one version."""
    return {
        "ce_specversion": "1.0",
        "ce_id": f"{generation}/{version}/{about}",
        "ce_source": "cabin/fold",
        "ce_type": ce_type,
        "ce_dataschema": schema,
        "content-type": "application/json",
        "generation": generation,
        "version": str(version),
    }


def told_units(kind: Kind) -> tuple[Unit, ...]:
    """The units that subscribers hear of."""
    return tuple(unit for unit in kind.units if told_members(unit))


def told_members(unit: Unit) -> tuple[Attribute, ...]:
    """The members of a unit that subscribers hear of."""
    return tuple(member for member in unit.members if member.classification is Classification.PLAIN)


def json_sql(column: str, kept: str) -> str:
    """A column of a contract's type as JSON text; null stays null."""
    quoted = name(column)
    if kept in QUOTED:
        return f"to_json({quoted})::varchar"
    if kept == "date":
        return f"""'"' || {quoted}::varchar || '"'"""
    if kept == "timestamp":
        return f"""'"' || strftime({quoted}, '{MOMENT}') || '"'"""
    return f"{quoted}::varchar"


def value_schema(member: Attribute, contracts: Contracts, lang: str) -> dict[str, Any]:
    """What a value of an attribute looks like in JSON."""
    described = Label(member.description_zh or member.description, member.description)
    schema = {"title": member.label.get(lang), "description": described.get(lang), **JSON_TYPES.get(member.type, {"type": "string"})}
    if member.code_list:
        schema["enum"] = list(contracts.code_lists[member.code_list].labels)
    return schema


def record_of(properties: dict[str, Any]) -> dict[str, Any]:
    """An object that has all of these and nothing else."""
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _ends(kind: Kind) -> list[str]:
    """The ends of a link, and whether it is its person's main residence."""
    if kind.name != "residency":
        return []
    return [f"""',"{end}":' || {json_sql(end, "text")}""" for end in LINK_ENDS] + ["""',"main":' || main::varchar"""]


def _unit_sql(unit: Unit, sources: Sequence[str]) -> str:
    """`,"tenure":{"value":...,"status":...}`, or null where there is no value."""
    members = told_members(unit)
    if grouped(unit):
        value = " || ',' || ".join(f"""'"{member.name}":' || coalesce({json_sql(member.name, member.type)}, 'null')""" for member in members)
        value = f"'{{' || {value} || '}}'"
    else:
        value = f"coalesce({json_sql(members[0].name, members[0].type)}, 'null')"
    finding = f""" || coalesce(',"finding":' || {json_sql(f"{unit.name}__finding", "text")}, '')""" if unit.visit else ""
    held = basis(unit.name)
    rest = f""","status":"' || {status_sql(held)} || '","source":"' || {speaker_sql(held, sources)} || '"'{finding} || '}}'"""
    return f"""case when {held} is not null then ',"{unit.name}":{{"value":' || {value} || '{rest} end"""


def grouped(unit: Unit) -> bool:
    """Whether a unit's value is an object of members."""
    return len(unit.members) > 1 or unit.members[0].name != unit.name


def _unit_schema(unit: Unit, contracts: Contracts, kind: Kind, lang: str) -> dict[str, Any]:
    members = told_members(unit)
    value = value_schema(members[0], contracts, lang)
    if grouped(unit):
        value = record_of({member.name: _or_null(value_schema(member, contracts, lang)) for member in members})
    sources = [*contracts.sources(kind.name), *([VISIT] if unit.visit else [])]
    schema = record_of({"value": value, "status": {"enum": list(STATUSES)}, "source": {"enum": sources}})
    if unit.visit:
        schema["properties"]["finding"] = {"type": "string", "description": FINDING.get(lang)}
    return schema


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]}
