"""Every column and what it is made from, walked both ways. Pure; a table's columns are traced when a walk first comes to it.

A *column* is (dataset, name), see `sources`. Two names stand for no column in particular: `(rows)`, how many rows there are, and `*`, any column: where an SQL is beyond the parser
only the tables it reads are known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from contracts.model import Contracts
from warehouse.catalogue import MartFile
from warehouse.lineage.sources import MOMENT, ROWS, Column, Sources, dataset, history_sources, select_sources, selected, wide_sources
from warehouse.relations import Relation, relations
from warehouse.schema import tables
from warehouse.wide import wide_name

ANY = "*"
AT = datetime(2000, 1, 1)
"""Relations hold a day as a literal; which one makes no difference to their columns."""


@dataclass(frozen=True, slots=True, order=True)
class Step:
    """A column that a walk came to: how many steps away (from 1 on), and the columns nearer to the beginning that led to it, in order."""

    depth: int
    column: Column
    over: tuple[Column, ...]


@dataclass
class Graph:
    """The lineage of one release: its contracts, and mart files by name."""

    contracts: Contracts
    marts: Mapping[str, MartFile]
    _sources: dict[str, Sources] = field(default_factory=dict)

    def made_from(self, column: Column) -> frozenset[Column]:
        """One step back; empty for a feed's column and for what landing and normalising tell themselves."""
        table, name = column
        if column == MOMENT or table.startswith("feed."):
            return frozenset()
        traced = self._traced(table)
        if name in traced:
            return traced[name]
        return frozenset((each, ROWS if name == ROWS else ANY) for each in self._reads(table))

    def back(self, column: Column) -> list[Step]:
        """Everything a column is made from, nearest first, then in the order of names."""
        return _walk(column, self.made_from)

    def forward(self, column: Column) -> list[Step]:
        """Everything that is made from a column, nearest first, then in the order of names."""

        def made(each: Column) -> frozenset[Column]:
            whole = frozenset() if each[1] == ROWS else self._made_into.get((each[0], ANY), frozenset())
            return self._made_into.get(each, frozenset()) | whole

        return _walk(column, made)

    def columns(self, table: str) -> tuple[str, ...]:
        """The columns of a dataset as far as they are known; nothing where there is none of this name."""
        part, _, name = table.partition(".")
        if part == "feed" and name in self.contracts.feeds:
            return tuple(each.name for each in self.contracts.feeds[name].columns)
        if part == "marts" and name in self.contracts.marts:
            return tuple(each.name for each in self.contracts.marts[name].columns)
        if table not in self.datasets:
            return ()
        return tuple(self._traced(table)) or selected(self._compiled.get(name, ""))

    @cached_property
    def datasets(self) -> tuple[str, ...]:
        """All of them, those nearest to departments first."""
        kinds = self.contracts.kinds
        history = [f"history.{name}" for name in tables(self.contracts) if not name.startswith("golden_")]
        golden = [f"golden.{kind}" for kind in kinds]
        wide = [f"marts.{wide_name(kind)}" for kind in kinds]
        return (
            *(f"feed.{name}" for name in self.contracts.feeds),
            *history,
            *golden,
            *wide,
            *(f"relation.{name}" for name in self._relations),
            *(f"marts.{name}" for name in self.marts),
        )

    @cached_property
    def _relations(self) -> Mapping[str, Relation]:
        return relations(self.contracts, AT)

    @cached_property
    def _wide(self) -> Mapping[str, str]:
        return {wide_name(kind): kind for kind in self.contracts.kinds}

    @cached_property
    def _made_into(self) -> Mapping[Column, frozenset[Column]]:
        found: dict[Column, set[Column]] = {}
        for table in self.datasets:
            for name in (*self.columns(table), ROWS):
                for source in self.made_from((table, name)):
                    found.setdefault(source, set()).add((table, name))
        return {source: frozenset(made) for source, made in found.items()}

    def _traced(self, table: str) -> Sources:
        if table not in self._sources:
            self._sources[table] = self._trace(table)
        return self._sources[table]

    def _trace(self, table: str) -> Sources:
        part, _, name = table.partition(".")
        if part == "history":
            return history_sources(self.contracts, name)
        if part == "golden" or name in self._wide:
            return wide_sources(self.contracts, self.contracts.kinds[self._wide.get(name, name)])
        select = self._relations.get(name) if part == "relation" else self.marts.get(name)
        return select_sources(self.contracts, select.sql, select.reads, self._compiled) if select else {}

    @cached_property
    def _compiled(self) -> Mapping[str, str]:
        return {name: relation.sql for name, relation in self._relations.items()}

    def _reads(self, table: str) -> Iterable[str]:
        """The datasets behind a dataset as a whole."""
        part, _, name = table.partition(".")
        if part in ("history", "golden") or name in self._wide:
            return sorted({each for columns in self._traced(table).values() for each, _ in columns})
        read = self._relations[name].reads if part == "relation" else self.marts[name].reads
        return sorted({dataset(self.contracts, each) for each in read})


def _walk(begin: Column, near: Callable[[Column], Iterable[Column]]) -> list[Step]:
    met, steps, edge, depth = {begin}, list[Step](), [begin], 0
    while edge:
        depth += 1
        over: dict[Column, list[Column]] = {}
        for column in edge:
            for found in near(column):
                over.setdefault(found, []).append(column)
        edge = sorted(set(over) - met)
        met |= set(edge)
        steps += [Step(depth, column, tuple(sorted(over[column]))) for column in edge]
    return steps
