"""Laws of the bounds: what they contain, what they do not depend on, when they keep silent."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quality.monitors import ALARM, Calendar, Judged, alarms, watched
from quality.monitors.bounds import LEAST_POINTS, Asked, Series, bounds, limit
from tests.quality.monitors.profile_kit import BEGIN, judged, names, on, profiles, same


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=3), st.integers(1, 70))
@settings(max_examples=60)
def test_bounds_contain_what_never_changes(values: list[float], count: int) -> None:
    """The bounds of a series that stood still contain its value, whatever it is and however many points there are."""
    series = Series(
        np.repeat(values, count + 1),
        np.full(len(values) * (count + 1), 50.0),
        np.zeros(len(values) * (count + 1)),
        np.zeros(len(values) * (count + 1), np.int8),
        np.repeat(np.arange(len(values)) * (count + 1), count + 1),
    )
    at = np.arange(len(values)) * (count + 1) + count
    zero = np.zeros(len(values))
    found = bounds(series, Asked(at, zero, zero, np.zeros(len(values), bool), zero + 1, zero > 0, zero > 0))
    assert np.all((found.lower <= values) & (found.upper >= values))


@given(st.lists(st.floats(0, 1000), min_size=LEAST_POINTS, max_size=60), st.floats(0, 1000), st.floats(-500, 500))
@settings(max_examples=60)
def test_bounds_move_with_the_history_and_not_with_the_judged_point(history: list[float], judged_value: float, shift: float) -> None:
    """Adding a number to every earlier point adds it to both bounds, and the point itself has no part in them."""
    zero, kinds = np.zeros(1), np.zeros(len(history) + 1, np.int8)
    place = np.array([len(history)])

    def of(values: list[float]) -> np.ndarray:
        series = Series(np.array(values), np.full(len(values), 50.0), np.zeros(len(values)), kinds, np.zeros(len(values), np.int64))
        found = bounds(series, Asked(place, zero, zero, np.zeros(1, bool), zero + 1, zero > 0, zero > 0))
        return np.array([found.lower[0], found.upper[0]])

    moved = of([value + shift for value in history] + [0.0])
    assert np.allclose(of([*history, judged_value]) + shift, moved, atol=1e-6)


def test_the_limit_falls_with_the_points() -> None:
    """The fewer points, the wider the bounds; with very many they are as wide as for a known spread."""
    wide = limit(np.array([14, 28, 56, 10_000]))
    assert np.all(np.diff(wide) < 0) and wide[-1] == pytest.approx(4.5, abs=0.02)


@pytest.mark.parametrize("points", [1, LEAST_POINTS - 1, LEAST_POINTS])
def test_all_that_is_watched_has_the_bounds_of_its_alarm(points: int) -> None:
    """Every series is told once with its newest day and what came before; bounds from fourteen points on, those that its alarm names; of what only alarms upwards the lower one is left out."""
    table = profiles([same(100.0)] * points + [{"rows": 9000.0, "nulls": 9000.0}])
    asked = Judged(on(points, 12.0))
    found = {(row["field"], row["monitor"]): row for row in watched(table, asked, Calendar()).to_pylist()}
    told = {(row["field"], row["monitor"]): row for row in alarms(table, asked, Calendar(), {}).to_pylist()}
    assert set(found) == {("", "volume"), ("", "arrival"), ("x", "nulls")} and bool(told) == (points >= LEAST_POINTS)
    for key, row in found.items():
        assert (row["points"], row["history"], row["day"]) == (points, [row["history"][0]] * points, asked.moment.date())
        assert row["beyond"] == (key in told)
        if key in told:
            assert [row[name] for name in ("value", "lower", "upper", "points", "history")] == [
                told[key][name] for name in ("value", "lower", "upper", "points", "history")
            ]
        elif points < LEAST_POINTS:
            assert (row["lower"], row["upper"]) == (None, None)
    assert found["", "arrival"]["lower"] is None


@pytest.mark.parametrize("points", [1, LEAST_POINTS - 1, LEAST_POINTS])
def test_nothing_alarms_before_fourteen_points(points: int) -> None:
    """The wildest value is no alarm until fourteen points stand before it, and is one then."""
    table = profiles([same(100.0)] * points + [{"rows": 9000.0, "nulls": 9000.0}])
    assert bool(judged(table, on(points + 1))) == (points >= LEAST_POINTS)


@given(st.permutations(range(80)))
@settings(max_examples=5)
def test_the_order_of_rows_changes_nothing(order: list[int]) -> None:
    """Profiles in any order give equal alarms."""
    table = profiles([same(100.0 + place % 3) for place in range(15)] + [same(300.0, 250.0)])
    assert table.num_rows == 80
    found = judged(table, on(16))
    assert len(found) > 1 and judged(table.take(pa.array(order)), on(16)) == found


def test_an_alarm_shows_value_bounds_and_history() -> None:
    """Share of blanks of the odd day: the value, the bounds around what was before, the points before and the last of them, a sentence in both languages."""
    table = alarms(profiles([same(100.0)] * 20 + [same(100.0, 60.0)]), Judged(on(21), BEGIN), Calendar(), {})
    assert table.schema == ALARM
    (blank,) = [row for row in table.to_pylist() if row["monitor"] == "nulls"]
    assert (blank["value"], blank["lower"], blank["points"], blank["history"]) == (0.6, 0.0, 20, [0.0] * 14)
    assert 0 < blank["upper"] < 0.2 and blank["day"] == BEGIN + timedelta(days=20)
    assert "60.0%" in blank["en"] and "60.0%" in blank["zh"]


def test_days_of_a_kind_are_compared_with_each_other() -> None:
    """A feed that brings ten times as much every Wednesday is no alarm on a Wednesday; the same on a Thursday is."""
    usual = [same(1000.0 if on(place).weekday() == 2 else 100.0 + place % 5) for place in range(60)]
    assert judged(profiles(usual), on(60), on(42).date()) == []
    assert on(59).weekday() == 3
    assert names(judged(profiles([*usual[:59], same(1000.0)]), on(60), on(42).date())) == {"volume"}


def test_half_a_day_is_no_drop() -> None:
    """Of a feed that comes twice a day the first delivery of today is not judged as a whole day; the day is, once it is over."""
    twice = pa.concat_tables([profiles([same(100.0)] * 21), profiles([same(100.0)] * 20)])
    twice = twice.set_column(1, "delivery", pa.array([f"{each}{place >= 105}" for place, each in enumerate(twice["delivery"].to_pylist())]))
    assert judged(twice, on(20, 12), None) == []
    assert "volume" in names(judged(twice, on(21, 6), on(20).date()))


@given(st.integers(0, 6), st.integers(1, 5))
@settings(max_examples=6)
def test_one_step_of_whole_numbers_is_no_alarm(usual: int, shift: int) -> None:
    """A median of whole numbers that always was the same may be the next one some day; ten further it alarms."""
    history = [{**same(100.0), "q25": float(usual), "q50": float(usual), "q75": float(usual)}] * 20
    odd = {measure: float(usual + 1) for measure in ("q25", "q50", "q75")}
    far = {measure: float(usual + 10 + shift) for measure in ("q25", "q50", "q75")}
    assert judged(profiles([*history, {**same(100.0), **odd}]), on(21)) == []
    assert len(names(judged(profiles([*history, {**same(100.0), **far}]), on(21))) & {"q25", "q50", "q75"}) == 1
