"""Code lists and divisions from `contracts/codes/*.csv` (see SOURCES.md there)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import Path

from contracts.model import CodeList, Label

DIVISIONS = "division"
"""The file of division codes: no code list, because its codes form a hierarchy."""
NOT_LISTS = frozenset({DIVISIONS, "ban"})


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
    return {name: code_list_of(name, text) for name, text in sorted(texts.items()) if name not in NOT_LISTS}


def texts_of(files: Iterable[Path]) -> dict[str, str]:
    """The texts of CSV files by their names without suffix; a later folder's file replaces an earlier one's."""
    return {file.stem: file.read_text(encoding="utf-8") for file in files}
