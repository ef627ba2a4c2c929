"""The basis of a unit's value: four parts in one integer."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.golden.basis import STATUSES, VISIT
from contracts.model import MOST_SOURCES
from tests.contracts.golden_kit import attribute, kind
from tests.golden_rows import golden_table, shown_rows

THING = kind("thing", attribute("colour"))
FEEDS = tuple(f"feed{number:02}" for number in range(MOST_SOURCES))
MASKS = st.integers(0, 2**MOST_SOURCES - 1)
BASES = st.fixed_dictionaries(
    {
        "colour__status": st.sampled_from(STATUSES),
        "colour__source": st.sampled_from([VISIT, *FEEDS]),
        "colour__agree": MASKS,
        "colour__differ": MASKS,
    }
)


@settings(max_examples=25)
@given(st.lists(BASES, min_size=1, max_size=20))
def test_what_is_packed_is_shown_again(rows: list[dict[str, object]]) -> None:
    """With as many feeds as may be, each status, each speaker and all masks come back as they were."""
    shown = shown_rows(THING, FEEDS, golden_table(THING, FEEDS, rows))
    assert [{name: row[name] for name in given} for row, given in zip(shown, rows, strict=True)] == rows


def test_no_value_is_nobodys() -> None:
    """A unit without a value has no status and no speaker; nobody agrees and nobody differs."""
    (row,) = shown_rows(THING, FEEDS, golden_table(THING, FEEDS, [{"entity": "x"}]))
    assert [row[f"colour__{part}"] for part in ("status", "source", "agree", "differ")] == [None, None, 0, 0]
