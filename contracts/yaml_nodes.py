"""YAML values that remember where they stand, so that a mistake can be told with its line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Lines:
    """The line (from 1 on) of every value by its path, for a mapping's entry that of its key; the keys a mapping has twice,
    with the line of the second; and the lines of aliases, which contracts must not use: they can make a document endless."""

    of: dict[Path, int]
    repeated: tuple[tuple[str, int], ...] = ()
    aliases: tuple[int, ...] = ()

    def at(self, path: Path) -> int:
        """The line of a path, or of the nearest thing around it that has one."""
        return next((self.of[path[:length]] for length in range(len(path), 0, -1) if path[:length] in self.of), 1)


def lines_of(text: str) -> Lines:
    """Where everything in a document stands."""
    found: dict[Path, int] = {}
    repeated: list[tuple[str, int]] = []
    aliases: list[int] = []
    root = yaml.compose(text, Loader=yaml.CSafeLoader)
    stack: list[tuple[Path, yaml.Node]] = [((), root)] if root else []
    met = {id(root)}
    while stack:
        path, node = stack.pop()
        for step, line, child in _members(node):
            if (*path, step) in found:
                repeated.append((str(step), line + 1))
            found[*path, step] = line + 1
            if id(child) in met:
                aliases.append(line + 1)
            else:
                met.add(id(child))
                stack.append(((*path, step), child))
    return Lines(found, tuple(repeated), tuple(aliases))


def _members(node: yaml.Node) -> Iterator[tuple[str | int, int, yaml.Node]]:
    if isinstance(node, yaml.MappingNode):
        yield from ((key.value, key.start_mark.line, child) for key, child in node.value)
    elif isinstance(node, yaml.SequenceNode):
        yield from ((index, child.start_mark.line, child) for index, child in enumerate(node.value))


@dataclass(frozen=True, slots=True)
class Node:
    """A value in a document and the path to it. Asking for what is not there gives a node without value at the same path."""

    value: Any
    path: Path = ()

    def __getitem__(self, key: str) -> Node:
        if isinstance(self.value, Mapping) and key in self.value:
            return Node(self.value[key], (*self.path, key))
        return Node(None, self.path)

    def __bool__(self) -> bool:
        return self.value is not None

    def __iter__(self) -> Iterator[Node]:
        """The members of a list; a single value counts as a list of one; nothing as an empty list."""
        if isinstance(self.value, list):
            yield from (Node(each, (*self.path, index)) for index, each in enumerate(self.value))
        elif self.value is not None:
            yield self

    @property
    def text(self) -> str:
        """The value as text; empty where there is none."""
        return "" if self.value is None else str(self.value)

    def items(self) -> Iterator[tuple[str, Node]]:
        """Entries of a mapping."""
        if isinstance(self.value, Mapping):
            yield from ((str(key), Node(value, (*self.path, key))) for key, value in self.value.items())

    def custom(self, name: str) -> Node:
        """The value of our property `cabin.<name>` of this object; without value, at this object, where it is absent."""
        for each in self["customProperties"]:
            if each["property"].value == f"cabin.{name}":
                value = each["value"]
                return value if value else Node(None, each.path)
        return Node(None, self.path)
