"""What all contracts are written with: the types of values, names in two languages, code lists, how a value may travel, and promises about whole tables."""

from __future__ import annotations

from collections.abc import Mapping as MappingOf
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

AttributeType = Literal["text", "code", "address", "date", "timestamp", "integer", "decimal", "boolean"]


class Classification(StrEnum):
    """How a value may travel: identifiers become tokens, personal cells are sealed, plain ones stay."""

    IDENTIFIER = "identifier"
    PERSONAL = "personal"
    PLAIN = "plain"


class Severity(StrEnum):
    """What a broken rule does: an error quarantines the row, a warning flags it."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Label:
    """One thing's name in the two languages of the cabin."""

    zh: str
    en: str

    def get(self, lang: str) -> str:
        return self.zh if lang == "zh" else self.en


@dataclass(frozen=True, slots=True)
class CodeList:
    """A code list of `contracts/codes`: code to label, in file order; `width` is the length short codes are padded to (None: as given)."""

    name: str
    labels: MappingOf[str, Label]
    width: int | None


@dataclass(frozen=True, slots=True)
class Allowance:
    """How much of a table may break a promise: so many rows, or so large a share (0 to 1) of the rows that the promise is about; nothing where neither is said."""

    rows: int = 0
    share: float | None = None

    def allows(self, broken: int, about: int) -> bool:
        """Whether so many rows may break it, of those it is about."""
        return broken <= (self.rows if self.share is None else self.share * about)


@dataclass(frozen=True, slots=True)
class Promise:
    """A promise about a whole table: a kind's golden records or a mart. `check` is a word of `contracts.checks`, `arguments` what it is asked with.

    Of `expect_rows_to_hold` the argument `condition` is SQL over the row, true (or null) when kept.
    """

    name: str
    check: str
    arguments: MappingOf[str, object]
    severity: Severity
    label: Label
    limit: Allowance = Allowance()
