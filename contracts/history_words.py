"""What the columns of history mean, in both languages: read from `history.yaml`, because no feed, kind or mart declares them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from contracts.model import Classification, Label

FILE = Path(__file__).parent / "history.yaml"


@dataclass(frozen=True, slots=True)
class Words:
    """Name, meaning and class of a table or a column."""

    label: Label
    about: Label
    classification: Classification


@dataclass(frozen=True, slots=True)
class HistoryWords:
    """`claim` tells of every table of claims."""

    tables: Mapping[str, Words]
    columns: Mapping[str, Words]

    def column(self, table: str, name: str) -> Words:
        """A column as the table means it."""
        return self.columns.get(f"{table}.{name}") or self.columns[name]


@cache
def history_words() -> HistoryWords:
    """All of them, read once."""
    document = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return HistoryWords(*({name: _words(each) for name, each in document[part].items()} for part in ("tables", "columns")))


def _words(each: Mapping[str, str]) -> Words:
    return Words(Label(each["zh"], each["en"]), Label(each["about_zh"], each["about"]), Classification(each.get("class", "plain")))
