"""A sample of a layout that no contract describes yet, read by the readers of deliveries.

First the header is found; then the file is read as a delivery of a feed whose columns are those headers. Banned columns are no columns of it: like every undeclared
column of a delivery they are passed over.
"""

from __future__ import annotations

from itertools import chain
from pathlib import Path
from typing import Literal, cast

import duckdb
import pyarrow as pa

from contracts.ban import banned_columns
from contracts.drafting import Sample, Vocabulary, header_place, is_header
from contracts.drafting.errors import SampleUnreadable, SampleWithoutHeader, SampleWithoutRows
from contracts.model import Classification, Column, Feed, Label
from streams.errors import EmptyDelivery, FileMissing, UnknownFormat, WrongEncoding
from streams.landing.blocks import Seen, blocks
from streams.landing.header import SEARCHED_ROWS, cleaned, match, shown
from streams.landing.model import Sizes
from streams.landing.read import FORMATS, read
from streams.landing.read_csv import DELIMITERS, REFUSED_DELIMITERS, first_rows
from streams.landing.read_jsonl import keys_of
from streams.landing.read_xlsx import first_rows as first_rows_of
from streams.landing.read_xlsx import sheets
from streams.landing.text import Text, opened

MOST_ROWS = 50_000
"""Rows of a sample that are looked at."""
ENCODING = "utf-8"


def read_sample(file: Path, name: str, vocabulary: Vocabulary, engine: duckdb.DuckDBPyConnection) -> Sample:
    """The file's headers and clean cells, layout rows taken out; `name` is the feed's to be.

    Raises: `SampleWithoutHeader`, `SampleWithoutRows`, `SampleUnreadable`, and what landing says of a file that it cannot read.
    """
    format_ = FORMATS.get(file.suffix.lower())
    if not file.is_file():
        raise FileMissing(file=file)
    if format_ is None:
        raise UnknownFormat(file=file.name)
    try:
        header, text = _header(file, format_, vocabulary, engine)
        return _read(file, _layout(name, format_, header), text, engine)
    except WrongEncoding as error:
        raise SampleUnreadable(file=file.name, detail=error.values["detail"]) from error


def _header(file: Path, format_: str, vocabulary: Vocabulary, engine: duckdb.DuckDBPyConnection) -> tuple[list[str], Text | None]:
    """The cells of the header, and the text it stands in where the file is one."""
    if format_ == "xlsx":
        found = [first_rows_of(sheet) for sheet in sheets(file)]
        if not any(chain.from_iterable(found)):
            raise EmptyDelivery(file=file.name)
        return _first_header(file, found, vocabulary), None
    text = opened(file, ENCODING)
    if format_ == "jsonl":
        keys = list(keys_of(_layout("sample", "jsonl", []), text, Sizes().block_bytes, engine))
        if not is_header(keys):
            raise SampleWithoutHeader(file=file.name, rows=SEARCHED_ROWS)
        return keys, text
    tables = [[row for row, _ in first_rows(text.head, delimiter)] for delimiter in (*DELIMITERS, *REFUSED_DELIMITERS)]
    return _first_header(file, sorted(tables, key=lambda rows: -max(map(len, rows), default=0)), vocabulary), text


def _first_header(file: Path, tables: list[list[list[str]]], vocabulary: Vocabulary) -> list[str]:
    for rows in tables:
        place = header_place(rows, vocabulary)
        if place is not None:
            return rows[place]
    raise SampleWithoutHeader(file=file.name, rows=SEARCHED_ROWS)


def _layout(name: str, format_: str, header: list[str]) -> Feed:
    """A feed of these headers: every one a text, except those that are banned or blank."""
    banned = {word for word, _ in banned_columns(header)}
    columns = [_column(place, word) for place, word in enumerate(header) if word.strip() and word not in banned]
    nobody = Label("", "")
    return Feed(
        name=name, catalogue="", version=1, version_text="1.0.0", label=nobody, department=nobody, format=cast(Literal["csv", "xlsx", "jsonl"], format_),
        encoding=ENCODING, delimiter=",", modes=("increment",), columns=tuple(columns), observed_at=(), area="null", mappings=(),
    )  # fmt: skip


def _column(place: int, word: str) -> Column:
    return Column(f"__column {place}", "", word, "text", Classification.PERSONAL, "", "", "")


def _read(file: Path, feed: Feed, text: Text | None, engine: duckdb.DuckDBPyConnection) -> Sample:
    if not feed.columns:
        raise SampleWithoutHeader(file=file.name, rows=SEARCHED_ROWS)
    source = read(feed, file, Sizes(), engine)
    matched, seen, kept = match(feed, file, source.header), Seen(), []
    for block in blocks(feed, source, matched, seen):
        kept.append(block.select([column.name for column in feed.columns]))
        if seen.rows >= MOST_ROWS:
            break
    cells = pa.Table.from_batches(kept).rename_columns([str(place) for place in range(len(feed.columns))]) if kept else None
    if cells is None or not cells.num_rows:
        raise SampleWithoutRows(file=file.name)
    return Sample(
        file=file.name,
        format=feed.format,
        encoding=_encoding(text),
        delimiter=_delimiter(text, source.header),
        titles=source.fixes.get("title-rows", 0),
        headers=tuple(shown(column.header, 0) for column in feed.columns),
        cells=cells,
        banned=tuple((shown(word, 0), rule) for word, rule in banned_columns(source.header)),
        unnamed=sum(not cleaned(source.header[place]) and bool(seen.values[word]) for place, word in matched.undeclared),
        layout=seen.layout,
    )


def _encoding(text: Text | None) -> str:
    return "utf-8" if text is None else "utf-8-sig" if text.bom else text.encoding


def _delimiter(text: Text | None, header: tuple[str, ...]) -> str:
    """The one that splits the text into this header."""
    if text is None:
        return ","
    return next((each for each in DELIMITERS if any(tuple(row) == header for row, _ in first_rows(text.head, each))), ",")
