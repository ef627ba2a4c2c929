"""What every reader gives back: a header, and the rows below it in blocks of text cells."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Source:
    """A delivery as read.

    `blocks()` may be called again; each call yields all rows anew, in order, as utf8 columns named `0`, `1`, ... in header order.
    `fixes` names what was mended for the whole file (`encoding`, `delimiter`, `title-rows`, `merged`), with how often.
    """

    header: tuple[str, ...]
    blocks: Callable[[], Iterator[pa.RecordBatch]]
    fixes: dict[str, int]


def text_schema(width: int) -> pa.Schema:
    """`width` utf8 columns named by position."""
    return pa.schema([(str(position), pa.string()) for position in range(width)])
