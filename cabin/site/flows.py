"""Lineage between whole datasets, and the part of it that one dataset has to do with. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from contracts.model import Contracts
from warehouse.lineage import Graph
from warehouse.lineage.sources import ROWS, Column

DEPARTMENT = "department."
LEAST_LAYER = {"department": 0, "feed": 1, "history": 2}
COMPUTED = 3
"""What departments deliver becomes claims and facts, those become golden records; everything else comes after what it reads."""


@dataclass(frozen=True, slots=True)
class Net:
    """Datasets with the layer in which each is drawn, and which is made from which: (source, made)."""

    layers: Mapping[str, int]
    edges: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Flows:
    """Of one release. A department is a dataset here whose feeds are made from it."""

    graph: Graph

    @property
    def contracts(self) -> Contracts:
        return self.graph.contracts

    @cached_property
    def reads(self) -> Mapping[str, frozenset[str]]:
        """By dataset those it is made from, one step back."""
        found = {table: frozenset(self._read(table)) - {table, ""} for table in self.graph.datasets}
        feeds = {f"feed.{name}": frozenset([department(self.contracts, name)]) for name in self.contracts.feeds}
        return {**found, **feeds, **{each: frozenset[str]() for made in feeds.values() for each in made}}

    @cached_property
    def read_by(self) -> Mapping[str, frozenset[str]]:
        made: dict[str, set[str]] = {name: set() for name in self.reads}
        for name, sources in self.reads.items():
            for source in sources:
                made[source].add(name)
        return {name: frozenset(each) for name, each in made.items()}

    @cached_property
    def layers(self) -> Mapping[str, int]:
        found: dict[str, int] = {}

        def layer(name: str) -> int:
            if name not in found:
                found[name] = max([LEAST_LAYER.get(name.partition(".")[0], COMPUTED), *(layer(each) + 1 for each in self.reads[name])])
            return found[name]

        return {name: layer(name) for name in sorted(self.reads)}

    def behind(self, name: str) -> Net:
        """All that a dataset is made from, and itself."""
        return self._net(_reached(name, self.reads))

    def ahead(self, name: str) -> Net:
        """All that is made from a dataset, itself, and of a feed its department."""
        return self._net(_reached(name, self.read_by) | {each for each in self.reads[name] if each.startswith(DEPARTMENT)})

    def whole(self) -> Net:
        """Departments, feeds, what they deliver (claims by kind, facts of visits) and marts: which mart rests on what, by whatever way."""
        said = {name: 2 for name, sources in self.reads.items() if name.startswith("history.") and any(each.startswith("feed.") for each in sources)}
        marts = {f"marts.{name}": COMPUTED for name in self.graph.marts}
        early = {name: layer for name, layer in self.layers.items() if layer < 2}
        edges = {(source, name) for name in (*early, *said) for source in self.reads[name]}
        edges |= {(claim, mart) for mart in marts for claim in said if claim in _reached(mart, self.reads)}
        return Net({**early, **said, **marts}, tuple(sorted(edges)))

    def delivered(self, column: Column) -> list[Column]:
        """The departments' columns behind a column, in the order of names."""
        return sorted(step.column for step in self.graph.back(column) if step.column[0].startswith("feed.") and step.column[1] != ROWS)

    def _read(self, table: str) -> Iterable[str]:
        return (source for name in (*self.graph.columns(table), ROWS) for source, _ in self.graph.made_from((table, name)))

    def _net(self, names: Iterable[str]) -> Net:
        kept = frozenset(names)
        edges = ((source, name) for name in kept for source in self.reads[name] if source in kept)
        return Net({name: self.layers[name] for name in sorted(kept)}, tuple(sorted(edges)))


def department(contracts: Contracts, feed: str) -> str:
    return f"{DEPARTMENT}{contracts.feeds[feed].department.en}"


def _reached(begin: str, near: Mapping[str, Iterable[str]]) -> frozenset[str]:
    met, edge = {begin}, [begin]
    while edge:
        for each in near[edge.pop()]:
            if each not in met:
                met.add(each)
                edge.append(each)
    return frozenset(met)
