"""One change of a feed each, chosen at random; the name says what is done, not which rule should find it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

from contracts.model import Column, Feed, Label, Mapped, Mapping, Severity
from tests.contracts.evolution.evolving import TYPES, column, rule

Mutation = Callable[[Feed, Random], Feed | None]
"""None where the feed has nothing to change in this way."""


def _column(feed: Feed, which: str, **changes: object) -> Feed:
    return replace(feed, columns=tuple(replace(each, **changes) if each.name == which else each for each in feed.columns))  # type: ignore[arg-type]


def _own(feed: Feed, chance: Random) -> Column:
    return chance.choice([each for each in feed.columns if each.name.startswith("c")])


def _rename(feed: Feed, chance: Random) -> Feed:
    old = _own(feed, chance).name
    rules = tuple(
        replace(each, column="renamed", blanks=each.blanks and "renamed", holds=each.holds.replace(old, "renamed")) if each.column == old else each
        for each in feed.rules
    )
    mappings = tuple(replace(each, columns=tuple(replace(one, sql="renamed" if one.sql == old else one.sql) for one in each.columns)) for each in feed.mappings)
    return replace(_column(feed, old, name="renamed"), rules=rules, mappings=mappings)


def _remove(feed: Feed, chance: Random) -> Feed:
    old = _own(feed, chance).name
    columns = tuple(each for each in feed.columns if each.name != old)
    mappings = tuple(replace(each, columns=tuple(one for one in each.columns if one.sql != old)) for each in feed.mappings)
    return replace(feed, columns=columns, rules=tuple(each for each in feed.rules if each.column != old), mappings=mappings)


def _add(feed: Feed, chance: Random) -> Feed:
    return replace(feed, columns=(*feed.columns, column("added", chance.choice(TYPES), required=chance.random() < 0.5)))


def _retype(feed: Feed, chance: Random) -> Feed:
    return _column(feed, _own(feed, chance).name, type=chance.choice(TYPES))


def _require(feed: Feed, chance: Random) -> Feed:
    old = _own(feed, chance)
    return _column(feed, old.name, required=not old.required)


def _head(feed: Feed, chance: Random) -> Feed:
    """Another first header; the old one is kept beside it, or not."""
    old = _own(feed, chance)
    return _column(feed, old.name, header="新表头", other_headers=(*old.other_headers, old.header) if chance.random() < 0.5 else old.other_headers)


def _limit(feed: Feed, chance: Random) -> Feed:
    return replace(feed, free_text_limit=feed.free_text_limit + chance.choice([-10, 10]))


def _add_rule(feed: Feed, chance: Random) -> Feed:
    """About a column that no rule speaks of, so that the new one can be broken."""
    free = [each for each in ("state", "extra") if not any(one.column == each for one in feed.rules)]
    return replace(feed, rules=(*feed.rules, replace(rule(chance, "added", column(free[0])), holds=f"{free[0]} <> '7'", column=free[0], blanks=None)))


def _drop_rule(feed: Feed, chance: Random) -> Feed | None:
    return replace(feed, rules=feed.rules[1:]) if feed.rules else None


def _tighten(feed: Feed, chance: Random) -> Feed | None:
    return replace(feed, rules=(replace(feed.rules[0], holds=f"{feed.rules[0].column} is null"), *feed.rules[1:])) if feed.rules else None


def _severity(feed: Feed, chance: Random) -> Feed | None:
    if not feed.rules:
        return None
    first = feed.rules[0]
    other = Severity.WARNING if first.severity is Severity.ERROR else Severity.ERROR
    return replace(feed, rules=(replace(first, severity=other, blanks=None), *feed.rules[1:]))


def _key(feed: Feed, chance: Random) -> Feed:
    return replace(feed, mappings=(replace(feed.mappings[0], entity="nullif(extra, '')"), *feed.mappings[1:]))


def _target(feed: Feed, chance: Random) -> Feed:
    return replace(feed, mappings=(*feed.mappings, Mapping("business", (Mapped("name", "state"),), entity="nullif(extra, 'x')")))


def _drop_target(feed: Feed, chance: Random) -> Feed | None:
    return replace(feed, mappings=feed.mappings[1:]) if len(feed.mappings) > 1 else None


def _say(feed: Feed, chance: Random) -> Feed:
    first = feed.mappings[0]
    columns = chance.choice([first.columns[:-1], (*first.columns, Mapped("level", "extra")), (first.columns[0], Mapped("grade", "upper(state)"))])
    return replace(feed, mappings=(replace(first, columns=columns), *feed.mappings[1:]))


def _words(feed: Feed, chance: Random) -> Feed:
    return replace(_column(feed, "state", description="said otherwise", purpose="other"), label=Label("别的", "other"))


def _order(feed: Feed, chance: Random) -> Feed:
    return replace(feed, columns=feed.columns[::-1])


MUTATIONS: dict[str, Mutation] = {
    "rename a column": _rename,
    "remove a column": _remove,
    "add a column": _add,
    "give a column another type": _retype,
    "make a column required or not": _require,
    "give a column another header": _head,
    "change the length of texts": _limit,
    "add a rule": _add_rule,
    "drop a rule": _drop_rule,
    "tighten a rule": _tighten,
    "change a severity": _severity,
    "change a key": _key,
    "add a target": _target,
    "drop a target": _drop_target,
    "say something else": _say,
    "change words": _words,
    "change the order of columns": _order,
}
