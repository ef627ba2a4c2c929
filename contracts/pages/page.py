"""What a page consists of: a heading line, parts in order, a foot; all of it in one language."""

from __future__ import annotations

from dataclasses import dataclass

from contracts.model import Label
from contracts.pages.shapes import Drawing


@dataclass(frozen=True, slots=True)
class Table:
    """A heading, the heads of columns by the name a machine reads, and rows.

    `widths`: shares of the breadth of a printed page, one for each column; `numbers`: the columns that stand to the right. Nothing is drawn of a table without rows.
    """

    name: str
    title: Label
    heads: dict[str, Label]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]
    numbers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Heading:
    text: str


@dataclass(frozen=True, slots=True)
class Tiles:
    """The numbers at the top, each with what it counts."""

    counts: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Steps:
    """Sentences with numbers before them."""

    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Words:
    text: str


@dataclass(frozen=True, slots=True)
class Charts:
    drawings: tuple[Drawing, ...]


@dataclass(frozen=True, slots=True)
class Beside:
    """Parts in two columns."""

    left: tuple[Part, ...]
    right: tuple[Part, ...]


Part = Table | Heading | Tiles | Steps | Words | Charts | Beside


@dataclass(frozen=True, slots=True)
class Page:
    """`line` stands below the title: of what and of when it is."""

    lang: str
    title: str
    line: str
    parts: tuple[Part, ...]
    foot: str
