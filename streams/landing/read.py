"""Which reader a delivered file needs: its name says it, and its first bytes must agree."""

from __future__ import annotations

from pathlib import Path

import duckdb

from contracts.model import Feed
from streams.errors import FileMissing, UnknownFormat
from streams.landing.model import Sizes
from streams.landing.read_csv import read_csv
from streams.landing.read_jsonl import read_jsonl
from streams.landing.read_xlsx import read_xlsx
from streams.landing.source import Source

FORMATS = {
    ".csv": "csv",
    ".txt": "csv",
    ".tsv": "csv",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
    ".xls": "xlsx",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
}


def read(feed: Feed, file: Path, sizes: Sizes, engine: duckdb.DuckDBPyConnection) -> Source:
    """The delivery as read. Raises `UnknownFormat` and what the readers raise."""
    if not file.is_file():
        raise FileMissing(file=file.name)
    kind = FORMATS.get(file.suffix.lower())
    if kind == "xlsx":
        return read_xlsx(feed, file)
    if kind == "jsonl":
        return read_jsonl(feed, file, sizes.block_bytes, engine)
    if kind == "csv":
        return read_csv(feed, file, sizes.block_bytes)
    raise UnknownFormat(file=file.name)
