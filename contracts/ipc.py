"""Bytes from a log as a table: read as if a stranger wrote them, because engines trust what they are given and end the process over it."""

from __future__ import annotations

import re

import pyarrow as pa
import pyarrow.compute as pc

UNREADABLE = (pa.ArrowException, OSError, KeyError, ValueError)
"""What Arrow says about bytes in memory that are no table."""
EARLIEST, LATEST = -62_135_596_800_000, 253_402_214_400_000
"""The first milliseconds of year 1 and of the last day of year 9999."""
ASKED = re.compile(r"size (\d+)")
LARGEST_BUFFER = 1 << 32
"""No column of a message is as large; damaged bytes ask for any size."""


class Unreadable(ValueError):
    """These bytes are no table, or none that may be given to an engine."""


def read_table(value: bytes) -> pa.Table:
    """The table of an Arrow IPC stream; every text of it is UTF-8, every offset lies within its buffers, every moment in the years 1 to 9999.

    Raises: `Unreadable`.
    """
    try:
        with pa.ipc.open_stream(value) as reader:
            table = reader.read_all()
        table.validate(full=True)
        _refuse_unthinkable(table)
    except UNREADABLE as error:
        if isinstance(error, MemoryError) and not _absurd(error):
            raise
        raise Unreadable("no table") from error
    return table


def _refuse_unthinkable(table: pa.Table) -> None:
    """A moment that no calendar holds can be stored, and breaks whatever computes with it later."""
    for each in table.schema:
        if pa.types.is_timestamp(each.type) or pa.types.is_date(each.type):
            ends = pc.min_max(table[each.name].cast(pa.timestamp("ms"), safe=False)) if table.num_rows else None
            if ends is not None and ends["min"].is_valid and not EARLIEST <= ends["min"].value <= ends["max"].value <= LATEST:
                raise Unreadable("a moment of no calendar")


def _absurd(error: MemoryError) -> bool:
    """Whether more memory was asked for than any message needs: then the bytes are at fault, and not the machine."""
    asked = ASKED.search(str(error))
    return asked is not None and int(asked[1]) > LARGEST_BUFFER


def number_of(text: str | None, limit: int = 1 << 31) -> int | None:
    """The whole number that a header names, below `limit`; None where it names none."""
    if text is None or not (text.isascii() and text.isdecimal()) or len(text) > 19:
        return None
    number = int(text)
    return number if number < limit else None
