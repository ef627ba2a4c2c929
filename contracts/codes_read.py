"""Code lists and divisions from `contracts/codes/*.csv` (see SOURCES.md there)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import Path

from contracts.model import CodeList, Label

DIVISIONS = "division"
"""The file of division codes: no code list, because its codes form a hierarchy."""
TABLES: Mapping[str, tuple[str, ...]] = {
    "service_level": ("place", "milestone", "from_stage", "to_stage", "timer", "source"),
    "task_guide": ("task_type", "version", "from_on", "steps", "ask"),
    "holiday": ("day", "kind", "zh", "en", "source"),
}
"""Parameters, not codes: tables with these columns that marts and monitors read by name. `<name>.<anything>.csv` adds rows to one, so that an installation names the timers of its own places."""
NOT_LISTS = frozenset({DIVISIONS, "ban", *TABLES})


def table_of(name: str) -> str:
    """The table or code list that a file of this name (without suffix) belongs to."""
    return name.partition(".")[0]


def code_list_of(name: str, text: str) -> CodeList:
    """The list in a CSV with the columns `code`, `zh`, `en` (others are notes). `width` is set where all codes are digits of one length."""
    labels = labels_of(text)
    widths = {len(code) for code in labels}
    numeric = all(code.isdecimal() for code in labels)
    return CodeList(name, labels, widths.pop() if numeric and len(widths) == 1 else None)


def labels_of(text: str) -> dict[str, Label]:
    """Code to label in file order."""
    return {row["code"]: Label(row["zh"], row["en"]) for row in csv.DictReader(io.StringIO(text))}


def code_lists_of(texts: Mapping[str, str]) -> dict[str, CodeList]:
    """Every file that is a code list, by its name without suffix."""
    return {name: code_list_of(name, text) for name, text in sorted(texts.items()) if table_of(name) not in NOT_LISTS}


def tables_of(texts: Mapping[str, str]) -> dict[str, tuple[tuple[str | None, ...], ...]]:
    """The rows of every table of `TABLES`, in its columns' order, those of one file after those of another; a blank is null.

    Raises: `ValueError` where a file has other columns.
    """
    return {
        table: tuple(row for name, text in sorted(texts.items()) if table_of(name) == table for row in _rows(name, text, columns))
        for table, columns in TABLES.items()
    }


def _rows(name: str, text: str, columns: tuple[str, ...]) -> Iterable[tuple[str | None, ...]]:
    reader = csv.DictReader(io.StringIO(text))
    if tuple(reader.fieldnames or ()) != columns:
        raise ValueError(f"the columns of {name}.csv are not {','.join(columns)}")
    for row in reader:
        yield tuple(row[column] or None for column in columns)


def texts_of(files: Iterable[Path]) -> dict[str, str]:
    """The texts of CSV files by their names without suffix; a later folder's file replaces an earlier one's."""
    return {file.stem: file.read_text(encoding="utf-8") for file in files}
