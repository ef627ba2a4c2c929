"""Where reports contradict themselves: a rule refuses, leaves it open or keeps both; none is settled silently."""

from __future__ import annotations

import pytest

from contracts.quantities import Answer, Bound, counted, equal, quantity_of, total
from tests.contracts.rules_kit import Asker
from tests.oracles.kit import CONFLICTS, read


def test_one_number_told_in_three_ways() -> None:
    """136 in the title, 163 in the text: unequal, and the list 1-3-6 is no number at all."""
    given = CONFLICTS["list-name"]
    assert equal(counted(given["title"], "mechanisms"), counted(given["text"], "mechanisms")) is Answer.FAILS
    assert quantity_of("-".join(map(str, given["list"]))) is None


def test_two_measures_with_one_name(rules: Asker) -> None:
    """民转刑 at -100 % beside 62 contained: two measures, and a rate without its base is no number."""
    given = CONFLICTS["two-measures-one-name"]
    first, second = rules.ask("measure_of(x)", [given["name"], given["other_name"]])
    assert (first, second) == ("escalated", "contained")
    assert quantity_of(given["rate"]) is None
    assert read(given["other"]).bound is Bound.EQ


def test_a_name_nobody_declared_is_no_measure(rules: Asker) -> None:
    """措施 and 举措 may be one thing or two: neither is a measure until somebody says so."""
    assert rules.ask("measure_of(x)", CONFLICTS["one-thing-two-words"]["words"]) == [None, None]


@pytest.mark.parametrize("measure", CONFLICTS["one-measure-many-names"])
def test_names_of_one_measure(measure: str, rules: Asker) -> None:
    """Names that are declared to mean the same give one measure."""
    assert set(rules.ask("measure_of(x)", CONFLICTS["one-measure-many-names"][measure])) == {measure}


def test_each_or_together() -> None:
    """ "Five townships below ten": each leaves the five together below 50, together leaves them below 10; the text does not tell, so 12 cannot be excluded by the first and is by the second."""
    given = CONFLICTS["each-or-together"]
    assert quantity_of(given["text"]) is None
    number = read(given["number"])
    each = total([number] * given["townships"])
    assert each and (each.bound, each.high, each.high_open) == (Bound.LT, 50, True)
    twelve = counted(12, number.unit)
    assert (equal(twelve, each), equal(twelve, number)) == (Answer.CANNOT_TELL, Answer.FAILS)


def test_as_of_days_and_months_without_a_year(rules: Asker) -> None:
    """Several as-of days stay several; a day or month without a year is none."""
    days = rules.ask("date_of(x)::varchar", CONFLICTS["several-as-of-days"]["days"])
    assert days == ["2022-08-29", "2022-08-30", None]
    assert rules.ask("month_of(x)::varchar", CONFLICTS["no-year"]["months"]) == [None, None, "2022-03-01"]


def test_words_that_contradict_each_other() -> None:
    """About and more than at once: only the number itself is left, approximately."""
    assert read(CONFLICTS["contradicting-words"]["text"]).bound is Bound.APPROX
