"""Mistakes in what a feed says about its older versions, and in the files of those."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from contracts.check_feed import layout_problems, mapping_problems
from contracts.check_scope import Found, Scope
from contracts.check_sql import Expression
from contracts.odcs import major
from contracts.yaml_nodes import Node

UPCAST = ("from", "columns")


def upcast_problems(root: Node, scope: Scope) -> Iterable[Found]:
    """Every upcast names an older version that is kept and columns that exist; an identifier comes from the older column of its sort and from nowhere else."""
    columns = {item["name"].text: item for item in next(iter(root["schema"]), Node(None))["properties"]}
    seen: set[str] = set()
    for upcast in root.custom("upcasts"):
        if not isinstance(upcast.value, dict) or not isinstance(upcast["from"].value, int):
            yield Found("missing-property", upcast.path, (("name", "cabin.upcasts.from"),))
            continue
        yield from (Found("unknown-property", node.path, (("name", f"cabin.upcasts.{name}"),)) for name, node in upcast.items() if name not in UPCAST)
        yield from _version_problems(root, upcast, scope, seen)
        for name, node in upcast["columns"].items():
            if name not in columns:
                yield Found("unknown-column", node.path, (("name", name), ("allowed", ", ".join(columns))))
            elif columns[name].custom("identifier") and not _from_token(root, upcast, node, columns[name], scope):
                yield Found("identifier-from-cell", node.path, (("name", name),))


def _version_problems(root: Node, upcast: Node, scope: Scope, seen: set[str]) -> Iterator[Found]:
    version = upcast["from"]
    if version.text in seen or version.value >= major(root["version"].text or None):
        yield Found(
            "unknown-value",
            version.path,
            (("name", "cabin.upcasts.from"), ("value", version.text), ("allowed", f"1 ... {major(root['version'].text or None) - 1}")),
        )
    elif layout_of(root, version.value, scope) is None:
        yield Found("version-not-kept", version.path, (("name", root["id"].text), ("version", version.text)))
    seen.add(version.text)


def _from_token(root: Node, upcast: Node, node: Node, column: Node, scope: Scope) -> bool:
    layout = layout_of(root, upcast["from"].value, scope)
    older = [item for item in layout["properties"] if item["name"].text == node.text.strip()] if layout else []
    return any(item.custom("identifier").text == column.custom("identifier").text for item in older)


def layout_of(root: Node, version: int, scope: Scope) -> Node | None:
    """The layout of a kept version of the same feed."""
    kept = scope.older.get((root["id"].text, version))
    return next(iter(kept["schema"]), None) if kept else None


def older_problems(root: Node, scope: Scope, stem: str) -> Iterable[Found]:
    """Mistakes of an older version. Where a newer one upcasts it, what its mapping makes is asked no more: kinds may have gone on without it."""
    name, version = root["id"].text, major(root["version"].text or None)
    if stem != f"{name}.v{version}":
        yield Found("misnamed-version", root["version"].path, (("name", name), ("version", str(version)), ("file", f"{name}.v{version}.yaml")))
    if f"feed {name}" not in scope.names:
        yield Found("unknown-source", root["id"].path, (("name", name),))
    yield from layout_problems(root, scope)
    if (name, version) not in scope.upcast:
        yield from mapping_problems(root, scope)


def upcast_expressions(root: Node) -> Iterator[Expression]:
    """The SQL of upcasts, each over the rows of the version that it begins from."""
    for upcast in root.custom("upcasts"):
        if isinstance(upcast.value, dict):
            yield from (Expression(node, False, f"raw_v{upcast['from'].text}") for _, node in upcast["columns"].items())
