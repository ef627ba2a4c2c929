"""CSV: comma or tab, quoted cells, LF or CRLF, title lines above the header."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pc

from contracts.errors import CabinError
from contracts.model import Feed, Label
from streams.errors import BrokenRows, WrongDelimiter
from streams.landing.header import SEARCHED_ROWS, header_row, no_header
from streams.landing.source import Source, text_schema
from streams.landing.text import Text, opened

DELIMITERS = (",", "\t")
REFUSED_DELIMITERS = (";", "|")


@dataclass(slots=True)
class Broken:
    """Rows whose number of cells is not the header's: how many, and where the first lies."""

    first_line: int
    count: int = 0
    line: int | None = None
    cells: set[int] = field(default_factory=set)

    def __call__(self, row: pc.InvalidRow) -> str:
        self.count += 1
        self.cells.add(row.actual_columns)
        if self.line is None and row.number is not None:
            self.line = self.first_line + row.number - 1
        return "skip"


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the header lies in the text: rows above it, lines and UTF-8 bytes up to its end."""

    delimiter: str
    header: tuple[str, ...]
    titles: int
    lines: int
    size: int


def read_csv(feed: Feed, path: Path, block_bytes: int) -> Source:
    """Raises: `FileMissing`, `EmptyDelivery`, `WrongEncoding`, `WrongDelimiter`, `NoHeader`; `blocks()` raises `BrokenRows`, `WrongEncoding`."""
    text = opened(path, feed.encoding)
    layout = _layout(feed, text)
    fixes = {
        "encoding": int(text.encoding != feed.encoding.lower().replace("utf8", "utf-8").replace("utf-8-sig", "utf-8")),
        "delimiter": int(layout.delimiter != feed.delimiter),
        "title-rows": layout.titles,
    }
    return Source(layout.header, lambda: _blocks(text, layout, block_bytes), {name: count for name, count in fixes.items() if count})


def _layout(feed: Feed, text: Text) -> Layout:
    preferred = feed.delimiter if feed.delimiter in DELIMITERS else ","
    for delimiter in sorted(DELIMITERS, key=lambda each: each != preferred):
        found = _header_at(feed, text.head, delimiter)
        if found is not None:
            return found
    for delimiter in REFUSED_DELIMITERS:
        if _header_at(feed, text.head, delimiter) is not None:
            raise WrongDelimiter(file=text.path.name, delimiter=delimiter)
    raise no_header(feed, text.path, [row for row, _ in first_rows(text.head, preferred)])


def _header_at(feed: Feed, head: str, delimiter: str) -> Layout | None:
    rows = first_rows(head, delimiter)
    index = header_row(feed, [row for row, _ in rows])
    if index is None:
        return None
    row, lines = rows[index]
    physical = list(io.StringIO(head, newline=""))[:lines]
    return Layout(delimiter, tuple(row), index, lines, len("".join(physical).encode()))


def first_rows(head: str, delimiter: str) -> list[tuple[list[str], int]]:
    """The first rows, each with the number of physical lines up to its end."""
    reader = csv.reader(io.StringIO(head, newline=""), delimiter=delimiter)
    rows: list[tuple[list[str], int]] = []
    try:
        for row in reader:
            rows.append((row, reader.line_num))
            if len(rows) == SEARCHED_ROWS:
                break
    except csv.Error:
        return rows
    return rows


def _blocks(text: Text, layout: Layout, block_bytes: int) -> Iterator[pa.RecordBatch]:
    broken = Broken(layout.lines + 1)
    stream = text.stream(layout.size)
    try:
        yield from _parsed(stream, layout, block_bytes, broken)
    except CabinError:
        raise
    except pa.ArrowInvalid as error:
        if "empty" not in str(error).lower():
            raise broken_rows(text.path, broken, Label("引号或字节不成对", "quotes or bytes that do not fit")) from error
    finally:
        stream.close()
    if broken.count:
        expected, found = len(layout.header), ", ".join(map(str, sorted(broken.cells)))
        raise broken_rows(text.path, broken, Label(f"应有 {expected} 格，实有 {found} 格", f"{expected} cells expected, {found} found"))


def _parsed(stream: io.RawIOBase, layout: Layout, block_bytes: int, broken: Broken) -> Iterator[pa.RecordBatch]:
    schema = text_schema(len(layout.header))
    with pc.open_csv(
        pa.PythonFile(stream, mode="r"),
        read_options=pc.ReadOptions(use_threads=False, block_size=block_bytes, column_names=schema.names),
        parse_options=pc.ParseOptions(delimiter=layout.delimiter, newlines_in_values=True, invalid_row_handler=broken),
        convert_options=pc.ConvertOptions(column_types=schema, strings_can_be_null=False),
    ) as reader:
        yield from reader


def broken_rows(path: Path, broken: Broken, detail: Label) -> BrokenRows:
    """The error for rows that do not fit; where the parser cannot tell, the first row below the header is named."""
    return BrokenRows(file=path.name, count=max(broken.count, 1), line=broken.line or broken.first_line, detail=detail)
