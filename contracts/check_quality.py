"""Mistakes in the `quality` entries of kinds and marts: a check that does not exist, an argument it does not take, a limit that nobody applies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from contracts.check_scope import Found, Scope, labelled, one_of, only_known
from contracts.checks import ENGINES, METRICS, UNITS, VOCABULARY, Means
from contracts.yaml_nodes import Node

LIMITS = ("mustNotBe", "mustBeGreaterThan", "mustBeGreaterOrEqualTo", "mustBeLessThan", "mustBeBetween", "mustNotBeBetween")
"""What the standard offers besides `mustBe` and `mustBeLessOrEqualTo`."""
LIBRARY_ARGUMENTS: Mapping[str, tuple[str, ...]] = {"invalidValues": ("validValues", "codeList")}


def quality_problems(schema: Node, scope: Scope, columns: Iterable[str]) -> Iterator[Found]:
    """All mistakes of the entries of one table with these columns."""
    known = tuple(columns)
    names: set[str] = set()
    for entry, within in entries(schema):
        yield from _entry_problems(entry, within, scope, known)
        name = entry["name"]
        if name and name.text in names:
            yield Found("duplicate-name", name.path, (("name", name.text),))
        names.add(name.text)


def entries(schema: Node) -> Iterator[tuple[Node, bool]]:
    """Every entry, and whether it stands at a column."""
    yield from ((entry, False) for entry in schema["quality"])
    yield from ((entry, True) for item in schema["properties"] for entry in item["quality"])


def _limit_problems(entry: Node, counts: bool = False) -> Iterator[Found]:
    """`mustBe: 0`, or `mustBeLessOrEqualTo` in rows or percent; what counts the rows of a table (`counts`) is given both ends instead."""
    permitted = {"mustBeGreaterOrEqualTo"} if counts else set()
    yield from (Found("unusable-limit", entry[name].path, (("name", name),)) for name in LIMITS if entry[name] and name not in permitted)
    yield from one_of(entry["unit"], "unit", UNITS)
    if entry["mustBe"] and entry["mustBe"].text != "0":
        yield Found("unusable-limit", entry["mustBe"].path, (("name", "mustBe"),))
    most = entry["mustBeLessOrEqualTo"]
    highest = 100 if entry["unit"].text == "percent" else float("inf")
    if most and not (isinstance(most.value, int | float) and not isinstance(most.value, bool) and 0 <= most.value <= highest):
        yield Found("unusable-limit", most.path, (("name", "mustBeLessOrEqualTo"),))


def _entry_problems(entry: Node, at_column: bool, scope: Scope, columns: tuple[str, ...]) -> Iterator[Found]:
    yield from (Found("missing-property", entry.path, (("name", name),)) for name in ("name", "severity", "type") if not entry[name])
    yield from one_of(entry["severity"], "severity", ("error", "warning"))
    yield from one_of(entry["type"], "type", ("library", "custom"))
    yield from only_known(entry, ("label",))
    yield from labelled(entry)
    yield from _limit_problems(entry, counts=bool(entry["metric"]) and entry["metric"].text not in METRICS.keys() - {"rowCount"})
    if entry["type"].text == "library":
        yield from _library_problems(entry, at_column, scope)
    elif entry["type"].text == "custom":
        yield from _custom_problems(entry, at_column, scope, columns)


def _library_problems(entry: Node, at_column: bool, scope: Scope) -> Iterator[Found]:
    metric = entry["metric"]
    if metric.text not in METRICS:
        yield Found("unknown-check", metric.path, (("name", metric.text or "?"), ("allowed", ", ".join(METRICS))))
        return
    taken = LIBRARY_ARGUMENTS.get(metric.text, ())
    for name, node in entry["arguments"].items():
        if name not in taken:
            yield Found("unknown-property", node.path, (("name", f"arguments.{name}"),))
    if taken and not any(entry["arguments"][name] for name in taken):
        yield Found("missing-property", entry.path, (("name", f"arguments.{taken[0]}"),))
    yield from _list_problems(entry["arguments"]["codeList"], scope)
    if (metric.text != "rowCount") != at_column:
        yield Found(
            "unknown-value", metric.path, (("name", "metric"), ("value", metric.text), ("allowed", "rowCount" if not at_column else ", ".join(METRICS)))
        )


def _custom_problems(entry: Node, at_column: bool, scope: Scope, columns: tuple[str, ...]) -> Iterator[Found]:
    """A condition is judged by the engine (`contracts.check_sql`), a check by its word here."""
    made = entry["implementation"]
    yield from one_of(entry["engine"], "engine", ENGINES)
    if not made or not entry["engine"]:
        yield Found("missing-property", entry.path, (("name", "implementation" if entry["engine"] else "engine"),))
        return
    if entry["engine"].text != "greatExpectations":
        return
    asked = made["type"]
    if asked.text not in VOCABULARY:
        yield Found("unknown-check", (asked or made).path, (("name", asked.text or "?"), ("allowed", ", ".join(VOCABULARY))))
        return
    word, given = VOCABULARY[asked.text], dict(made["kwargs"].items())
    needed = [name for name in word.needs if name not in given and not (name == "column" and at_column)]
    yield from (Found("missing-property", made.path, (("name", f"kwargs.{name}"),)) for name in needed)
    if "value_set" in word.arguments and not given.keys() & {"value_set", "code_list"}:
        yield Found("missing-property", made.path, (("name", "kwargs.value_set"),))
    listed = given.get("column_list")
    if word.counts and listed is not None and isinstance(listed.value, list) and len(listed.value) not in word.counts:
        counts = " / ".join(str(count) for count in word.counts)
        yield Found("unknown-value", listed.path, (("name", "kwargs.column_list"), ("value", listed.text), ("allowed", f"{counts} columns")))
    for name, node in given.items():
        if name not in word.arguments:
            yield Found("unknown-property", node.path, (("name", f"kwargs.{name}"),))
        else:
            yield from _argument_problems(word.arguments[name], name, node, scope, columns)


def _argument_problems(means: Means, name: str, node: Node, scope: Scope, columns: tuple[str, ...]) -> Iterator[Found]:
    if means in ("columns", "words") and not (isinstance(node.value, list) and all(isinstance(each, str) for each in node.value)):
        yield Found("unknown-value", node.path, (("name", f"kwargs.{name}"), ("value", node.text), ("allowed", "[a, b]")))
        return
    if means in ("column", "columns"):
        named = [node] if means == "column" else list(node)
        yield from (Found("unknown-column", each.path, (("name", each.text), ("allowed", ", ".join(columns)))) for each in named if each.text not in columns)
    if means == "number" and (isinstance(node.value, bool) or not isinstance(node.value, int | float)):
        yield Found("unknown-value", node.path, (("name", f"kwargs.{name}"), ("value", node.text), ("allowed", "0, 1, 2 ...")))
    if means == "list":
        yield from _list_problems(node, scope)


def _list_problems(node: Node, scope: Scope) -> Iterator[Found]:
    if node and node.text not in scope.code_lists:
        yield Found("unknown-code-list", node.path, (("name", node.text),))
