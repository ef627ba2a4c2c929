"""Mistakes in the contracts of kinds and marts."""

from __future__ import annotations

from collections.abc import Iterable

from contracts.check_quality import quality_problems
from contracts.check_scope import Found, Scope, document_problems, field_problems, needs, only_known, type_problems
from contracts.facts import LINK
from contracts.yaml_nodes import Node

KIND_PROPERTIES = ("label", "description_zh", "title", "retention_days", "priorities")
ATTRIBUTE_PROPERTIES = ("purpose", "legal_basis", "freshness_days", "visit", "code_list", "group", "unit")


def kind_problems(root: Node, scope: Scope) -> Iterable[Found]:
    """All mistakes of one kind."""
    schema = next(iter(root["schema"]), Node(None))
    attributes = {item["name"].text: item for item in schema["properties"]}
    yield from document_problems(root, scope, "kind")
    yield from only_known(root, KIND_PROPERTIES)
    yield from needs(root, ("retention_days", "priorities"))
    if "present" not in attributes:
        yield Found("missing-property", schema.path, (("name", "present"),))
    yield from _title_problems(root, attributes)
    yield from _priority_problems(root, attributes, scope)
    for item in schema["properties"]:
        yield from _attribute_problems(item, scope)
    yield from quality_problems(schema, scope, (*current_columns(root["id"].text), *attributes))


def current_columns(kind: str) -> tuple[str, ...]:
    """What every row of a kind's current table tells besides its attributes, and a promise may read."""
    return (*("entity", "area"), *(name for name, _ in LINK if kind == "residency"))


def _title_problems(root: Node, attributes: dict[str, Node]) -> Iterable[Found]:
    title = root.custom("title")
    if title and title.text not in attributes:
        yield Found("unknown-column", title.path, (("name", title.text), ("allowed", ", ".join(attributes))))


def _priority_problems(root: Node, attributes: dict[str, Node], scope: Scope) -> Iterable[Found]:
    """Priorities name units of the kind, and feeds of the release that deliver them: a rank that never speaks misleads its reader."""
    kind, units = root["id"].text, {item.custom("group").text or name for name, item in attributes.items()}
    for unit, ranks in root.custom("priorities").items():
        if unit != "*" and unit not in units:
            yield Found("unknown-unit", ranks.path, (("target", kind), ("name", unit), ("allowed", ", ".join(sorted(units)))))
        for source in (each for rank in ranks for each in rank):
            if source.text not in scope.feeds:
                yield Found("unknown-source", source.path, (("name", source.text),))
            elif not any(f"{source.text} {target}" in scope.delivered for target in _targets(kind, unit, attributes)):
                yield Found("ranked-but-silent", source.path, (("name", source.text), ("target", kind if unit == "*" else f"{kind}.{unit}")))


def _targets(kind: str, unit: str, attributes: dict[str, Node]) -> list[str]:
    """What a source of the unit delivers at least one of: the kind itself, the attribute, a member of the group."""
    return [kind] if unit == "*" else [f"{kind}.{name}" for name, item in attributes.items() if (item.custom("group").text or name) == unit]


def _attribute_problems(item: Node, scope: Scope) -> Iterable[Found]:
    yield from field_problems(item, scope)
    yield from type_problems(item)
    yield from only_known(item, ATTRIBUTE_PROPERTIES)
    days = item.custom("freshness_days")
    if not isinstance(days.value, int) or days.value < 0:
        yield Found("missing-property", days.path, (("name", "cabin.freshness_days"),))


def mart_problems(root: Node, scope: Scope) -> Iterable[Found]:
    """All mistakes of one mart."""
    schema = next(iter(root["schema"]), Node(None))
    yield from document_problems(root, scope, "mart")
    yield from needs(root, ("consumers", "purpose"))
    if not any(item["primaryKey"].value is True for item in schema["properties"]):
        yield Found("missing-grain", schema.path)
    for item in schema["properties"]:
        yield from field_problems(item, scope, purpose=False)
        if not item["physicalType"]:
            yield Found("missing-property", item.path, (("name", "physicalType"),))
    yield from quality_problems(schema, scope, [item["name"].text for item in schema["properties"]])
