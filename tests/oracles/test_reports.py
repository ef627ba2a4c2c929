"""The arithmetic of the public reports, by the rules of quantities: what adds up, what cannot be told, what must be asked about."""

from __future__ import annotations

from dataclasses import replace

import pytest

from contracts import load
from contracts.quantities import Answer, Bound, MixedUnits, at_most, change, counted, equal, falling, given, product, ratio, remainder, timer_of, total, within
from contracts.quantities.quantity import Quantity
from tests.oracles.kit import REPORTS, read, told


def sum_of(texts: list[str]) -> Quantity:
    found = total(read(text) for text in texts)
    assert found is not None
    return found


def test_o1_the_owner_classes_add_up_exactly() -> None:
    """O1: 966 + 3065 + 6961 + 4958 = 15950 passes; any part one more or one less fails."""
    report = REPORTS["O1"]
    parts = [read(text) for text in report["parts"]]
    assert equal(sum_of(report["parts"]), read(report["total"])) is Answer.HOLDS
    for place, part in enumerate(parts):
        for off in (-1, 1):
            moved = [*parts[:place], counted(int(part.value) + off, part.unit), *parts[place + 1 :]]
            assert equal(total(moved) or part, read(report["total"])) is Answer.FAILS


def test_o2_parts_are_less_than_the_total() -> None:
    """O2: the parts make 502 of 702: equality fails, "parts are at most the total" holds, 200 remain."""
    report = REPORTS["O2"]
    parts, whole = sum_of(report["parts"]), read(report["total"])
    assert equal(parts, read(report["sum"])) is Answer.HOLDS
    assert (equal(parts, whole), at_most(parts, whole)) == (Answer.FAILS, Answer.HOLDS)
    assert equal(remainder(whole, parts), read(report["remainder"])) is Answer.HOLDS


def test_o3_a_number_told_twice_is_the_same() -> None:
    """O3: 45 frauds on the elderly stand in two paragraphs and are equal."""
    report = REPORTS["O3"]
    assert equal(read(report["once"]), read(report["again"])) is Answer.HOLDS


def test_o4_two_open_ends_leave_it_approximate() -> None:
    """O4: 8000余 grams over 1000余 pieces is about 8 each, and no more can be said: no end is known."""
    report = REPORTS["O4"]
    each = ratio(read(report["weight"]), read(report["pieces"]))
    assert told(each) == f"approx {report['each']}"
    assert each and (each.low, each.high, each.unit) == (0, None, "grams/pieces")


def test_o5_a_subset_and_a_loss_of_each_at_most() -> None:
    """O5: 6 gang cases of 8 pass as a subset; 20,000,000 yuan over 200余 victims is at most 100,000 each."""
    report = REPORTS["O5"]
    assert at_most(read(report["gangs"]), read(report["of"])) is Answer.HOLDS
    assert at_most(read(report["of"]), read(report["gangs"])) is Answer.FAILS
    assert told(ratio(read(report["amount"]), read(report["victims"]))) == f"le {report['each']}"


def test_o6_steps_that_rise_are_no_cohort() -> None:
    """O6: 72 transferred, 81 charged, 83 sentenced rise, so the cohort's definition must be asked for; the other way round they fall."""
    steps = [read(text) for text in REPORTS["O6"].values()]
    assert falling(steps) is Answer.FAILS
    assert falling(steps[::-1]) is Answer.HOLDS
    assert falling([given(72, "ge", "persons"), steps[1]]) is Answer.CANNOT_TELL


def test_o7_person_times_and_checks_per_site() -> None:
    """O7: 2600 + 256 = 2856 person-times; 1211 over 366 sites is 3.31."""
    report = REPORTS["O7"]
    assert equal(sum_of(report["people"]), read(report["sum"])) is Answer.HOLDS
    assert told(ratio(read(report["checked"]), read(report["sites"]))) == f"eq {report['each']}"


def test_o8_a_count_outside_a_total() -> None:
    """O8: 41 + 345 = 386, and it is outside the 702 of O2: with it the parts would exceed the total."""
    report, other = REPORTS["O8"], REPORTS["O2"]
    assert equal(sum_of(report["parts"]), read(report["sum"])) is Answer.HOLDS
    assert at_most(sum_of([*other["parts"], *report["parts"]]), read(other["total"])) is Answer.FAILS


def test_o9_minus_a_hundred_per_cent_and_a_base_of_nothing() -> None:
    """O9: the change is -100 % exactly where the number is 0 and the base is not; a base of 0 has no change."""
    now, before = read(REPORTS["O9"]["now"]), read(REPORTS["O9"]["before"])
    assert told(change(now, before)) == "eq -1"
    assert change(now, now) is None and change(before, now) is None
    assert told(change(before, before)) == "eq 0"


