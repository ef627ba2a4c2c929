"""SQL makers for the facts of accepted rows: one select per mapping over the table `checked`, in the exact column order of `contracts.facts`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pyarrow as pa

from contracts.facts import FACTS, NAMING, SQL_TYPES, claim_schema
from contracts.model import Attribute, Contracts, Feed, Kind, Mapping
from contracts.normalising.keys import REFERENCES
from contracts.normalising.slots import Slots, column_of, quoted

DEFAULTS = {
    "finding": {"counter": "0", "seen": "[]", "evidence": "null", "value": "null"},
    "request": {"counter": "0", "evidence": "null", "value": "null"},
    "roster": {"counter": "0", "seen": "[]", "unidentified": "0", "person": "null"},
    "verification": {},
    "visit": {"outcome": "null", "reason": "null", "dwelling": "null"},
}
ARROW_SQL = {
    pa.string(): "varchar",
    pa.int16(): "smallint",
    pa.int32(): "integer",
    pa.bool_(): "boolean",
    pa.list_(pa.string()): "varchar[]",
    pa.timestamp("ms"): "timestamp_ms",
}


@dataclass(frozen=True, slots=True)
class Select:
    """A statement over the table `checked` and the exact shape of its result."""

    sql: str
    schema: pa.Schema


def fact_selects(feed: Feed, contracts: Contracts, mappings: Sequence[Mapping], slots: Slots) -> dict[str, Select]:
    """Per fact type the union of its mappings' selects."""
    parts: dict[str, list[str]] = {}
    schemas: dict[str, pa.Schema] = {}
    for mapping in mappings:
        kind = contracts.kinds.get(mapping.target)
        name = f"claim.{kind.name}" if kind else mapping.target
        schemas[name] = claim_schema(kind) if kind else FACTS[mapping.target]
        parts.setdefault(name, []).append(_claim_sql(feed, contracts, kind, mapping, slots) if kind else _fact_sql(feed, mapping, slots))
    return {name: Select("\nunion all\n".join(sqls), schemas[name]) for name, sqls in parts.items()}


def presence_select(feed: Feed, contracts: Contracts, mappings: Sequence[Mapping], slots: Slots, always: bool) -> dict[str, Select]:
    """Listed rows that make no claim of a kind although an entity or a record of it is readable. `always`: none of the rows makes one."""
    parts = [_presence_sql(feed, mapping, slots, always) for mapping in mappings if mapping.target in contracts.kinds]
    return {"presence": Select("\nunion all\n".join(parts), FACTS["presence"])} if parts else {}


def naming_select(feed: Feed, slots: Slots) -> Select:
    """What the rows of an address feed say about the names of its records."""
    return Select("\nunion all\n".join(_naming_sql(feed, mapping, slots) for mapping in slots.mappings if mapping.merged_into), NAMING)


def canonical_json_sql(members: Iterable[tuple[str, str, str]]) -> str:
    """A JSON object as text: members (name, sql, attribute type) in name order, nulls left out."""
    parts = [f"'{quoted(name)}:' || {_json_value_sql(sql, kind)}" for name, sql, kind in sorted(members)]
    return f"('{{' || concat_ws(',', {', '.join(parts)}) || '}}')" if parts else "'{}'"


def content_sql(json: str) -> str:
    """The first 16 hex digits of the md5 as a number."""
    return f"('0x' || left(md5({json}), 16))::ubigint"


def _naming_sql(feed: Feed, mapping: Mapping, slots: Slots) -> str:
    values = {
        "record": slots.record_of(mapping),
        "dwelling": f"case when {slots.where(mapping)} then {slots.entity(mapping)} end",
        "merged_into": f"{slots.value(mapping.merged_into)}::varchar",
        **_lineage(feed),
        "observed_at": "__observed",
        "rank": "__rank",
        "withdraws": "__withdraws",
    }
    inner = ", ".join(f"{sql} as {quoted(name)}" for name, sql in values.items())
    content = content_sql(f"to_json({_struct_sql(['dwelling', 'merged_into', 'withdraws'])})::varchar")
    columns = ", ".join(f"{content} as content" if name == "content" else quoted(name) for name in NAMING.names)
    return f"select {columns} from (select {inner} from checked where __broken = 0) where record is not null"


def _struct_sql(names: Iterable[str]) -> str:
    """A struct of columns in name order: its JSON is canonical, and made in half the time of a text put together."""
    return "{" + ", ".join(f"{quoted(name)}: {quoted(name)}" for name in sorted(names)) + "}"


def _json_value_sql(sql: str, kind: str) -> str:
    if kind in {"integer", "decimal", "boolean"}:
        return f"{sql}::varchar"
    if kind in {"date", "timestamp"}:
        return f"'\"' || {sql}::varchar || '\"'"
    return f"to_json({sql})::varchar"


