"""Laws of numbers with bounds: whatever the truth behind each number, it lies in what arithmetic makes of them, and no answer contradicts it."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.quantities import Answer, Bound, Quantity, at_most, change, equal, falling, product, ratio, remainder, total
from tests.laws.quantities import Possible, bounded, holds, possible

FEW = settings(max_examples=150, deadline=None)


@given(st.lists(possible(), min_size=1, max_size=6), st.lists(st.integers(0, 3_000), max_size=2))
@FEW
def test_the_truth_lies_in_the_sum(parts: list[Possible], untold: list[int]) -> None:
    """A sum holds the sum of the truths, also of parts nobody told."""
    found = total([part.quantity for part in parts] + [None] * len(untold))
    assert found and holds(found, sum((part.truth for part in parts), Fraction(0)) + sum(untold))


@given(possible("yuan"), possible("households", least=1))
@FEW
def test_the_truth_lies_in_the_ratio_and_the_change(over: Possible, under: Possible) -> None:
    """A ratio holds the ratio of the truths, and a change the change, wherever they are defined."""
    found = ratio(over.quantity, under.quantity)
    assert found is not None
    if under.truth:
        assert holds(found, over.truth / under.truth)
    moved = change(replace(over.quantity, unit="households"), under.quantity)
    assert moved is not None
    if under.truth:
        assert holds(moved, over.truth / under.truth - 1)


@given(possible("sets"), possible("yuan/sets"))
@FEW
def test_the_truth_lies_in_the_product(count: Possible, rate: Possible) -> None:
    """A count at a rate holds the product of the truths."""
    assert holds(product(count.quantity, rate.quantity), count.truth * rate.truth)


@given(possible(), possible())
@FEW
def test_the_truth_lies_in_the_remainder(whole: Possible, part: Possible) -> None:
    """What is left of a whole holds the difference of the truths, wherever the part has an upper end."""
    if part.quantity.high is not None:
        assert holds(remainder(whole.quantity, part.quantity), whole.truth - part.truth)


@given(possible(), possible())
@FEW
def test_no_answer_contradicts_the_truth(one: Possible, other: Possible) -> None:
    """What holds is true and what fails is false, whatever the truth is; equality holds between exact numbers only."""
    answers = {equal(one.quantity, other.quantity): one.truth == other.truth, at_most(one.quantity, other.quantity): one.truth <= other.truth}
    assert answers.get(Answer.HOLDS, True) and not answers.get(Answer.FAILS, False)
    if equal(one.quantity, other.quantity) is Answer.HOLDS:
        assert one.quantity.bound is other.quantity.bound is Bound.EQ


@given(st.lists(possible(), min_size=2, max_size=5))
@FEW
def test_a_cohort_that_fails_does_rise(steps: list[Possible]) -> None:
    """Steps that fail rise somewhere in truth; steps that hold never do."""
    rises = any(later.truth > earlier.truth for earlier, later in pairwise(steps))
    assert {Answer.HOLDS: not rises, Answer.FAILS: rises}.get(falling([step.quantity for step in steps]), True)


@given(st.lists(bounded(), min_size=1, max_size=6), st.randoms(use_true_random=False))
@FEW
def test_order_and_grouping_of_a_sum_do_not_matter(parts: list[Quantity], chance: Random) -> None:
    """Any order and any grouping of the parts gives the same sum, its bound included."""
    shuffled = list(parts)
    chance.shuffle(shuffled)
    whole = total(parts)
    grouped = total([total(shuffled[:2]), total(shuffled[2:])] if len(shuffled) > 2 else shuffled)
    assert whole and grouped and whole == grouped and whole.bound is grouped.bound
