"""Inbox messages as the rows they hold: one JSON object, objects in lines or in an array, or an Arrow table. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time
from decimal import Decimal
from typing import Any

import orjson

from contracts.ipc import Unreadable, read_table

ARROW_BEGINS = b"\xff\xff\xff\xff"
"""How an Arrow IPC stream begins; no JSON does. What a producer says in `content-type` is not asked, because it may say nothing."""


def lines_of(value: bytes) -> bytes:
    """The rows as JSON lines, in order.

    Raises: `Unreadable` where the message holds no rows, or something else.
    """
    lines = list(_lines(value))
    if not lines:
        raise Unreadable("no rows")
    return b"".join(line + b"\n" for line in lines)


def _lines(value: bytes) -> Iterator[bytes]:
    if value.startswith(ARROW_BEGINS):
        yield from (orjson.dumps(row, default=_text) for row in read_table(value).to_pylist())
        return
    try:
        whole = orjson.loads(value)
    except orjson.JSONDecodeError:
        for line in value.splitlines():
            if line.strip():
                yield _line(line)
        return
    for row in whole if isinstance(whole, list) else [whole]:
        yield _checked(row, orjson.dumps(row))


def _line(line: bytes) -> bytes:
    try:
        return _checked(orjson.loads(line), line.strip())
    except orjson.JSONDecodeError as error:
        raise Unreadable("no JSON") from error


def _checked(row: Any, text: bytes) -> bytes:
    if not isinstance(row, dict):
        raise Unreadable("no object")
    return text


def _text(cell: Any) -> str:
    """Cells of a table that JSON has no words for."""
    if isinstance(cell, Decimal | date | time):
        return str(cell)
    raise Unreadable("a cell that is no text, number or moment")
