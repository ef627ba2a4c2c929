"""The laws of reconciling: the golden statement, the incremental fold and the plain reference say the same about every world, whatever the order and the batches."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given

from contracts.model import Contracts
from tests.laws.folding import Golden, Way, by_batches, by_reference, by_state, by_statement
from tests.laws.judging import assert_lawful
from tests.laws.shapes import Switch
from tests.laws.strategies import Worlds, cases, many_worlds

WAYS = [
    Way(partitions=1, settles=6, repeats=0.4),
    Way(partitions=3, settles=3, restarts=True),
    Way(partitions=4, settles=2, repeats=0.2, pruned=False),
]


@cases
@given(worlds=many_worlds())
def test_the_statement_says_what_the_rules_say(contracts: Contracts, worlds: Worlds) -> None:
    """One run of the golden statement over all facts equals the plain reference, repeated facts included."""

    def fold(facts: Sequence[Any]) -> Golden:
        return by_statement(contracts, [*facts, *facts[::3]])

    assert_lawful(contracts, worlds, fold)


@pytest.mark.parametrize("way", WAYS, ids=str)
@cases
@given(worlds=many_worlds())
def test_the_fold_says_what_the_rules_say_in_any_order(contracts: Contracts, worlds: Worlds, way: Way) -> None:
    """Facts permuted, repeated, cut into any batches, over any number of partitions, with restarts between settles, with and without forgetting: the same golden rows."""

    def fold(facts: Sequence[Any]) -> Golden:
        with tempfile.TemporaryDirectory() as folder:
            return by_state(contracts, facts, way, worlds.chance(), Path(folder))

    assert_lawful(contracts, worlds, fold)


@cases
@given(worlds=many_worlds())
def test_deliveries_in_their_own_order_may_be_forgotten_as_they_grow_old(contracts: Contracts, worlds: Worlds) -> None:
    """Settled delivery by delivery, the usual way, a state that forgets still says what the rules say."""

    def fold(facts: Sequence[Any]) -> Golden:
        batches: list[list[Any]] = [[], [], [], []]
        for fact in facts:
            batches[3 if isinstance(fact, Switch) else min(2, int(fact.delivery[-1] > "d") + int(fact.delivery[-1] > "g"))].append(fact)
        with tempfile.TemporaryDirectory() as folder:
            return by_batches(contracts, batches, Way(settles=len(batches)), worlds.chance(), Path(folder))

    assert_lawful(contracts, worlds, fold)


@cases
@given(worlds=many_worlds())
def test_a_feed_withdrawn_and_restored_leaves_no_trace(contracts: Contracts, worlds: Worlds) -> None:
    """Withdrawing a feed takes all its facts away, restoring it brings all back, whenever the decisions arrive."""
    facts = worlds.facts
    withdrawn = Switch(switch="withdraw", target="alpha", on=True, sequence=1)
    restored = Switch(switch="withdraw", target="alpha", on=False, sequence=2)
    with tempfile.TemporaryDirectory() as folder:
        whole = by_state(contracts, facts, Way(), Random(0), Path(folder))
        without = by_batches(contracts, [facts, [withdrawn]], Way(settles=2), Random(0), Path(folder))
        again = by_batches(contracts, [facts, [withdrawn], [restored]], Way(settles=3), Random(0), Path(folder))
        late = by_batches(contracts, [facts[::2], [restored], facts[1::2], [withdrawn]], Way(settles=4), Random(0), Path(folder))
    assert without == by_reference(contracts, [*facts, withdrawn])
    assert without != whole
    assert again == whole
    assert late == whole
