"""Answers about quantities. With bounds an answer may be "cannot tell"; "fails" only where the intervals exclude it."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from itertools import pairwise

from contracts.quantities.arithmetic import same
from contracts.quantities.quantity import Bound, Quantity


class Answer(StrEnum):
    """What a check says."""

    HOLDS = "holds"
    FAILS = "fails"
    CANNOT_TELL = "cannot_tell"


def equal(one: Quantity, other: Quantity) -> Answer:
    """Whether both are the same number. It holds only between exact ones. Raises: `MixedUnits`."""
    same(one, other)
    if one.bound is other.bound is Bound.EQ:
        return Answer.HOLDS if one.low == other.low else Answer.FAILS
    return Answer.FAILS if _apart(one, other) or _apart(other, one) else Answer.CANNOT_TELL


def at_most(part: Quantity, whole: Quantity) -> Answer:
    """Whether `part` is no more than `whole`: a subset against its set, parts against their total. Raises: `MixedUnits`."""
    same(part, whole)
    if part.high is not None and part.high <= whole.low:
        return Answer.HOLDS
    return Answer.FAILS if _apart(whole, part) else Answer.CANNOT_TELL


def within(found: Quantity, least: Quantity, most: Quantity) -> Answer:
    """Whether a number lies in a band of what is plausible. Raises: `MixedUnits`."""
    answers = {at_most(least, found), at_most(found, most)}
    return Answer.FAILS if Answer.FAILS in answers else Answer.HOLDS if answers == {Answer.HOLDS} else Answer.CANNOT_TELL


def falling(steps: Sequence[Quantity]) -> Answer:
    """Whether steps of one cohort (transferred, charged, sentenced) never rise. Where this fails they are not of one cohort: ask for its definition. Raises: `MixedUnits`."""
    answers = [at_most(later, earlier) for earlier, later in pairwise(steps)]
    return Answer.FAILS if Answer.FAILS in answers else Answer.CANNOT_TELL if Answer.CANNOT_TELL in answers else Answer.HOLDS


def _apart(below: Quantity, above: Quantity) -> bool:
    """Whether all of `below` is less than all of `above`."""
    if below.high is None:
        return False
    return below.high < above.low or (below.high == above.low and (below.high_open or above.low_open))
