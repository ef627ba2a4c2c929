"""Coordinates both ways: the vectors of the domain reference to a tenth of a millimetre, and random points against the oracle."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.contracts import oracle_points as oracle
from tests.contracts.rules_kit import Asker

NUMBERS = [pa.float64(), pa.float64()]
VECTORS = [
    ((31.1774276, 121.5272106), (31.1753039836, 121.5315418592), (31.1813286069, 121.5380156864)),
    ((28.0, 120.65), (27.9966266002, 120.6539637302), (28.0022868182, 120.6605618800)),
]
NEAR = 1e-9
"""Degrees; a tenth of a millimetre on the ground."""


def points() -> st.SearchStrategy[list[tuple[float, float]]]:
    """Points of China and around it, the sea and the box's edge included."""
    return st.lists(st.tuples(st.floats(1, 55, width=32), st.floats(60, 140, width=32)), min_size=20, max_size=40)


def asked(rules: Asker, macro: str, given_: list[tuple[float, float]]) -> list[tuple[float, float]]:
    return [(each["lat"], each["lon"]) for each in rules.ask(f"{macro}(x, y)", given_, NUMBERS)]


def assert_near(found: list[tuple[float, float]], expected: list[tuple[float, float]], degrees: float = NEAR) -> None:
    """Pairs equal up to so many degrees."""
    assert len(found) == len(expected)
    for each, other in zip(found, expected, strict=True):
        assert each == pytest.approx(other, abs=degrees)


def test_vectors_of_the_reference(rules: Asker) -> None:
    """CGCS2000 to GCJ-02 to BD-09, with a = 6378245 and not 6378137, which is 0.01 m off."""
    assert_near(asked(rules, "gcj_of_cgcs", [cgcs for cgcs, _, _ in VECTORS]), [gcj for _, gcj, _ in VECTORS], 1e-10)
    assert_near(asked(rules, "bd_of_gcj", [gcj for _, gcj, _ in VECTORS]), [bd for _, _, bd in VECTORS])


def test_vectors_backwards(rules: Asker) -> None:
    """The inverses reach the points they came from."""
    assert_near(asked(rules, "cgcs_of_gcj", [gcj for _, gcj, _ in VECTORS]), [cgcs for cgcs, _, _ in VECTORS])
    assert_near(asked(rules, "cgcs_of_bd", [bd for _, _, bd in VECTORS]), [cgcs for cgcs, _, _ in VECTORS])


@given(points())
@settings(max_examples=25)
def test_forward_agrees_with_the_oracle(rules: Asker, given_: list[tuple[float, float]]) -> None:
    """Both forward transformations, inside and outside the box."""
    assert_near(asked(rules, "gcj_of_cgcs", given_), [oracle.gcj_of_cgcs(*each) for each in given_], 1e-11)
    assert_near(asked(rules, "bd_of_gcj", given_), [oracle.bd_of_gcj(*each) for each in given_], 1e-11)


@given(st.lists(st.tuples(st.floats(18, 53, width=32), st.floats(74, 135, width=32)), max_size=20))
@settings(max_examples=15)
def test_inverses_agree_with_the_oracle(rules: Asker, given_: list[tuple[float, float]]) -> None:
    """A fixed number of rounds reaches what iterating to standstill reaches."""
    assert_near(asked(rules, "cgcs_of_gcj", given_), [oracle.cgcs_of_gcj(*each) for each in given_])
    assert_near(asked(rules, "cgcs_of_bd", given_), [oracle.cgcs_of_bd(*each) for each in given_])


def test_a_point_knows_its_system(rules: Asker) -> None:
    """The system is mandatory: none, or an unknown one, gives no point."""
    assert rules.one("point_of(28.0, 120.65, 'WGS72')") is None
    assert rules.one("point_of(28.0, 120.65, null)") is None
    assert rules.one("point_of(28.0, 120.65, 'CGCS2000')") == {"lat": 28.0, "lon": 120.65}
    (_, gcj, bd) = VECTORS[1]
    for system, (lat, lon) in {"GCJ02": gcj, "BD09": bd}.items():
        assert rules.one(f"point_of({lat}, {lon}, '{system}')") == pytest.approx({"lat": 28.0, "lon": 120.65}, abs=NEAR)


def test_swapped_points_are_told(rules: Asker) -> None:
    """LLSWAP: only exchanged do both numbers lie in China."""
    assert rules.ask("point_swapped(x, y)", [(120.65, 28.0), (28.0, 120.65), (None, 28.0)], NUMBERS) == [True, False, False]
    assert rules.ask("point_in_china(x, y)", [(28.0, 120.65), (120.65, 28.0), (0.0, 0.0)], NUMBERS) == [True, False, False]
