"""A file that is no delivery of its feed because it has another feed's layout: whose it is, so that whoever sent it need not guess."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from contracts.model import Feed
from streams.errors import AnotherLayout, DeliveryRefused
from streams.landing.header import cleaned, header_row, match
from streams.landing.model import Landing
from streams.landing.read import FORMATS
from streams.landing.read_csv import DELIMITERS, first_rows
from streams.landing.read_jsonl import keys_of
from streams.landing.read_xlsx import first_rows as first_rows_of
from streams.landing.read_xlsx import sheets
from streams.landing.text import opened

Rows = Sequence[Sequence[str]]


def refuse_anothers(landing: Landing, feed: Feed, file: Path, engine: duckdb.DuckDBPyConnection) -> None:
    """Raises `AnotherLayout` where the header has all required columns of another feed, and half of what it has are columns of that feed."""
    try:
        tables = _first_rows(landing, feed, file, engine)
    except DeliveryRefused:
        return  # what is wrong with it was said
    others = [each for name, each in sorted(landing.contracts.feeds.items()) if name != feed.name]
    shared = [(max(_shared(each, file, rows) for rows in tables), each) for each in others] if tables else []
    most, other = max(shared, key=lambda found: found[0], default=(0, feed))
    if most:
        raise AnotherLayout(file=file.name, feed=feed.name, other=other.name, department=other.department)


def _shared(feed: Feed, file: Path, rows: Rows) -> int:
    """How many columns of the feed the header among these rows has; 0 where it is none of the feed's."""
    place = header_row(feed, rows)
    if place is None:
        return 0
    try:
        found = match(feed, file, rows[place])
    except DeliveryRefused:
        return 0
    known = sum(position is not None for position in found.positions)
    return known if known * 2 >= sum(bool(cleaned(cell)) for cell in rows[place]) else 0


def _first_rows(landing: Landing, feed: Feed, file: Path, engine: duckdb.DuckDBPyConnection) -> list[Rows]:
    """The first rows of each table that the file may be read as; of objects their keys."""
    kind = FORMATS[file.suffix.lower()]
    if kind == "xlsx":
        return [first_rows_of(sheet) for sheet in sheets(file)]
    text = opened(file, feed.encoding)
    if kind == "jsonl":
        return [[list(keys_of(feed, text, landing.sizes.block_bytes, engine))]]
    return [[row for row, _ in first_rows(text.head, delimiter)] for delimiter in DELIMITERS]
