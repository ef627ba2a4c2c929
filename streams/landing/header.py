"""Which delivered column is which column of the contract: the real header decides, never the order."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from contracts.model import Feed, Label
from streams.errors import DuplicateColumns, MissingColumns, NoHeader, WrongEncoding
from streams.landing.text import converted_twice

SEARCHED_ROWS = 20
_BLANK = re.compile(r"[\s\u200b-\u200f\u2060\ufeff]+")
_NUMBER = re.compile(r"\d{11,}")


@dataclass(frozen=True, slots=True)
class Matched:
    """Positions in the file: of each contract column (None: an optional one is missing), and of the columns no contract declares."""

    positions: tuple[int | None, ...]
    undeclared: tuple[tuple[int, str], ...]


def cleaned(header: str) -> str:
    """A header as compared: NFKC, without blanks and invisible characters, lower case."""
    return _BLANK.sub("", unicodedata.normalize("NFKC", header)).lower()


def words(feed: Feed) -> dict[str, int]:
    """Every accepted header of the feed, cleaned, with the index of its column."""
    return {cleaned(word): index for index, column in reversed(list(enumerate(feed.columns))) for word in (column.name, *column.other_headers, column.header)}


def header_row(feed: Feed, rows: Sequence[Sequence[str]]) -> int | None:
    """The first of the rows that names at least half of the required columns; None where none does."""
    known = words(feed)
    needed = max(1, sum(column.required for column in feed.columns) // 2)
    for index, row in enumerate(rows[:SEARCHED_ROWS]):
        if len({known[word] for word in map(cleaned, row) if word in known}) >= needed:
            return index
    return None


def no_header(feed: Feed, file: Path, rows: Sequence[Sequence[str]]) -> NoHeader | WrongEncoding:
    """Why no header row was found: a text converted twice shows as such."""
    return _twice(feed, file, rows[:SEARCHED_ROWS]) or NoHeader(file=file.name, feed=feed.name, rows=SEARCHED_ROWS)


def no_fields(feed: Feed, file: Path, fields: Sequence[str]) -> MissingColumns | WrongEncoding:
    """Why objects with these fields are none of the feed's: JSON has no header row, so the fields they lack are named."""
    known = {words(feed).get(cleaned(field)) for field in fields}
    lacking = [column for index, column in enumerate(feed.columns) if index not in known]
    missing = [column.header for column in lacking if column.required] or [column.header for column in lacking]
    return _twice(feed, file, [fields]) or MissingColumns(file=file.name, feed=feed.name, columns=", ".join(missing))


def _twice(feed: Feed, file: Path, rows: Sequence[Sequence[str]]) -> WrongEncoding | None:
    known = words(feed)
    if not any(cleaned(converted_twice(cell) or "") in known for row in rows for cell in row):
        return None
    detail = Label("UTF-8 文本曾被当作 GB18030 读取后另存", "UTF-8 that was read as GB18030 and saved again")
    return WrongEncoding(file=file.name, encoding=feed.encoding, detail=detail)


def match(feed: Feed, file: Path, header: Sequence[str]) -> Matched:
    """Raises: `DuplicateColumns`, `MissingColumns`."""
    known = words(feed)
    places: dict[int, list[int]] = {}
    undeclared = []
    for position, word in enumerate(map(cleaned, header)):
        if word in known:
            places.setdefault(known[word], []).append(position)
        else:
            undeclared.append((position, shown(header[position], position)))
    _refuse_duplicates(feed, file, places)
    missing = [column.header for index, column in enumerate(feed.columns) if column.required and index not in places]
    if missing:
        raise MissingColumns(file=file.name, feed=feed.name, columns=", ".join(missing))
    return Matched(tuple(places.get(index, [None])[0] for index in range(len(feed.columns))), tuple(undeclared))


def shown(header: str, position: int) -> str:
    """An undeclared header as it may be reported: without digits that could be somebody's number, never empty."""
    word = _NUMBER.sub("…", _BLANK.sub(" ", unicodedata.normalize("NFKC", header)).strip())[:40]
    return word or f"({position + 1})"


def _refuse_duplicates(feed: Feed, file: Path, places: Mapping[int, Sequence[int]]) -> None:
    twice = [feed.columns[index].header for index, found in places.items() if len(found) > 1]
    if twice:
        raise DuplicateColumns(file=file.name, feed=feed.name, columns=", ".join(twice))
