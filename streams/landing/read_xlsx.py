"""XLSX: title rows above the header, merged cells, several sheets with one header; cells come back as the text a person sees.

Numbers lose a superfluous `.0` and keep every digit they have; dates become ISO dates. What a spreadsheet program rounded away (18-digit numbers) is gone and shows as
`3.30302e+17`.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError

from contracts.model import Feed, Label
from streams.errors import BrokenWorkbook, EmptyDelivery
from streams.landing.header import SEARCHED_ROWS, header_row, no_header
from streams.landing.source import Source, text_schema

UNPACKED_BYTES = 4_000_000_000
BLOCK_ROWS = 150_000
AT_ONCE_ROWS = 250_000
EXACT_INTEGERS = 2**53


@dataclass(frozen=True, slots=True)
class Body:
    """The rows below one sheet's header, the merged cells among them, and which of its columns are the delivery's."""

    sheet: CalamineSheet
    first: int
    columns: tuple[int, ...]
    merged: tuple[tuple[int, int, int], ...]


def read_xlsx(feed: Feed, path: Path) -> Source:
    """Raises: `BrokenWorkbook`, `EmptyDelivery`, `NoHeader`."""
    found = [(sheet, rows, header_row(feed, rows)) for sheet, rows in ((sheet, first_rows(sheet)) for sheet in sheets(path))]
    if not any(rows for _, rows, _ in found):
        raise EmptyDelivery(file=path.name)
    usable = [(sheet, rows, index) for sheet, rows, index in found if index is not None]
    if not usable:
        raise no_header(feed, path, [row for _, rows, _ in found for row in rows])
    header = _trimmed(usable[0][1][usable[0][2]])
    bodies = [_body(sheet, index, header) for sheet, rows, index in usable if _trimmed(rows[index]) == header]
    fixes = {"title-rows": sum(index for _, _, index in usable), "merged": sum(len(body.merged) for body in bodies)}
    read = tuple(_blocks(bodies, len(header)))  # the workbook lies in memory anyhow; as columns it is smaller
    return Source(header, lambda: iter(read), {name: count for name, count in fixes.items() if count})


def sheets(path: Path) -> list[CalamineSheet]:
    """Every sheet of the workbook. Raises: `BrokenWorkbook`."""
    try:
        _refuse_bomb(path)
        with CalamineWorkbook.from_path(str(path)) as workbook:
            return [workbook.get_sheet_by_index(index) for index in range(len(workbook.sheet_names))]
    except PasswordError as error:
        raise BrokenWorkbook(file=path.name, detail=Label("有密码保护", "it is locked by a password")) from error
    except (CalamineError, zipfile.BadZipFile, OSError) as error:
        raise BrokenWorkbook(file=path.name, detail=Label("被截断或已损坏", "truncated or damaged")) from error


def _refuse_bomb(path: Path) -> None:
    if path.suffix.lower() == ".xls":
        return
    with zipfile.ZipFile(path) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > UNPACKED_BYTES:
            raise BrokenWorkbook(file=path.name, detail=Label(f"解压后超过 {UNPACKED_BYTES:,} 字节", f"unpacks to more than {UNPACKED_BYTES:,} bytes"))


def first_rows(sheet: CalamineSheet) -> list[list[str]]:
    """The rows among which the header is looked for."""
    rows = sheet.to_python(skip_empty_area=False, nrows=SEARCHED_ROWS)
    return [[as_text(cell) for cell in row] for row in rows]


def _trimmed(row: Sequence[str]) -> tuple[str, ...]:
    """Without empty header cells at the right."""
    width = max((index + 1 for index, cell in enumerate(row) if cell.strip()), default=0)
    return tuple(row[:width])


def _body(sheet: CalamineSheet, header: int, names: Sequence[str]) -> Body:
    """Only cells merged downwards are filled: a cell merged to the right has its one meaning under its own header."""
    ranges = sheet.merged_cell_ranges or []
    merged = tuple((first[1], first[0], last[0]) for first, last in ranges if first[0] > header and last[0] > first[0] and first[1] < len(names))
    return Body(sheet, header + 1, tuple(range(len(names))), merged)


def _blocks(bodies: Sequence[Body], width: int) -> Iterator[pa.RecordBatch]:
    for body in bodies:
        filled: dict[int, Any] = {}
        rows = _rows(body)
        position = body.first
        while chunk := list(islice(rows, BLOCK_ROWS)):
            yield _batch(chunk, body, position, width, filled)
            position += len(chunk)


def _rows(body: Body) -> Iterator[list[Any]]:
    """The rows below the header. All at once is three times faster; large sheets come row by row, which leaves out empty columns at the left, but no rows."""
    sheet = body.sheet
    if sheet.total_height <= AT_ONCE_ROWS:
        yield from islice(sheet.to_python(skip_empty_area=False), body.first, None)
        return
    left = [""] * (sheet.start[1] if sheet.start else 0)
    for row in islice(sheet.iter_rows(), body.first, None):
        yield left + row if left else row


def _batch(rows: list[list[Any]], body: Body, first: int, width: int, filled: dict[int, Any]) -> pa.RecordBatch:
    columns: list[Sequence[Any]] = list(islice(zip(*rows, strict=True), width))
    columns += [[""] * len(rows)] * (width - len(columns))
    mutable = {column: list(columns[column]) for column, _, _ in body.merged}
    for number, (column, top, bottom) in enumerate(body.merged):
        if top >= first + len(rows) or bottom < first:
            continue
        if top >= first:
            filled[number] = mutable[column][top - first]
        changed = mutable[column]
        for row in range(max(top, first), min(bottom + 1, first + len(rows))):
            changed[row - first] = filled[number]
    shown = (texts(mutable.get(position, column)) for position, column in enumerate(columns))
    return pa.record_batch([pa.array(column, pa.string()) for column in shown], schema=text_schema(width))


def texts(cells: Sequence[Any]) -> Sequence[str]:
    """The texts of a column. Each distinct value is turned into text once; booleans equal numbers in Python, so they are kept away from that shortcut."""
    types = set(map(type, cells))
    if types <= {str}:
        return cells
    if bool in types:
        return list(map(as_text, cells))
    known = {cell: as_text(cell) for cell in set(cells)}
    return list(map(known.__getitem__, cells))


def as_text(cell: Any) -> str:
    """One cell as the text a person sees."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < EXACT_INTEGERS else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time(0) else cell.isoformat(sep=" ", timespec="seconds")
    if isinstance(cell, (date, time)):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell)
    return str(cell)
