"""Comparing what a fold found with what the reference expects, world by world, and telling a break in few facts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from contracts.model import Contracts
from tests.laws.folding import Golden, by_reference
from tests.laws.smallest import described, differences, smallest
from tests.laws.strategies import Worlds

Fold = Callable[[Sequence[Any]], Golden]
TRIES = 80


def broken(contracts: Contracts, worlds: Worlds, found: Golden) -> dict[int, list[str]]:
    """The differences of every world whose golden rows are not the expected ones."""
    expected: Golden = {kind: {} for kind in contracts.kinds}
    for one in worlds.each:
        for kind, rows in by_reference(contracts, one).items():
            expected[kind] |= rows
    bad: dict[int, list[str]] = {}
    for kind in contracts.kinds:
        for entity in expected[kind].keys() | found[kind].keys():
            mine, other = expected[kind].get(entity), found[kind].get(entity)
            if mine != other:
                bad.setdefault(number_of(entity), []).extend(differences({entity: mine}, {entity: other}))
    return bad


def number_of(entity: str) -> int:
    """The world an entity belongs to."""
    person, _, dwelling = entity.rpartition("@")
    return int(person[1:-1]) if person else int(dwelling[:6]) - 100000


def assert_lawful(contracts: Contracts, worlds: Worlds, fold: Fold) -> None:
    """The fold of all worlds is what the reference expects; otherwise fails with the smallest facts of one broken world."""
    bad = broken(contracts, worlds, fold(worlds.facts))
    if bad:
        number = min(bad)
        raise AssertionError(
            f"seed {worlds.seed}: {len(bad)} of {worlds.count} worlds broken; world {number}:\n"
            + "\n".join(bad[number])
            + "\n"
            + fewest(contracts, worlds.each[number], fold)
        )


def fewest(contracts: Contracts, facts: Sequence[Any], fold: Fold) -> str:
    def breaks(given: list[Any]) -> bool:
        return fold(given) != by_reference(contracts, given)

    if not breaks(list(facts)):
        return "It is lawful alone, in this order. All its facts:\n" + described(facts)
    return "The fewest facts found:\n" + described(smallest(facts, breaks, TRIES))
