"""The laws notice each of the seven mutants within a few hundred cases; a mutant that passes is a hole in the laws."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from contracts.model import Contracts
from streams.reconcile import State
from tests.laws.folding import Way, arranged, by_batches
from tests.laws.judging import broken
from tests.laws.mutants import ALTERED, STATES, Facts
from tests.laws.strategies import Worlds

WORLDS = Worlds(seed=20260301, count=400)
WAY = Way(settles=3, pruned=False)
"""Without forgetting, because a state that asks for what it forgot is folded anew, which heals some mutants."""


@pytest.mark.parametrize("mutant", STATES, ids=lambda mutant: mutant.__name__)
def test_a_state_that_forgets_or_overlooks_is_caught(contracts: Contracts, tmp_path: Path, mutant: type[State]) -> None:
    """A state that drops older claims, findings or rosters, or recomputes only what the batch names, breaks the law of the fold."""
    found = by_batches(contracts, arranged(WORLDS.facts, WAY, WORLDS.chance()), WAY, WORLDS.chance(), tmp_path, mutant)
    assert broken(contracts, WORLDS, found)


@pytest.mark.parametrize("mutant", ALTERED, ids=lambda mutant: mutant.__name__)
def test_facts_skipped_or_merged_are_noticed(contracts: Contracts, tmp_path: Path, mutant: Callable[[Sequence[Facts]], list[Facts]]) -> None:
    """A high-water mark, merging equal content and verifications keyed by visit alone break the law of the fold."""
    found = by_batches(contracts, mutant(arranged(WORLDS.facts, WAY, WORLDS.chance())), WAY, WORLDS.chance(), tmp_path)
    assert broken(contracts, WORLDS, found)


def test_the_same_worlds_are_lawful_without_a_mutant(contracts: Contracts, tmp_path: Path) -> None:
    """What catches the mutants is the mutants."""
    assert not broken(contracts, WORLDS, by_batches(contracts, arranged(WORLDS.facts, WAY, WORLDS.chance()), WAY, WORLDS.chance(), tmp_path))
