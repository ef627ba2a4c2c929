"""Small cells by area: what is hidden, and that nobody who kept every release can find it out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.warehouse.attacker import Attacker
from warehouse.suppress import Released, Shape, Suppression, suppressed
from warehouse.suppress.head import suppression_of
from warehouse.suppress.rule import BASE_FOR_ZERO, LEAST_SHOWN, WIDEST_HIDDEN
from warehouse.suppress.tree import KNOWN, Told, floors

COUNTY = "331022"
SCHEMA = pa.schema(
    [
        ("area", pa.string()),
        ("category", pa.string()),
        ("whole", pa.int32()),
        ("part", pa.int32()),
        ("other", pa.int32()),
        ("share", pa.decimal128(5, 4)),
        ("suppressed", pa.bool_()),
    ]
)
RULE = Suppression(("whole", "part", "other"), (("whole", "part"),))
SHAPE = Shape("toy", ("area", "category"), RULE)
Villages = dict[str, dict[str, int]]


def village(whole: int, part: int = 0, other: int = 0, people: int = 500) -> dict[str, int]:
    return {"whole": whole, "part": part, "other": other, "people": people}


def rolled(villages: Villages, category: str = "noise") -> list[dict[str, Any]]:
    """The rows of a mart before suppression: villages and the areas they lie in."""
    areas = sorted({code[:digits] for code in villages for digits in (6, 9, 12)})
    rows = []
    for area in areas:
        inside = [held for code, held in villages.items() if code.startswith(area)]
        sums = {name: sum(each[name] for each in inside) for name in ("whole", "part", "other", "people")}
        rows.append({"area": area, "category": category, **{name: sums[name] for name in RULE.counts}, "suppressed": sums["people"] < BASE_FOR_ZERO})
    return rows


def published(rows: list[dict[str, Any]], released: Released, shape: Shape = SHAPE) -> list[dict[str, Any]]:
    return suppressed(pa.Table.from_pylist(rows, SCHEMA), shape, released).to_pylist()


def hidden(rows: list[dict[str, Any]], count: str = "whole") -> set[str]:
    return {row["area"].removeprefix(COUNTY) for row in rows if row[count] is None}


number = st.one_of(st.just(0), st.integers(1, 9), st.integers(10, 30), st.integers(100, 2000))


@st.composite
def district(draw: st.DrawFn, most: int = 3) -> Villages:
    """Villages of up to `most` townships; many numbers are small."""
    codes = [f"{COUNTY}{100 + township}{200 + each}" for township in range(draw(st.integers(1, most))) for each in range(draw(st.integers(1, 3)))]
    found = {}
    for code in codes:
        whole = draw(number)
        found[code] = village(
            whole, draw(st.integers(0, whole) if whole < 100 else st.integers(whole // 3, whole)), draw(number), draw(st.sampled_from((20, 500)))
        )
    return found


@st.composite
def later(draw: st.DrawFn, before: Villages) -> Villages:
    """The same district after some numbers of some villages changed."""
    found = dict(before)
    for code in draw(st.lists(st.sampled_from(sorted(before)), unique=True, max_size=3)):
        whole = draw(number)
        found[code] = village(whole, draw(st.integers(0, whole)), draw(st.one_of(st.just(before[code]["other"]), number)), before[code]["people"])
    return found


def attack(releases: list[Villages]) -> tuple[Attacker, list[list[dict[str, Any]]]]:
    """Publishes one release after another and lets the attacker learn each."""
    released, attacker, before = Released(), Attacker(RULE.counts, RULE.remainders), None
    seen = []
    for villages in releases:
        rows = rolled(villages)
        seen.append(published(rows, released))
        attacker.learn(rows, seen[-1], before)
        before = rows
    return attacker, seen


@settings(max_examples=25)
@given(district())
def test_no_hidden_cell_of_one_release_is_narrower_than_one_to_nine(villages: Villages) -> None:
    """Solved from all shown villages, townships and the county, every hidden cell may hold ten values or more."""
    attacker, _ = attack([villages])
    assert list(attacker.narrow(WIDEST_HIDDEN)) == []


@settings(max_examples=20)
@given(st.data())
def test_no_hidden_cell_of_any_release_is_narrower_than_one_to_nine(data: st.DataObject) -> None:
    """Two or three releases of one period solved together, numbers that did not change known to be the same: hidden cells stay as wide."""
    releases = [data.draw(district(most=2))]
    for _ in range(data.draw(st.integers(1, 2))):
        releases.append(data.draw(later(releases[-1])))
    attacker, _ = attack(releases)
    assert attacker.told(WIDEST_HIDDEN) == []


@given(district())
def test_what_may_not_be_shown_is_not(villages: Villages) -> None:
    """No row shows 1 to 9, a 0 where fewer than 50 live, or two numbers that differ by 1 to 9 persons; a row says whether it hides anything."""
    for row, given_row in zip(published(rolled(villages), Released()), rolled(villages), strict=True):
        shown = [row[name] for name in RULE.counts if row[name] is not None]
        shown += [row["whole"] - row["part"]] if row["whole"] is not None and row["part"] is not None else []
        assert all(value == 0 or value >= LEAST_SHOWN for value in shown)
        assert 0 not in shown or not given_row["suppressed"]
        assert row["suppressed"] == any(row[name] is None for name in RULE.counts)
        assert all(row[name] in (None, given_row[name]) for name in RULE.counts)


@given(district(), st.randoms(use_true_random=False))
def test_the_order_of_rows_never_matters(villages: Villages, chance: Any) -> None:
    """Rows in any order give the same rows in grain order, and the same to remember."""
    rows, shuffled = rolled(villages), rolled(villages)
    chance.shuffle(shuffled)
    first, second = Released(), Released()
    assert published(rows, first) == published(shuffled, second)
    assert first.text() == second.text()


@settings(max_examples=30)
@given(district(), district())
def test_categories_are_hidden_each_for_itself(first: Villages, second: Villages) -> None:
    """No sum over categories is published, so rows of two are those of each alone: nothing that is known of one tells of the other."""
    both = published(rolled(first, "fumes") + rolled(second, "noise"), Released())
    assert both == published(rolled(first, "fumes"), Released()) + published(rolled(second, "noise"), Released())


def test_a_mart_without_rows_stays_without() -> None:
    """Nothing in, nothing out, nothing remembered."""
    released = Released()
    assert published([], released) == [] and not released.changed


@given(district())
def test_the_same_counts_are_published_the_same_way_again(villages: Villages) -> None:
    """A second release of equal counts changes neither the rows nor what is remembered, read back from its text."""
    first = Released()
    rows = published(rolled(villages), first)
    again = Released.of(first.text())
    assert published(rolled(villages), again) == rows
    assert not again.changed and again.text() == first.text()


SANMEN = {f"{COUNTY}1{township:02}200": village(cases) for township, cases in enumerate((31, 24, 18, 12, 9, 7, 4, 2, 1))}


def test_townships_below_ten_cases_are_hidden_and_the_county_is_not() -> None:
    """Five townships of nine have fewer than ten cases; the county's 108 is shown, as are the four others: the five may hold 0 to 23 each."""
    made = {row["area"].removeprefix(COUNTY): row["whole"] for row in published(rolled(SANMEN), Released())}
    assert {area: made[area] for area in ("", "100", "101", "102", "103")} == {"": 108, "100": 31, "101": 24, "102": 18, "103": 12}
    assert [made[f"1{township:02}"] for township in range(4, 9)] == [None] * 5


