"""Small cells that are told with a bound (4000余, 近200): what is hidden, and that nobody who kept every release can find it out."""

from __future__ import annotations

from typing import Any, NamedTuple

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.warehouse.attacker import Attacker
from warehouse.suppress import Released, Shape, suppressed
from warehouse.suppress.head import suppression_of
from warehouse.suppress.rule import LEAST_SHOWN, WIDEST_HIDDEN

COUNTY = "331022"
HEAD = (
    "Suppress: planned from planned_least to planned_most, done from done_least to done_most; planned - done; planned_bound of planned, done_bound of done,"
    " money of planned and done; beside phases; by township."
)
NUMBER = pa.decimal128(18, 2)
ENDS = [f"{count}{end}" for count in ("planned", "done") for end in ("", "_least", "_most")]
SCHEMA = pa.schema(
    [
        ("programme", pa.string()),
        ("township", pa.string()),
        ("phases", pa.int64()),
        *((name, NUMBER) for name in ENDS),
        ("planned_bound", pa.string()),
        ("done_bound", pa.string()),
        ("money", NUMBER),
        ("suppressed", pa.bool_()),
    ]
)


class Told(NamedTuple):
    """A true number and the ends of what is told of it; no `most`: no upper end."""

    true: int
    least: int
    most: int | None

    @classmethod
    def sum(cls, parts: list[Told]) -> Told:
        highs = [part.most for part in parts if part.most is not None]
        return cls(sum(part.true for part in parts), sum(part.least for part in parts), sum(highs) if len(highs) == len(parts) else None)


Areas = dict[str, tuple[Told, Told]]
"""Planned and done by area."""


def exact(number: int) -> Told:
    return Told(number, number, number)


def rolled(leaves: Areas, levels: tuple[int, ...] = (6, 9, 12)) -> Areas:
    """Areas with the sums of what lies in them, of these lengths of codes."""
    areas = sorted({code[:digits] for code in leaves for digits in levels if digits <= len(code)})
    inside = {area: [told for code, told in leaves.items() if code.startswith(area)] for area in areas}
    return {area: (Told.sum([planned for planned, _ in told]), Told.sum([done for _, done in told])) for area, told in inside.items()}


def published(areas: Areas, released: Released) -> dict[str, dict[str, Any]]:
    """The released rows by area."""
    rule = suppression_of(HEAD)
    assert rule is not None
    rows = []
    for area, (planned, done) in areas.items():
        numbers = [planned.least, planned.least, planned.most, done.least, done.least, done.most]
        words = {"programme": "locks", "planned_bound": "ge", "done_bound": "ge", "suppressed": False}
        rows.append({"township": area, "phases": 1, "money": 1, **words, **dict(zip(ENDS, numbers, strict=True))})
    made = suppressed(pa.Table.from_pylist(rows, SCHEMA), Shape("toy", ("programme", "township"), rule), released)
    return {row["township"]: row for row in made.to_pylist()}


class Reader:
    """Whoever solves for the numbers themselves and for those still to do, with the ends as far as they are shown, and a county's sum where no row tells it but it could be shown."""

    def __init__(self) -> None:
        counts = (*(f"{count}{end}" for count in ("planned", "done") for end in ("", "_least", "_most")), "left")
        above = [(top, low) for count in ("planned", "done") for top, low in ((count, f"{count}_least"), (f"{count}_most", count))]
        self.attacker = Attacker(counts, [*above, ("planned", "done")])
        self.before: list[dict[str, Any]] | None = None
        self.release = 0

    def learn(self, leaves: Areas, shown: dict[str, dict[str, Any]], released: Released) -> None:
        earlier = released.record("toy", f"locks|{COUNTY}").earlier
        heard = {f"{name}{end}" for name in ("planned", "done") if name not in earlier.dropped for end in ("_least", "_most")}
        whole = COUNTY in earlier.rows and earlier.rows[COUNTY].seat is None
        attacker, true, seen = self.attacker, [], []
        for area, told in rolled(leaves).items():
            ends = {
                f"{name}{end}": value
                for name, each in zip(("planned", "done"), told, strict=True)
                for end, value in zip(("", "_least", "_most"), each, strict=True)
            }
            true.append({"area": area, **ends, "left": told[0].true - told[1].true})
            row = shown.get(area, {name: value if whole and area == COUNTY and name in heard else None for name, value in ends.items()})
            seen.append({"area": area, **{name: None if name in ("planned", "done") else row[name] for name in ends}, "left": None})
        attacker.learn(true, seen, self.before)
        self.before = true
        for area in attacker.leaves:
            planned, done, left = (attacker.variables[self.release, area, name] for name in ("planned", "done", "left"))
            attacker.rows.append(({planned: 1.0, done: -1.0, left: -1.0}, 0, 0))
        for row in seen:
            self._shown(row)
        attacker.hidden = [key for key in attacker.hidden if not key[2].endswith("_most")]
        self.release += 1

    def _shown(self, row: dict[str, Any]) -> None:
        """What is shown with its ends is hidden no more."""
        open_ = {name for name in ("planned", "done") if row[f"{name}_least"] is not None}
        for name in {*open_, "left"} if len(open_) == 2 else open_:
            self.attacker.shown_ever.add(frozenset(self.attacker.sums[self.release, row["area"], name]))


