"""Which of the first rows of a file is its header: names of columns, told from data and titles. What may be data is never taken for a header."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from contracts.drafting.vocabulary import Vocabulary

_VALUE = re.compile(r"[-+]?\d[\d.,:/\-年月日T ]*|.*\d{6,}.*|.{41,}")
"""Numbers, dates, anything with a long number in it, and sentences: none of them names a column."""

NUMBERED = 2
"""One cell without a digit may as well be a value that is missing from a list without header (无, 不详)."""


def header_place(rows: Sequence[Sequence[str]], vocabulary: Vocabulary) -> int | None:
    """The place of the header among `rows`: the first that names columns and is wide enough for the rows below it; None where no row does.

    A row is believed where two of its cells (or half of few) are known words, else where its cells hold no digits and those below them do: in two columns,
    or in one beside a word that is known.
    """
    for place, row in enumerate(rows):
        if is_header(row) and (_known(row, vocabulary) or _contrasts(row, rows[place + 1 :], vocabulary)):
            return place
    return None


def is_header(row: Sequence[str]) -> bool:
    """Whether a row could be one: no cell is a value, none comes twice, and most are filled."""
    cells = [unicodedata.normalize("NFKC", cell).strip() for cell in row]
    filled = [cell for cell in cells if cell]
    return bool(filled) and len(set(filled)) == len(filled) and len(filled) * 2 > len(cells) and not any(map(_is_value, filled))


def _is_value(cell: str) -> bool:
    return bool(_VALUE.fullmatch(cell)) or not any(char.isalpha() for char in cell)


def _known(row: Sequence[str], vocabulary: Vocabulary) -> bool:
    known = sum(vocabulary.knows(cell) for cell in row if cell.strip())
    return known >= min(2, max(1, len(row) // 2)) and known * 5 >= len(row)


def _contrasts(row: Sequence[str], below: Sequence[Sequence[str]], vocabulary: Vocabulary) -> bool:
    """In columns whose cells below nearly all hold digits, the row has none, and no cell of it comes again below. One such column is enough beside a known word only."""
    numbered = [place for place in range(len(row)) if row[place].strip() and _digits(below, place)]
    plain = sum(not any(char.isdigit() for char in unicodedata.normalize("NFKC", row[place])) for place in numbered)
    enough = plain >= NUMBERED or (plain > 0 and any(vocabulary.knows(cell) for cell in row if cell.strip()))
    return enough and plain == len(numbered) and all(row[place] not in _cells(below, place) for place in range(len(row)))


def _digits(rows: Sequence[Sequence[str]], place: int) -> bool:
    cells = _cells(rows, place)
    return len(cells) > 0 and sum(any(char.isdigit() for char in cell) for cell in cells) >= 0.9 * len(cells)


def _cells(rows: Sequence[Sequence[str]], place: int) -> list[str]:
    return [row[place] for row in rows if place < len(row) and row[place].strip()]