def test_a_single_hidden_village_takes_another_with_it() -> None:
    """One village with 4 of 404: the smallest other one is hidden too, or the township's sum would tell."""
    made = published(rolled({f"{COUNTY}100200": village(4), f"{COUNTY}100201": village(150), f"{COUNTY}100202": village(250)}), Released())
    assert hidden(made) == {"100200", "100201"}


def test_a_village_that_grew_stays_hidden_where_it_would_tell_of_another() -> None:
    """Two villages hidden together: when one has 300, showing it would tell what the other had and has."""
    released = Released()
    before = {f"{COUNTY}100200": village(9), f"{COUNTY}100201": village(8), f"{COUNTY}100202": village(250)}
    assert hidden(published(rolled(before), released)) == {"100200", "100201"}
    after = {**before, f"{COUNTY}100200": village(300)}
    assert hidden(published(rolled(after), released)) == {"100200", "100201"}
    assert hidden(published(rolled(after), Released())) == {"100201", "100202"}


def test_a_count_that_is_rare_everywhere_is_dropped_instead_of_hiding_the_rows_of_all() -> None:
    """With 3 of a rare count in the whole county only that count is shown nowhere; a part is a 0 still where its whole is."""
    villages = {f"{COUNTY}100200": village(400, other=3), f"{COUNTY}100201": village(600), f"{COUNTY}101200": village(700)}
    made = published(rolled(villages), Released())
    assert all(row["other"] is None and row["whole"] is not None and row["suppressed"] for row in made)


