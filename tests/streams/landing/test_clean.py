"""Cleaning by a look at the bytes does what the plain definition says."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import example, given
from hypothesis import strategies as st

from streams.landing import Declared
from streams.landing.clean import clean
from streams.landing.digest import CellDigest
from tests.streams.landing.kit import PEOPLE, plainly

CELLS = st.lists(
    st.none() | st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn"))) | st.sampled_from(["３３０３０２", "王　", " a", "㎡", "a\u200bb", "无", ""])
)


@given(CELLS)
@example(["\u3000", " ", "\ufeff", "１２　３"])
@example([None, None])
@example([])
def test_clean_is_the_definition(cells) -> None:
    """Every cell is what the definition gives; flags are raised exactly where something changed."""
    found, wide, padded = clean(pa.array(cells, pa.string()))
    assert found.to_pylist() == [plainly(cell) for cell in cells]
    changed = [cell is not None and plainly(cell) != (cell or None) for cell in cells]
    flagged = [bool(wide is not None and wide[row]) or bool(padded is not None and padded[row]) for row in range(len(cells))]
    assert flagged == changed


@given(st.lists(st.tuples(st.none() | st.text(max_size=5), st.none() | st.text(max_size=5)), min_size=2), st.integers(1, 10))
def test_digest_does_not_depend_on_blocks_or_column_order(rows, cut) -> None:
    """One block or two, whichever column comes first: the same digest; other cells, another digest."""
    first, second = (pa.array([row[side] for row in rows], pa.string()) for side in (0, 1))
    whole = pa.RecordBatch.from_pydict({"a": first, "b": second})
    turned = pa.RecordBatch.from_pydict({"b": second, "a": first})
    cut = min(cut, len(rows) - 1)
    assert _digest([whole]) == _digest([turned.slice(0, cut), turned.slice(cut)])
    changed = pa.RecordBatch.from_pydict({"a": pa.array([*first.to_pylist()[:-1], "other than any"], pa.string()), "b": second})
    assert _digest([changed]) != _digest([whole])


def _digest(blocks) -> bytes:
    digest = CellDigest(["a", "b"])
    for block in blocks:
        digest.add(block)
    return digest.of(PEOPLE, Declared(mode="increment"))
