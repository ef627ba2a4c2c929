"""Rows that are layout, not data: empty ones, repeated headers, totals; pure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

TOTAL = r"^[\s]*(合\s*计|小\s*计|总\s*计|共\s*计|总\s*数)[\s:]*$"
LABEL_COLUMNS = 4
"""A total's label stands in one of the first columns."""


def layout_rows(cells: Sequence[pa.StringArray], header: Sequence[str]) -> NDArray[np.bool_] | None:
    """Which rows of clean cells are layout (None: no row). `cells` and `header` in the file's order."""
    found = _empty(cells) | _totals(cells) | _headers(cells, header)
    return found if found.any() else None


def _empty(cells: Sequence[pa.StringArray]) -> NDArray[np.bool_]:
    empty = np.ones(len(cells[0]), np.bool_)
    for column in cells:
        if not column.null_count:
            return np.zeros(len(column), np.bool_)
        empty &= column.is_null().to_numpy(zero_copy_only=False)
    return empty


def _totals(cells: Sequence[pa.StringArray]) -> NDArray[np.bool_]:
    """A label in one of the first columns and at most half of the cells filled."""
    labelled = np.zeros(len(cells[0]), np.bool_)
    for column in cells[:LABEL_COLUMNS]:
        labelled |= pc.fill_null(pc.match_substring_regex(column, TOTAL), False).to_numpy(zero_copy_only=False)
    for row in np.flatnonzero(labelled):
        labelled[row] = sum(column[row].is_valid for column in cells) * 2 <= len(cells) + 1
    return labelled


def _headers(cells: Sequence[pa.StringArray], header: Sequence[str]) -> NDArray[np.bool_]:
    same: NDArray[np.bool_] = pc.fill_null(pc.equal(cells[0], header[0]), False).to_numpy(zero_copy_only=False).copy()
    for row in np.flatnonzero(same):
        same[row] = sum(column[row].as_py() == word for column, word in zip(cells, header, strict=True)) * 2 > len(header)
    return same