def test_rates_go_with_the_count_they_belong_to() -> None:
    """A rate is null where one of its counts is dropped; one that belongs to none, where anything is; a number beside them stays."""
    villages = {f"{COUNTY}100200": village(400, other=3), f"{COUNTY}100201": village(600)}
    rows = [{**row, "share": 0} for row in rolled(villages)]
    cases: tuple[tuple[tuple[tuple[str, str], ...], tuple[str, ...], set[int | None]], ...] = (
        ((), (), {None}),
        ((("share", "other"),), (), {None}),
        ((("share", "whole"),), (), {0}),
        ((("share", "whole"), ("share", "other")), (), {None}),
        ((), ("share",), {0}),
    )
    for rates, beside, expected in cases:
        rule = Suppression(RULE.counts, RULE.remainders, rates, beside=beside)
        assert {row["share"] for row in published(rows, Released(), Shape("toy", ("area", "category"), rule))} == expected


def test_a_release_that_shows_nothing_binds_nothing() -> None:
    """While too few are loaded all is hidden; the first release that shows something is the first that counts."""
    released = Released()
    few = {f"{COUNTY}100200": village(2, people=5), f"{COUNTY}100201": village(1, people=5)}
    assert all(row["whole"] is None for row in published(rolled(few), released))
    assert not released.changed
    many = {f"{COUNTY}100200": village(200), f"{COUNTY}100201": village(100)}
    assert hidden(published(rolled(many), released)) == set()


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("Grain: area. Reads: x.", None),
        ("Suppress: a, b. Reads: x.", Suppression(("a", "b"))),
        ("Suppress: a, b; a - b; r of b.", Suppression(("a", "b"), (("a", "b"),), (("r", "b"),))),
        ("Suppress: a, b; first to last.", Suppression(("a", "b"), period=("first", "last"))),
        ("Suppress: a, b; r of a and b, s of b.", Suppression(("a", "b"), rates=(("r", "a"), ("r", "b"), ("s", "b")))),
        ("Suppress: a from low to high, b; beside c, d; by town.", Suppression(("a", "b"), ends=(("a", "low", "high"),), beside=("c", "d"), area="town")),
    ],
)
def test_a_head_says_what_is_counted(head: str, expected: Suppression | None) -> None:
    """Counts with their ends, remainders, rates, numbers beside them, period and area as the line `Suppress:` lists them."""
    assert suppression_of(head) == expected


def test_what_was_shown_and_has_not_changed_protects_nothing() -> None:
    """Floors: of a hidden row the least it held in any release, of one shown before the value it has now, unless that is the value shown."""
    measures = np.array([[5, 7], [5, 7], [5, 7]])
    told = [Told((3, 9), "330302006@1 "), Told((12, 7)), None]
    assert floors(measures, told).tolist() == [[3, 7], [5, KNOWN], [5, 7]]
