"""Feeds whose SQL calls a macro that says something else now: macros have no version, so nothing is asked of the feeds, but it is told."""

from __future__ import annotations

import re
from collections.abc import Iterator

from contracts.evolution.pairs import plain
from contracts.model import Contracts, Feed
from contracts.normalising.shared import MACRO

STATEMENT = re.compile(r"^create\b", re.IGNORECASE | re.MULTILINE)
WORD = re.compile(r"\w+")


def changed_macros(old: Contracts, new: Contracts) -> frozenset[str]:
    """The macros that give something else, by themselves or through one they call; one that is gone counts too. None where a side has no macros: it holds some files only."""
    before, after = macros_in(old.rules_sql), macros_in(new.rules_sql)
    if not before or not after:
        return frozenset()
    changed = {name for name in before if before[name] != after.get(name)}
    while more := {name for name in after if name not in changed and changed & set(WORD.findall(after[name]))}:
        changed |= more
    return frozenset(changed)


def macros_in(rules_sql: str) -> dict[str, str]:
    """Macros by name with the text of their statement, without comments and the accidents of layout."""
    bare = re.sub(r"--[^\n]*", "", rules_sql)
    return {found[1]: plain(text) for text in STATEMENT.split(bare)[1:] if (found := MACRO.search(text))}


def calling(contracts: Contracts, macros: frozenset[str]) -> Iterator[tuple[str, list[str]]]:
    """The feeds that call one of some macros, with those they call; names in order."""
    for name, feed in sorted(contracts.feeds.items()) if macros else ():
        called = sorted(macros & {word for sql in _sqls(feed) for word in WORD.findall(sql)})
        if called:
            yield name, called


def _sqls(feed: Feed) -> Iterator[str]:
    yield from (*feed.observed_at, feed.area, *(sql for sql in (feed.rank, feed.operation, feed.record, feed.minors and feed.minors.stay) if sql))
    yield from (rule.holds for rule in feed.rules)
    yield from (column.identifier_when for column in feed.columns if column.identifier_when)
    for mapping in feed.mappings:
        yield from (sql for sql in (mapping.entity, mapping.record, mapping.where, mapping.merged_into) if sql)
        yield from (column.sql for column in mapping.columns)
