"""Bytes from a log as a table: read as if a stranger wrote them, because engines trust what they are given and end the process over it."""

from __future__ import annotations

import pyarrow as pa

UNREADABLE = (pa.ArrowException, OSError, KeyError, ValueError)
"""What Arrow says about bytes in memory that are no table; that there is no memory is no fault of theirs (`ArrowMemoryError` is re-raised)."""


class Unreadable(ValueError):
    """These bytes are no table, or none that may be given to an engine."""


def read_table(value: bytes) -> pa.Table:
    """The table of an Arrow IPC stream; every text of it is UTF-8 and every offset lies within its buffers.

    Raises: `Unreadable`.
    """
    try:
        with pa.ipc.open_stream(value) as reader:
            table = reader.read_all()
        table.validate(full=True)
    except pa.ArrowMemoryError:
        raise
    except UNREADABLE as error:
        raise Unreadable("no table") from error
    return table


def number_of(text: str | None, limit: int = 1 << 31) -> int | None:
    """The whole number that a header names, below `limit`; None where it names none."""
    if text is None or not (text.isascii() and text.isdecimal()) or len(text) > 19:
        return None
    number = int(text)
    return number if number < limit else None
