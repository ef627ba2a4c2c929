"""Numbers with bounds for laws: any that a report may give, each with true values it leaves possible."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from hypothesis import strategies as st

from contracts.quantities import Bound, Quantity, given

PREFIXES = ("", "约", "近", "不到", "超过", "共", "至少")
SUFFIXES = ("", "余", "多", "左右", "以上")
UNITS = ("", "人", "户", "元", "人次", "份", "头")
NUMBERS = (
    st.integers(0, 10**7).map(str)
    | st.decimals(0, 10**6, places=2).map(str)
    | st.sampled_from(["1,200", "200,000", "12,00", "0.0", "１２", "四", "-3", "37.7%", "无"])
)


@dataclass(frozen=True, slots=True)
class Possible:
    """A quantity and a true value that lies in its interval."""

    quantity: Quantity
    truth: Fraction


def texts() -> st.SearchStrategy[str]:
    """Numbers as departments write them, and some that nobody can read."""
    parts = (st.sampled_from(PREFIXES), NUMBERS, st.sampled_from(("", "万", "亿", "千")), st.sampled_from(SUFFIXES), st.sampled_from(UNITS))
    return st.tuples(*parts).map("".join) | st.tuples(NUMBERS, st.sampled_from(SUFFIXES), st.sampled_from(("万", "亿")), st.sampled_from(UNITS)).map("".join)


def amounts() -> st.SearchStrategy[Decimal]:
    return st.integers(0, 5_000).map(Decimal) | st.decimals(0, 5_000, places=2)


def bounded(unit: str = "persons", least: int = 0) -> st.SearchStrategy[Quantity]:
    """What a report may say, of `least` or more."""
    said = st.tuples(amounts().map(lambda amount: amount + least), st.sampled_from(["eq", "ge", "lt", "approx"]))
    return said.filter(lambda pair: pair[0] > 0 or pair[1] != "lt").map(lambda pair: given(pair[0], pair[1], unit))


@st.composite
def possible(draw: st.DrawFn, unit: str = "persons", least: int = 0) -> Possible:
    """A quantity with a truth drawn from its interval, ends included where they are closed."""
    quantity = draw(bounded(unit, least))
    if quantity.bound is Bound.EQ:
        return Possible(quantity, quantity.value)
    beyond = Fraction(draw(st.decimals(0, 9_000, places=3)))
    if quantity.high is None:
        return Possible(quantity, quantity.low + beyond)
    share = Fraction(draw(st.integers(0, 999)), 1_000)
    return Possible(quantity, quantity.low + share * (quantity.high - quantity.low))


def holds(quantity: Quantity, truth: Fraction) -> bool:
    """Whether the truth lies in the interval."""
    above = truth > quantity.low if quantity.low_open else truth >= quantity.low
    return above and (quantity.high is None or (truth < quantity.high if quantity.high_open else truth <= quantity.high))
