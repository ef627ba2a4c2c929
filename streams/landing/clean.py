"""Cells as they are kept: NFKC, without padding and invisible characters, blank as null; pure.

Most cells are clean already, so a look at the raw bytes of a column finds the few candidates and only those are worked on.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

INVISIBLE = "[\u200b-\u200f\u2060\ufeff]"
UNUSUAL = r"[^\x20-\x7e\x{4e00}-\x{9fff}\x{3400}-\x{4dbf}]"


def clean(column: pa.StringArray) -> tuple[pa.StringArray, NDArray[np.bool_] | None, NDArray[np.bool_] | None]:
    """The clean cells, which rows were full-width (NFKC changed them) and which were padded (None: no row)."""
    wide = padded = None
    candidates = _candidates(column)
    if candidates is not None:
        before = column.filter(candidates)
        trimmed = pc.utf8_trim_whitespace(pc.replace_substring_regex(before, INVISIBLE, ""))
        after = pc.utf8_trim_whitespace(pc.utf8_normalize(trimmed, "NFKC"))
        padded = _spread(candidates, pc.not_equal(before, trimmed))
        wide = _spread(candidates, pc.not_equal(trimmed, after))
        column = pc.replace_with_mask(column, pa.array(candidates), after)
    return _blanks_to_null(column), wide, padded


def lengths(column: pa.StringArray) -> NDArray[np.int32]:
    """Bytes of each cell."""
    offsets = np.frombuffer(column.buffers()[1], np.int32)[column.offset : column.offset + len(column) + 1]
    return np.diff(offsets)


def _bytes(column: pa.StringArray) -> NDArray[np.uint8]:
    """The bytes of all cells, end to end."""
    data = column.buffers()[2]
    offsets = np.frombuffer(column.buffers()[1], np.int32)
    first, last = offsets[column.offset], offsets[column.offset + len(column)]
    return np.frombuffer(data, np.uint8)[first:last] if data is not None else np.zeros(0, np.uint8)


def _candidates(column: pa.StringArray) -> NDArray[np.bool_] | None:
    """Rows that may need work: white space at either end, or characters outside plain ASCII and the usual ideographs."""
    if len(column) == column.null_count:
        return None
    data = _bytes(column)
    edges = _edge_blank(column, data)
    unusual = ((data >= 0xC0) & (data < 0xE4)) | (data >= 0xEA) | (data == 0x7F)
    if unusual.any():
        edges |= pc.fill_null(pc.match_substring_regex(column, UNUSUAL), False).to_numpy(zero_copy_only=False)
    return edges if edges.any() else None


def _edge_blank(column: pa.StringArray, data: NDArray[np.uint8]) -> NDArray[np.bool_]:
    size = lengths(column)
    ends = np.cumsum(size, dtype=np.int64)
    filled = size > 0
    blank = np.zeros(len(size), np.bool_)
    blank[filled] = (data[(ends - size)[filled]] <= 0x20) | (data[ends[filled] - 1] <= 0x20)
    return blank


def _spread(mask: NDArray[np.bool_], chosen: pa.BooleanArray) -> NDArray[np.bool_] | None:
    found = pc.fill_null(chosen, False).to_numpy(zero_copy_only=False)
    if not found.any():
        return None
    rows = np.zeros(len(mask), np.bool_)
    rows[np.flatnonzero(mask)[found]] = True
    return rows


def _blanks_to_null(column: pa.StringArray) -> pa.StringArray:
    empty = (lengths(column) == 0) & ~column.is_null().to_numpy(zero_copy_only=False)
    return pc.if_else(pa.array(empty), pa.scalar(None, pa.string()), column) if empty.any() else column
