"""Sums, remainders, ratios, products and changes of quantities: ends are added, a ratio takes the worst ends."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction

from contracts.quantities.errors import MixedUnits
from contracts.quantities.quantity import Quantity


def same(one: Quantity, other: Quantity) -> None:
    """Raises `MixedUnits` where the two must be neither added nor compared: other units, or other periods where both name one."""
    if one.unit != other.unit:
        raise MixedUnits(one=one.unit, other=other.unit)
    if one.period and other.period and one.period != other.period:
        raise MixedUnits(one=_told(one), other=_told(other))


def _told(quantity: Quantity) -> str:
    assert quantity.period is not None
    return f"{quantity.unit} {quantity.period[0]}..{quantity.period[1]}"


def total(parts: Iterable[Quantity | None]) -> Quantity | None:
    """The sum of parts. A missing part is 0 or more, so it takes the upper end away; None where all are missing. Raises: `MixedUnits`."""
    listed = list(parts)
    known = [part for part in listed if part is not None]
    if not known:
        return None
    for part in known[1:]:
        same(known[0], part)
    ends = [part.high for part in known if part.high is not None]
    bounded = len(ends) == len(listed)
    return replace(
        known[0],
        value=sum((part.value for part in known), Fraction(0)),
        low=sum((part.low for part in known), Fraction(0)),
        high=sum(ends, Fraction(0)) if bounded else None,
        low_open=any(part.low_open for part in known),
        high_open=bounded and any(part.high_open for part in known),
    )


def remainder(whole: Quantity, part: Quantity) -> Quantity:
    """What is left of a whole, which may be less than nothing. Raises: `MixedUnits`; ValueError for a part without upper end, whose remainder has no lower one."""
    same(whole, part)
    if part.high is None:
        raise ValueError("a part without upper end leaves a remainder without lower end")
    high = None if whole.high is None else whole.high - part.low
    return replace(
        whole,
        value=whole.value - part.value,
        low=whole.low - part.high,
        high=high,
        low_open=whole.low_open or part.high_open,
        high_open=high is not None and (whole.high_open or part.low_open),
        floor=None,
    )


def ratio(over: Quantity, under: Quantity) -> Quantity | None:
    """`over` for each `under`, both 0 or more: unit `yuan/households`, blank where the units are one. None where `under` is 0: undefined.

    An end is open where either end it was made from is, or where it is only approached.
    """
    if under.value == 0 or under.high == 0:
        return None
    low = Fraction(0) if under.high is None else over.low / under.high
    high = None if over.high is None or under.low == 0 else over.high / under.low
    return Quantity(
        over.value / under.value,
        low,
        high,
        "" if over.unit == under.unit else f"{over.unit}/{under.unit}",
        low_open=over.low_open or (over.low > 0 and (under.high is None or under.high_open)),
        high_open=high is not None and (over.high_open or (over.high != 0 and under.low_open)),
        period=over.period,
        as_of=over.as_of,
    )


def product(count: Quantity, rate: Quantity) -> Quantity:
    """What a count comes to at a rate for each, whose unit is `.../<unit of the count>`, both 0 or more. Raises: `MixedUnits`."""
    unit, _, per = rate.unit.rpartition("/")
    if per != count.unit:
        raise MixedUnits(one=count.unit, other=rate.unit)
    high = Fraction(0) if 0 in (count.high, rate.high) else None if count.high is None or rate.high is None else count.high * rate.high
    nothing = any(each.low == 0 and not each.low_open for each in (count, rate))
    return Quantity(
        count.value * rate.value,
        count.low * rate.low,
        high,
        unit,
        low_open=not nothing and (count.low_open or rate.low_open),
        high_open=bool(high) and (count.high_open or rate.high_open),
        period=count.period,
        as_of=count.as_of,
    )


def change(current: Quantity, base: Quantity) -> Quantity | None:
    """(current - base) / base as a share, from -1 up; None where the base is 0: undefined. Periods differ by nature. Raises: `MixedUnits` for other units."""
    if current.unit != base.unit:
        raise MixedUnits(one=current.unit, other=base.unit)
    found = ratio(current, base)
    if found is None:
        return None
    return replace(found, value=found.value - 1, low=found.low - 1, high=None if found.high is None else found.high - 1, floor=Fraction(-1))
