"""Codes and columns that came or went, and content that came twice."""

from __future__ import annotations

import math

import numpy as np
import pytest

from quality.monitors.novelties import CHANCE_NEW, _by_chance
from tests.quality.monitors.profile_kit import judged, names, on, profiles, same


def coded(a: float, b: float, c: float = 0.0) -> dict[str, float]:
    """A field of codes."""
    rows = a + b + c
    return {"rows": rows, "nulls": 0.0, "distinct": 2.0 + (c > 0), "top": max(a, b, c), "code:a": a, "code:b": b, **({"code:c": c} if c else {})}


USUAL = [coded(60.0 + place % 4, 40.0 - place % 4) for place in range(20)]


def test_a_new_code_alarms_once_it_is_no_slip() -> None:
    """One row with a code never seen may be a slip; ten are a new code, told with how many rows and how many would have been chance."""
    assert judged(profiles([*USUAL, coded(60.0, 39.0, 1.0)]), on(21)) == []
    (new,) = judged(profiles([*USUAL, coded(55.0, 35.0, 10.0)]), on(21))
    assert (new["monitor"], new["item"], new["value"], new["upper"]) == ("new-code", "c", 10.0, 1.0)
    assert "c" in str(new["en"]) and "10" in str(new["zh"])


def test_a_code_of_yesterday_is_not_new() -> None:
    """The second day of a code is compared with the first."""
    assert "new-code" not in names(judged(profiles([*USUAL, coded(55.0, 35.0, 10.0), coded(55.0, 35.0, 10.0)]), on(22), on(21).date()))


def test_a_code_that_is_gone_is_told_by_name() -> None:
    """A code that came every day and stays away is told, with the shares it had; one that came seldom is not missed."""
    gone = {**coded(100.0, 0.0)}
    del gone["code:b"]
    (alarm,) = [row for row in judged(profiles([*USUAL, gone]), on(21)) if row["monitor"] == "vanished-code"]
    assert alarm["item"] == "b" and 0.3 < float(str(alarm["lower"])) <= float(str(alarm["upper"])) <= 0.4
    seldom = [coded(97.0, 2.0, 1.0) if place % 5 == 0 else {**coded(98.0, 2.0)} for place in range(20)]
    assert judged(profiles([*seldom, coded(98.0, 2.0)]), on(21)) == []


@pytest.mark.parametrize(("measure", "monitor"), [("undeclared", "undeclared-column"), ("missing", "missing-column")])
def test_a_column_that_comes_or_goes_alarms_on_its_first_day(measure: str, monitor: str) -> None:
    """A column not seen before alarms with its name, once; one that has always been so is how the feed is."""
    drift = {place: {f"{measure}:extra": 100.0} for place in (20, 21)}
    first = judged(profiles([same(100.0)] * 22, whole=drift), on(22))
    assert [(row["monitor"], row["item"], row["day"]) for row in first] == [(monitor, "extra", on(20).date())]
    always = {place: {f"{measure}:extra": 100.0} for place in range(22)}
    assert judged(profiles([same(100.0)] * 22, whole=always), on(22)) == []


def test_content_that_comes_twice_alarms() -> None:
    """A delivery with exactly the content of an earlier one is told with how many days lie between; small ones, and feeds that always bring the same, are not."""
    digests = {place: {"digest": float(place)} for place in range(21)}
    again = {**digests, 20: {"digest": 17.0}}
    assert judged(profiles([same(100.0)] * 21, whole=digests), on(21)) == []
    (row,) = judged(profiles([same(100.0)] * 21, whole=again), on(21))
    assert (row["monitor"], row["value"], row["mode"]) == ("repeated", 3.0, "increment")
    assert judged(profiles([same(10.0)] * 21, whole=again), on(21)) == []
    constant = {place: {"digest": 1.0} for place in range(21)}
    assert judged(profiles([same(100.0)] * 21, whole=constant), on(21)) == []


@pytest.mark.parametrize("mean", [0.001, 0.1, 1.0, 5.0, 20.0])
def test_what_comes_by_chance_is_poisson_s_tail(mean: float) -> None:
    """The most rows that chance explains: more have a chance below the limit, one less does not."""
    most = int(_by_chance(np.array([mean]))[0])

    def more_than(count: int) -> float:
        return 1 - sum(math.exp(-mean) * mean**each / math.factorial(each) for each in range(count + 1))

    assert more_than(most) < CHANCE_NEW and (most == 0 or more_than(most - 1) >= CHANCE_NEW)