@st.composite
def told(draw: st.DrawFn, true: int) -> Told:
    """A number as a department might tell it: exactly, so many and more, nearly so many, between two."""
    low, high = true - draw(st.integers(0, min(true, 30))), true + draw(st.integers(0, 30))
    return draw(st.sampled_from([exact(true), exact(true), Told(true, low, None), Told(true, 0, high), Told(true, low, high)]))


@st.composite
def area(draw: st.DrawFn) -> tuple[Told, Told]:
    planned = draw(st.one_of(st.just(0), st.integers(1, 40), st.integers(100, 900)))
    return draw(told(planned)), draw(told(draw(st.integers(0, planned))))


@st.composite
def district(draw: st.DrawFn, townships_only: bool) -> Areas:
    townships = [f"{COUNTY}{100 + nth}" for nth in range(draw(st.integers(1, 4 if townships_only else 2)))]
    codes = townships if townships_only else [f"{town}{200 + nth}" for town in townships for nth in range(draw(st.integers(1, 2)))]
    return {code: draw(area()) for code in codes}


def levels(townships_only: bool) -> tuple[int, ...]:
    return (9,) if townships_only else (6, 9, 12)


@pytest.mark.parametrize("townships_only", [True, False])
@settings(max_examples=12)
@given(data=st.data())
def test_no_hidden_count_with_a_bound_is_narrower_than_one_to_nine(townships_only: bool, data: st.DataObject) -> None:
    """Solved from all shown ends, those of the sums too, every hidden low end, number and number still to do may hold ten values or more."""
    leaves, reader, released = data.draw(district(townships_only)), Reader(), Released()
    reader.learn(leaves, published(rolled(leaves, levels(townships_only)), released), released)
    assert list(reader.attacker.narrow(WIDEST_HIDDEN)) == []


@pytest.mark.parametrize("townships_only", [True, False])
@settings(max_examples=8)
@given(data=st.data())
def test_no_hidden_count_with_a_bound_is_narrower_after_another_release(townships_only: bool, data: st.DataObject) -> None:
    """A second release in which some areas told something else, solved together with the first."""
    leaves, reader, released = data.draw(district(townships_only)), Reader(), Released()
    reader.learn(leaves, published(rolled(leaves, levels(townships_only)), released), released)
    changed = {**leaves, **{code: data.draw(area()) for code in data.draw(st.lists(st.sampled_from(sorted(leaves)), unique=True, max_size=2))}}
    reader.learn(changed, published(rolled(changed, levels(townships_only)), released), released)
    assert reader.attacker.told(WIDEST_HIDDEN) == []


@given(data=st.data(), townships_only=st.booleans())
def test_what_is_shown_cannot_be_small(data: st.DataObject, townships_only: bool) -> None:
    """A shown number is 10 or more at least, or certainly none, as it is where none is planned; so is the most that is still to do; the number, its ends and its word go together, and money with both."""
    areas = rolled(data.draw(district(townships_only)), levels(townships_only))
    for area, row in published(areas, Released()).items():
        for name in ("planned", "done"):
            hidden = row[name] is None
            assert hidden == (row[f"{name}_least"] is None) == (row[f"{name}_bound"] is None) and (not hidden or row[f"{name}_most"] is None)
            assert hidden or row[f"{name}_least"] >= LEAST_SHOWN or 0 in (row[f"{name}_most"], areas[area][0].most)
        both = row["planned"] is not None and row["done"] is not None
        assert (row["money"] is not None) == both == (not row["suppressed"]) and row["phases"] == 1
        if both and row["planned_most"] is not None:
            assert row["planned_most"] - row["done_least"] >= LEAST_SHOWN or row["planned_most"] <= row["done_least"]


def test_a_bound_that_may_be_small_is_hidden_with_the_next() -> None:
    """Nearly 200 may be none: it is hidden, and with it the smallest other one that holds 10 at least, since the county's sum may be known; more than 4000 is shown."""
    leaves = {
        f"{COUNTY}100": (Told(190, 0, 200), exact(0)),
        f"{COUNTY}101": (exact(60), exact(20)),
        f"{COUNTY}102": (Told(4100, 4000, None), exact(20)),
    }
    made = published(rolled(leaves, (9,)), Released())
    assert [made[area]["planned"] is None for area in sorted(made)] == [True, True, False]
    assert made[f"{COUNTY}102"]["done"] == 20


def test_money_is_hidden_with_a_count_that_is_dropped() -> None:
    """Few are done everywhere: the plan is shown, and neither what is done nor the money, which would tell how many."""
    leaves = {f"{COUNTY}{100 + nth}": (exact(300 + nth), exact(nth + 1)) for nth in range(3)}
    made = published(rolled(leaves, (9,)), Released()).values()
    assert [(row["planned"] is None, row["done"], row["done_bound"], row["money"], row["phases"]) for row in made] == [(False, None, None, None, 1)] * 3


def test_a_place_that_is_not_known_stands_for_itself() -> None:
    """The row `-` lies in no county: it is hidden where it is small, and takes no township with it."""
    leaves = {"-": (exact(4), exact(0)), f"{COUNTY}100": (exact(300), exact(0))}
    made = published(leaves, Released())
    assert {area: row["planned"] is None for area, row in made.items()} == {"-": True, f"{COUNTY}100": False}
