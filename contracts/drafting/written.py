"""A draft as the text of a contract file, in the flavour of `contracts/feeds`; questions stand as comments where they are to be answered."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from contracts.drafting.model import Draft, DraftColumn, DraftMapping, Question
from contracts.model import Label, Rule

LOGICAL = {"text": "string", "code": "string", "address": "string", "decimal": "number"}
ORDER = ("department", "format", "encoding", "delimiter", "modes", "observed_at", "rank", "operation", "area", "record", "subject", "minors", "covers")


def written(draft: Draft) -> str:
    """The YAML. Each question stands above what answers it, in Chinese and English, numbered as in the table; `!` marks what `cabin contract check` insists on."""
    return "\n".join([*_head(draft), *_layout(draft), *(line for mapping in draft.mappings for line in _mapping(draft, mapping))]) + "\n"


def quoted(text: str) -> str:
    """A YAML scalar in double quotes, on one line, whatever the text holds."""
    return "".join(char if char.isprintable() else f"\\U{ord(char):08x}" for char in json.dumps(text, ensure_ascii=False))


def flow(value: Any) -> str:
    """A property's value on one line."""
    if isinstance(value, Label):
        return f"{{zh: {quoted(value.zh) if value.zh else 'null'}, en: {quoted(value.en) if value.en else 'null'}}}"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{name}: {flow(each)}" for name, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    return quoted(str(value))


def _asked(draft: Draft, indent: str, *places: str) -> list[str]:
    """The comments of the questions about these places."""
    return [line for number, each in enumerate(draft.questions, 1) if each.at in places for line in _comment(indent, number, each)]


def _comment(indent: str, number: int, question: Question) -> list[str]:
    mark = "!" if question.problems else ""
    return [f"{indent}# {word} {number}{mark}: {_line(text)}" for word, text in (("问题", question.text.zh), ("QUESTION", question.text.en))]


def _line(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text)


def _head(draft: Draft) -> Iterable[str]:
    told, sample = draft.told, draft.sample
    given = {"department": told.department, "format": sample.format, **draft.feed}
    if sample.format != "xlsx":
        given["encoding"] = sample.encoding
    if sample.format == "csv" and sample.delimiter != ",":
        given["delimiter"] = sample.delimiter
    yield from _asked(draft, "", "feed")
    yield from ("apiVersion: v3.2.0", "kind: DataContract", f"id: {told.feed}")
    yield from _asked(draft, "", "label")
    yield from (f"name: {quoted(told.label.en)}", "version: 1.0.0", "status: draft", "domain: base-management", "description:")
    yield f"  purpose: {quoted(f'Drafted from a sample of {len(sample.headers)} columns.')}"
    yield from ("customProperties:", f"  - {{property: cabin.label, value: {flow(told.label)}}}")
    for name in ORDER:
        yield from _asked(draft, "  ", name)
        if name in given:
            yield f"  - {{property: cabin.{name}, value: {flow(given[name])}}}"


def _layout(draft: Draft) -> Iterable[str]:
    name = draft.told.feed
    yield from ("schema:", f"  - name: {name}", f"    physicalName: cabin.raw.{name}", "    physicalType: topic")
    if draft.rules:
        yield "    quality:"
        yield from (line for rule in draft.rules for line in _rule(rule, "      "))
    yield from _asked(draft, "    ", "purpose")
    yield "    properties:"
    for column in draft.columns:
        yield from _asked(draft, "      ", column.name)
        yield from _column(name, column)


def _column(feed: str, column: DraftColumn) -> Iterable[str]:
    type_ = column.type or "ask"
    yield f"      - name: {column.name}  # {_line(column.header)}: {column.confidence:.2f}"
    yield f"        id: {feed}.{column.name}"
    yield f"        logicalType: {LOGICAL.get(column.type or 'text', column.type)}"
    if type_ in ("code", "address", "decimal", "ask") or (type_ == "text" and column.role == "amount"):
        yield f"        physicalType: {type_}"
    zh = column.description.zh or f"部门表头：{column.header}。"
    en = column.description.en or f"As delivered under {column.header}."
    yield f"        required: {str(column.required).lower()}"
    yield f"        synonyms: [{{synonym: {quoted(column.header)}, locale: zh-CN, description: {quoted(zh)}}}]"
    yield f"        description: {quoted(en)}"
    yield f"        classification: {column.classification}"
    yield "        customProperties:"
    given = {"purpose": column.purpose, "legal_basis": column.legal_basis, **column.properties}
    yield from (f"          - {{property: cabin.{name}, value: {quoted(value)}}}" for name, value in given.items() if value)
    if column.rules:
        yield "        quality:"
        yield from (line for rule in column.rules for line in _rule(rule, "          "))


def _rule(rule: Rule, indent: str) -> Iterable[str]:
    yield f"{indent}- name: {rule.reason}"
    yield from (
        f"{indent}  type: custom",
        f"{indent}  engine: duckdb",
        f"{indent}  implementation: {quoted(rule.holds)}",
        f"{indent}  severity: {rule.severity}",
    )
    if rule.limit:
        yield from (f"{indent}  mustBeLessOrEqualTo: {rule.limit.percent:g}", f"{indent}  unit: percent")
    given = {"label": flow(rule.label), "blanks": rule.blanks or "", "least_rows": str(rule.limit.least_rows) if rule.limit else ""}
    yield f"{indent}  customProperties:"
    yield from (f"{indent}    - {{property: cabin.{name}, value: {value}}}" for name, value in given.items() if value)


def _mapping(draft: Draft, mapping: DraftMapping) -> Iterable[str]:
    if mapping is draft.mappings[0]:
        yield from _asked(draft, "  ", "mapping")
    yield from (f"  - name: {mapping.name}", "    physicalName: cabin.claims")
    if mapping.properties:
        yield "    customProperties:"
        yield from (f"      - {{property: cabin.{name}, value: {quoted(value)}}}" for name, value in mapping.properties.items())
    yield f"    properties:{'' if mapping.columns else ' []'}"
    yield from (f"      - {{name: {name}, transformLogic: {quoted(sql)}}}" for name, sql in mapping.columns)
