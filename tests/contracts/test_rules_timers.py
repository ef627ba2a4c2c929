"""Timers: the macro says of cells what `contracts.quantities` says of texts; no unit, no timer."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.quantities import timer_minutes
from tests.contracts.rules_kit import Asker
from tests.laws.quantities import texts

EXAMPLES = {
    "2小时": 120,
    "30分钟": 30,
    "3天": 4_320,
    "1.5小时": 90,
    "1周": 10_080,
    "12": None,
    "1-3-5": None,
    "每2小时": None,
    "1个月": None,
    "约2小时": None,
    "近2小时": None,
    "2户": None,
    "": None,
}


@pytest.mark.parametrize("text", EXAMPLES)
def test_timers_as_places_write_them(text: str, rules: Asker) -> None:
    """A length with its unit is minutes; what recurs, is open or has no fixed length is none."""
    assert (timer_minutes(text), rules.ask("timer_minutes(x)", [text])) == (EXAMPLES[text], [EXAMPLES[text]])


@given(
    st.lists(
        texts() | st.builds("{}{}".format, st.integers(0, 5_000), st.sampled_from(["小时", "分钟", "天", "日", "周", "个月", "余小时", ""])),
        min_size=1,
        max_size=40,
    )
)
@settings(max_examples=25, deadline=None)
def test_the_macro_agrees_with_the_type(rules: Asker, cells: list[str]) -> None:
    """Of any text the macro gives the minutes that the function gives."""
    assert rules.ask("timer_minutes(text_clean(x))", cells) == [timer_minutes(cell) for cell in cells]
