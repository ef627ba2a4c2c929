"""A number as a report gives it: an interval with open or closed ends, beside the number that was written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

Period = tuple[date, date]
"""First and last day."""


class Bound(StrEnum):
    """How the number written stands to the true one. Reports say the first four; the others follow from arithmetic."""

    EQ = "eq"
    GE = "ge"
    LT = "lt"
    APPROX = "approx"
    GT = "gt"
    LE = "le"
    BETWEEN = "between"


@dataclass(frozen=True, slots=True)
class Quantity:
    """The true number lies from `low` to `high` (None: no upper end), ends included unless open; `value` is the number written, or what follows from those written.

    `unit` is a code (`persons`, `yuan`; `yuan/households` of a ratio, blank for a share). `as_of`: the day on which it was so. `floor`: what no such number can fall below (None: nothing).
    A missing number is None, never a quantity: 0 is one.
    """

    value: Fraction
    low: Fraction
    high: Fraction | None
    unit: str
    low_open: bool = False
    high_open: bool = False
    period: Period | None = None
    as_of: date | None = None
    floor: Fraction | None = Fraction(0)

    @property
    def bound(self) -> Bound:
        """The word for the interval, seen from `value`: `between` where both ends say something that `value` alone does not."""
        if self.low == self.high:
            return Bound.EQ
        if self.high is None:
            return self._without_end()
        if self.value == self.high and self._unbounded_below():
            return Bound.LT if self.high_open else Bound.LE
        return Bound.BETWEEN

    def _without_end(self) -> Bound:
        if self.value == self.low:
            return Bound.GT if self.low_open else Bound.GE
        return Bound.APPROX if self._unbounded_below() else Bound.BETWEEN

    def _unbounded_below(self) -> bool:
        """Whether the lower end says no more than that there is none."""
        return self.floor is not None and self.low <= self.floor


def given(value: Decimal | int | str, bound: Bound | str, unit: str, period: Period | None = None, as_of: date | None = None) -> Quantity:
    """The quantity that a number and one of the four bounds of reports make: 余 多 以上 `ge` [v, ∞); 近 不到 `lt` [0, v); 约 左右 `approx` [0, ∞); `eq`.

    Raises: ValueError for a number below 0, for "less than 0" and for bounds that no report gives.
    """
    number = Fraction(Decimal(value))
    said = Bound(bound)
    if number < 0 or (said is Bound.LT and number == 0) or said not in (Bound.EQ, Bound.GE, Bound.LT, Bound.APPROX):
        raise ValueError(f"no report gives {said} {number}")
    low = number if said in (Bound.EQ, Bound.GE) else Fraction(0)
    high = number if said in (Bound.EQ, Bound.LT) else None
    return Quantity(number, low, high, unit, high_open=said is Bound.LT, period=period, as_of=as_of)


def counted(number: Decimal | int | str, unit: str, period: Period | None = None) -> Quantity:
    """An exact number."""
    return given(number, Bound.EQ, unit, period)