def test_o10_another_measure_is_no_part() -> None:
    """O10: 246 + 79 = 325 of 1658 leaves 1333. The 62 counts something else: as such it is refused; taken by mistake for a part it would make 387 and 1271."""
    report = REPORTS["O10"]
    parts, whole = sum_of(report["parts"]), read(report["whole"])
    assert equal(parts, read(report["sum"])) is Answer.HOLDS
    assert equal(remainder(whole, parts), read(report["remainder"])) is Answer.HOLDS
    other = replace(read(report["other"]), unit="cases contained")
    with pytest.raises(MixedUnits):
        total([parts, other])
    mistaken = sum_of([*report["parts"], report["other"]])
    assert equal(mistaken, read(report["with_other"])) is Answer.HOLDS
    assert equal(remainder(whole, mistaken), read(report["left_with_other"])) is Answer.HOLDS


def test_o11_units_and_density() -> None:
    """O11: 22 + 2 = 24 units; 20000余 people on 198.75 km² (the decimals as given) are at least 100.6 per km²."""
    report = REPORTS["O11"]
    assert equal(sum_of(report["units"]), read(report["sum"])) is Answer.HOLDS
    assert told(ratio(read(report["people"]), read(report["area"])), 1) == f"ge {report['density']}"


def test_o12_the_cost_of_one_drifts() -> None:
    """O12: 80,000 yuan for 1200 households is 66.67 each, just under 200,000 for 8000 is less than 25: a drift of more than 2.67."""
    report = REPORTS["O12"]
    first, second = (ratio(read(report[phase]["yuan"]), read(report[phase]["households"])) for phase in ("first", "second"))
    assert (told(first), told(second)) == (f"eq {report['first_each']}", f"lt {report['second_each']}")
    assert first and second and told(ratio(first, second)) == f"gt {report['drift']}"


def test_o13_the_money_if_every_set_was_subsidised() -> None:
    """O13: 300余 sets at 1000 yuan are at least 300,000 yuan."""
    report = REPORTS["O13"]
    assert told(product(read(report["sets"]), counted(report["price"], "yuan/sets"))) == f"ge {report['yuan']}"


def test_o14_and_o15_what_is_plausible_for_a_household() -> None:
    """O14, O15: 9.53 leaflets a household lie in the band of 1 to 100; at least 2383 items a household do not, and are flagged."""
    leaflets = ratio(read(REPORTS["O14"]["leaflets"]), read(REPORTS["O14"]["households"]))
    items = ratio(read(REPORTS["O15"]["items"]), read(REPORTS["O15"]["households"]))
    assert leaflets and items
    assert (told(leaflets), told(items, 0)) == (f"eq {REPORTS['O14']['each']}", f"ge {REPORTS['O15']['each']}")
    assert within(leaflets, counted(1, leaflets.unit), counted(100, leaflets.unit)) is Answer.HOLDS
    assert within(items, counted(1, items.unit), counted(100, items.unit)) is Answer.FAILS


def test_o16_people_per_session() -> None:
    """O16: 4000余 people in 80 sessions are at least 50 each."""
    report = REPORTS["O16"]
    assert told(ratio(read(report["people"]), read(report["sessions"]))) == f"ge {report['each']}"


def test_o17_lists_are_as_long_as_they_say() -> None:
    """O17: each list has as many entries as its report states, one entry fewer would fail; the eight kinds are those the contracts hold."""
    for lists in REPORTS["O17"].values():
        for stated, listed in lists.values():
            assert equal(counted(listed, "entries"), counted(stated, "entries")) is Answer.HOLDS
            assert equal(counted(listed - 1, "entries"), counted(stated, "entries")) is Answer.FAILS
    assert len(load().kinds.keys() - {"residency"}) == REPORTS["O17"]["lucheng"]["kinds"][0]


def test_o18_eight_partners_of_whom_seven_are_listed() -> None:
    """O18: the list is off by one; it passes only with the police counted as a partner."""
    stated, listed = counted(REPORTS["O18"]["stated"], "partners"), counted(REPORTS["O18"]["listed"], "partners")
    police = counted(1, "partners")
    assert equal(listed, stated) is Answer.FAILS
    assert equal(total([listed, police]) or listed, stated) is Answer.HOLDS


def test_o19_no_unit_no_timer() -> None:
    """O19: timers are parameters of a place: 2 h and 8 h, every 2 h, 12 h, monthly; 1-3-5 names no unit and is none."""
    timers = {place: {name: timer_of(text) for name, text in given.items()} for place, given in REPORTS["O19"].items()}
    shown = {(place, name): (int(timer.value), timer.unit) for place, given in timers.items() for name, timer in given.items() if timer}
    assert shown == {
        ("sanmen", "ask"): (2, "hours"),
        ("sanmen", "answer"): (8, "hours"),
        ("caoyuan", "report"): (2, "hours"),
        ("huangyan", "follow_up"): (12, "hours"),
        ("shiquan", "review"): (1, "months"),
    }
    assert timers["lucheng"]["response"] is None


def test_o20_a_share_and_a_fall() -> None:
    """O20: 50 of 900 are 5.56 %; from 204 to 127 is -37.7 %."""
    report = REPORTS["O20"]
    share, fall = ratio(read(report["part"]), read(report["whole"])), change(read(report["now"]), read(report["before"]))
    assert share and fall and (share.bound, fall.bound) == (Bound.EQ, Bound.EQ)
    assert told(replace(share, value=share.value * 100)).split()[1] == report["share"]
    assert told(replace(fall, value=fall.value * 100), 1).split()[1] == report["change"]
