"""Two versions of one contract side by side, with what belongs together: columns by id, rules by column and reason, mappings by target."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, Protocol, TypeVar

from contracts.evolution.rule import Finds, Found
from contracts.model import Column, Feed, Kind, Mapping, Mart, Rule
from contracts.normalising.shared import TEXT


class Named(Protocol):
    """A column or an attribute: a name that may change and an id that does not."""

    @property
    def name(self) -> str: ...
    @property
    def id(self) -> str: ...


_Part = TypeVar("_Part", bound=Named)
_Contract = TypeVar("_Contract", Feed, Kind, Mart)


@dataclass(frozen=True)
class Pair(Generic[_Contract]):
    """The version before and the version after."""

    old: _Contract
    new: _Contract


@dataclass(frozen=True)
class Matched(Generic[_Part]):
    """Parts of two versions: `kept` in both by id (by name where an id is given to none), `removed`, `added`; each in its version's order."""

    kept: Sequence[tuple[_Part, _Part]]
    removed: Sequence[_Part]
    added: Sequence[_Part]

    @classmethod
    def of(cls, old: Sequence[_Part], new: Sequence[_Part]) -> Matched[_Part]:
        by_id, by_name = {each.id: each for each in new if each.id}, {each.name: each for each in new}
        old_ids = {each.id for each in old}
        pairs = []
        for each in old:
            other = by_id.get(each.id) if each.id in by_id else by_name.get(each.name)
            if other is not None and (other.id == each.id or other.id not in old_ids):
                pairs.append((each, other))
        before, after = {each.name for each, _ in pairs}, {each.name for _, each in pairs}
        return cls(pairs, [each for each in old if each.name not in before], [each for each in new if each.name not in after])

    @property
    def renamed(self) -> dict[str, str]:
        """New names by old ones, where they differ."""
        return {old.name: new.name for old, new in self.kept if old.name != new.name}


class FeedPair(Pair[Feed]):
    """Two versions of a feed."""

    @cached_property
    def columns(self) -> Matched[Column]:
        return Matched.of(self.old.columns, self.new.columns)

    @cached_property
    def rules(self) -> list[tuple[Rule | None, Rule | None]]:
        """Rules about rows side by side, by column and reason; the old one's SQL over the new names."""
        renamed = self.columns.renamed
        old = {(renamed.get(rule.column or "", rule.column), rule.reason): rule for rule in self.old.rules}
        new = {(rule.column, rule.reason): rule for rule in self.new.rules}
        return [(old.get(key), new.get(key)) for key in dict.fromkeys([*old, *new])]

    @cached_property
    def mappings(self) -> list[tuple[Mapping | None, Mapping | None]]:
        """Mappings side by side: by target and rows and, of several such, by their order."""
        old, new = _numbered(self.old.mappings), _numbered(self.new.mappings)
        return [(old.get(key), new.get(key)) for key in dict.fromkeys([*old, *new])]

    def rewritten(self, sql: str | None) -> str:
        """An old expression over the new names of columns, written as one line; empty where there is none."""
        return plain(renamed_in(sql, self.columns.renamed) if sql else "")


class KindPair(Pair[Kind]):
    """Two versions of a kind."""

    @cached_property
    def attributes(self) -> Matched[Any]:
        return Matched.of(self.old.attributes, self.new.attributes)


class MartPair(Pair[Mart]):
    """Two versions of a mart."""

    @cached_property
    def columns(self) -> Matched[Any]:
        return Matched.of(self.old.columns, self.new.columns)


def _numbered(mappings: Iterable[Mapping]) -> dict[tuple[str, str, int], Mapping]:
    found: dict[tuple[str, str, int], Mapping] = {}
    for each in mappings:
        place = sum(key[:2] == (each.target, each.rows) for key in found)
        found[each.target, each.rows, place] = each
    return found


def renamed_in(sql: str, names: dict[str, str]) -> str:
    """`sql` with other words for columns, not inside quoted text; what a check said about a column goes with it."""
    endings = ("", "_check", "_sex_agrees", "_birth_agrees")
    words = {old + end: new + end for old, new in names.items() for end in endings}
    if not words:
        return sql
    spans = [found.span() for found in TEXT.finditer(sql)]
    pattern = re.compile(rf"(?<![\w.])({'|'.join(map(re.escape, words))})(?!\w|\s*\()")
    return pattern.sub(lambda found: found[0] if any(start < found.start() < end for start, end in spans) else words[found[1]], sql)


def plain(sql: str | None) -> str:
    """SQL without the accidents of its layout, so that only what it says is compared."""
    return " ".join((sql or "").split())


def changed(of: Callable[[Any], object]) -> Finds:
    """A rule's `finds`: the contract as a whole says something else about one thing."""

    def finds(pair: Any) -> Iterator[Found]:
        old, new = of(pair.old), of(pair.new)
        if old != new:
            yield Found("", told(old), told(new))

    return finds


def kept(parts: str, holds: Callable[[Any, Any], bool], of: Callable[[Any], object] = lambda part: "") -> Finds:
    """A rule's `finds`: parts that both versions have and of which `holds` is true of old and new; `of` is what is told of each."""

    def finds(pair: Any) -> Iterator[Found]:
        for old, new in getattr(pair, parts).kept:
            if holds(old, new):
                yield Found(new.name, told(of(old)), told(of(new)))

    return finds


def told(value: object) -> str:
    """A value as people read it."""
    if value is None or value == () or value == "":
        return "-"
    if isinstance(value, tuple | list | frozenset):
        return ", ".join(map(str, value))
    return str(value)
