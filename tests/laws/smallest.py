"""When a law breaks: the smallest set of facts that still breaks it, in readable lines."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from tests.laws.worlds import START

Facts = list[Any]


def smallest(facts: Sequence[Any], breaks: Callable[[Facts], bool], tries: int = 1000) -> Facts:
    """Leave out halves, quarters, ... and at last single facts, as long as the law still breaks; gives up after some tries."""
    kept, size = list(facts), max(1, len(facts) // 2)
    while tries > 0:
        before, stop = len(kept), len(kept)
        while stop > 0 and tries > 0:
            start = max(0, stop - size)
            tries -= 1
            if breaks(kept[:start] + kept[stop:]):
                kept = kept[:start] + kept[stop:]
            stop = start
        if size == 1 and len(kept) == before:
            break
        size = max(1, size // 2)
    return kept


def described(facts: Sequence[Any]) -> str:
    return "\n".join(f"  {type(fact).__name__}({', '.join(_shown(fact))})" for fact in facts)


def differences(expected: Mapping[str, Any], found: Mapping[str, Any]) -> list[str]:
    """The paths at which two golden results differ, with both values."""
    lines: list[str] = []
    for key in sorted(expected.keys() | found.keys(), key=str):
        mine, other = expected.get(key), found.get(key)
        if mine == other:
            continue
        if isinstance(mine, Mapping) and isinstance(other, Mapping):
            lines += [f"{key} > {line}" for line in differences(mine, other)]
        else:
            lines.append(f"{key}: expected {mine!r}, found {other!r}")
    return lines


def _shown(fact: Any) -> list[str]:
    """Fields that say something; moments as days of the world."""
    given = [(field.name, getattr(fact, field.name), field.default) for field in fields(fact)]
    return [f"{name}={f'day {(value - START).days}' if isinstance(value, datetime) else value!r}" for name, value, default in given if value != default]