def _claim_sql(feed: Feed, contracts: Contracts, kind: Kind, mapping: Mapping, slots: Slots) -> str:
    entity, schema = slots.entity(mapping), claim_schema(kind)
    attributes = {attribute.name: _attribute_sql(contracts, attribute, column_of(mapping, attribute.name), slots) for attribute in kind.attributes}
    ends = {} if kind.name != "residency" else {"person": slots.value(column_of(mapping, "person")), "dwelling": slots.key(column_of(mapping, "dwelling"))}
    spoken = [attribute.name for attribute in kind.attributes if column_of(mapping, attribute.name) or attribute.name == "present"]
    columns = {
        "entity": entity,
        **_lineage(feed),
        "record": f"coalesce({slots.record_of(mapping)}, entity)" if slots.record_of(mapping) else "entity",
        "observed_at": "__observed",
        "rank": "__rank",
        "withdraws": "__withdraws",
        "content": content_sql(f"to_json({_struct_sql([*spoken, 'withdraws'])})::varchar"),
        "own_time": "__own is not null",
        "listed": "__listed",
        "moment": "case when __listed then __moment end",
        "area": "__area",
        "flags": "__flags",
    }
    inner = ", ".join(f"{sql} as {quoted(name)}" for name, sql in {**columns, **ends, **attributes}.items() if name not in {"content", "record"})
    outer = ", ".join(f"{columns[name]} as {quoted(name)}" if name in {"content", "record"} else quoted(name) for name in schema.names)
    return f"select {outer} from (select *, {inner} from checked where __broken = 0 and {slots.where(mapping)} and {entity} is not null)"


def _lineage(feed: Feed) -> dict[str, str]:
    return {
        "source": f"'{feed.name}'",
        "delivery": "__delivery",
        "row": "__row",
        "repair": "__repair",
        "contract_version": f"{feed.version}::smallint",
        "recorded_at": "__recorded",
    }


def _attribute_sql(contracts: Contracts, attribute: Attribute, sql: str | None, slots: Slots) -> str:
    """The normalised value: of the attribute's type (null where it cannot be), never an empty text, short codes padded to their list's width."""
    if sql is None:
        return "true" if attribute.name == "present" else f"null::{SQL_TYPES[attribute.type]}"
    value = slots.key(sql)
    if attribute.type not in {"text", "code", "address"}:
        typed = f"try_cast({value} as {SQL_TYPES[attribute.type]})"
        return f"coalesce({typed}, true)" if attribute.name == "present" else typed
    text = f"nullif({value}::varchar, '')"
    codes = contracts.code_lists.get(attribute.code_list or "")
    if codes is None or codes.width is None:
        return text
    return f"case when length({text}) < {codes.width} then lpad({text}, {codes.width}, '0') else {text} end"


def _fact_sql(feed: Feed, mapping: Mapping, slots: Slots) -> str:
    """A finding, request, roster, verification or visit: mapped columns cast to the fact's types, version and content made of them."""
    schema = FACTS[mapping.target]
    given = {column.name: slots.key(column.sql) for column in mapping.columns} | _references(mapping, slots)
    if mapping.entity and "entity" not in given:
        given["entity"] = slots.key(mapping.entity)
    values = {"observed_at": "__observed", **DEFAULTS[mapping.target], **given, **_lineage(feed), **_base(mapping, given, slots)}
    outer = {name: sql for name, sql in _made(mapping.target).items() if name in schema.names}
    inner = ", ".join(f"cast({values[each.name]} as {ARROW_SQL[each.type]}) as {quoted(each.name)}" for each in schema if each.name not in outer)
    columns = ", ".join(f"{outer[name]} as {quoted(name)}" if name in outer else quoted(name) for name in schema.names)
    return f"select {columns} from (select {inner} from checked where __broken = 0 and {slots.where(mapping)} and {slots.entity(mapping)} is not null)"


def _references(mapping: Mapping, slots: Slots) -> dict[str, str]:
    """The column that names findings; a verification becomes one row per name the finding may have."""
    name = REFERENCES.get(mapping.target, "")
    sql, holder = column_of(mapping, name), column_of(mapping, "entity") or column_of(mapping, "dwelling") or mapping.entity
    if sql is None or holder is None:
        return {}
    given = slots.value(sql)
    if name == "seen":
        return {name: slots.keys.every_name_sql(given, holder)}
    listed = slots.keys.every_name_sql(f"[{given}]", holder)
    return {name: given if listed == f"[{given}]" else f"unnest({listed})"}


def _made(target: str) -> dict[str, str]:
    """Columns made of the fact's other columns."""
    content = content_sql(canonical_json_sql([("outcome", "outcome", "text"), ("value", "value", "text")]))
    return {"content": content, **({target: "base || '#' || counter"} if "base" in FACTS[target].names else {})}


def _base(mapping: Mapping, given: dict[str, str], slots: Slots) -> dict[str, str]:
    """`base`, as the contract gives it or of the visit: from the key as delivered, so that no alias version renames a finding."""
    if "base" in given:
        return {"base": slots.value(column_of(mapping, "base"))}
    if "visit" not in given:
        return {}
    if mapping.target == "roster":
        return {"base": f"{given['visit']} || ':' || {slots.value(column_of(mapping, 'dwelling'))} || ':roster'"}
    if mapping.target in {"finding", "request"}:
        return {"base": f"{given['visit']} || ':' || {slots.value(column_of(mapping, 'entity') or mapping.entity)} || ':' || {given['attribute']}"}
    return {}


def _presence_sql(feed: Feed, mapping: Mapping, slots: Slots, always: bool) -> str:
    entity, record = slots.entity(mapping), slots.record_of(mapping)
    values = {"kind": f"'{mapping.target}'", "entity": entity, "record": f"coalesce({record}, {entity})" if record else entity, **_lineage(feed)}
    columns = ", ".join(f"{values[name]} as {quoted(name)}" for name in FACTS["presence"].names)
    silent = "true" if always else f"(__broken > 0 or {entity} is null)"
    where = slots.where(mapping) if not mapping.where else f"coalesce({slots.value(mapping.where)}, true)"
    return f"select {columns} from checked where __listed and {where} and {silent} and ({entity} is not null{f' or {record} is not null' if record else ''})"
