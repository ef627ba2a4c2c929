"""The digest of a delivery's cells, independent of column order, file format and blocks.

Per contract column two streams are hashed: the lengths of the cells (-1 for a blank) and their bytes, end to end; together they determine every cell.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from contracts.model import Feed
from streams.landing.clean import lengths
from streams.landing.model import Declared


class CellDigest:
    """Takes blocks of clean cells, whose columns are those of the contract, in contract order."""

    def __init__(self, columns: Sequence[str]) -> None:
        self._columns = list(columns)
        self._hashes = [(hashlib.sha256(), hashlib.sha256()) for _ in columns]
        self._rows = 0

    def add(self, block: pa.RecordBatch) -> None:
        self._rows += block.num_rows
        for (sizes, cells), name in zip(self._hashes, self._columns, strict=True):
            column = block.column(name)
            filled = pc.fill_null(column, "") if column.null_count else column
            size = lengths(filled).astype("<i4")
            if column.null_count:
                size[column.is_null().to_numpy(zero_copy_only=False)] = -1
            sizes.update(size.tobytes())
            offsets = np.frombuffer(filled.buffers()[1], np.int32)
            data = filled.buffers()[2]
            if data is not None:
                cells.update(memoryview(data)[offsets[filled.offset] : offsets[filled.offset + len(filled)]])

    def of(self, feed: Feed, declared: Declared) -> bytes:
        """What names the delivery: feed, mode, moment, area and all cells, as canonical JSON."""
        moment = declared.moment.isoformat() if declared.moment else None
        cells = [(name, sizes.hexdigest(), data.hexdigest()) for name, (sizes, data) in sorted(zip(self._columns, self._hashes, strict=True))]
        return orjson.dumps([feed.name, declared.mode, moment, declared.area, self._rows, cells])
