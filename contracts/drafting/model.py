"""The words of drafting.

Where a *confidence* (0 to 1) comes from: `header` is 1 for a header that a known feed has, 0.95 for the name of a known column, for others their likeness to the
nearest known header (below 0.6: none, 0); `values` is (n + 1) / (filled + 2), where n cells pass the check of what the column is said to be: one of one cell says
0.67, nine of nine 0.91. Together they are values * (header + 0.7 * (1 - header)). An identifier is believed for its check digits: `values` alone counts.
Below `SURE` there is a question.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import pyarrow as pa

from contracts.model import Label, Rule

SURE = 0.7
UNSAID = Label("", "")
"""What nobody said yet."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A file as its reader understood it. `cells`: one utf8 column per header, named by position from 0, clean and without layout rows.

    `banned`: headers with the rule that bans them; nothing was read below them. `unnamed`: how many columns have cells and no header.
    """

    file: str
    format: Literal["csv", "xlsx", "jsonl"]
    encoding: str
    delimiter: str
    titles: int
    headers: tuple[str, ...]
    cells: pa.Table = field(repr=False)
    banned: tuple[tuple[str, str], ...] = ()
    unnamed: int = 0
    layout: int = 0


@dataclass(frozen=True, slots=True)
class Told:
    """What a person says about the feed; blank or empty where nothing is said. `codes`: headers whose values are codes that may be written into the draft."""

    feed: str
    label: Label = UNSAID
    department: Label = UNSAID
    purpose: str = ""
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found out: where (`file`, `column`, `feed`, `mapping`), about which header or property, what, how sure."""

    where: str
    about: str
    text: Label
    confidence: float


@dataclass(frozen=True, slots=True)
class Question:
    """What a person must say or look at. `at` names the place in the draft (`feed`, a property, a column's name, `mapping`).

    `problems`: what `contracts.check` says until it is answered, as `code name`; none where the draft has a careful answer already.
    """

    at: str
    text: Label
    problems: tuple[str, ...] = ()


@dataclass(slots=True)
class DraftColumn:
    """One column of the draft; `type` None and `purpose` blank wait for a person. `meanings`: columns of known feeds, with how sure it is that they mean the same."""

    position: int
    name: str
    header: str
    type: str | None
    classification: str
    required: bool
    confidence: float
    role: str | None = None
    purpose: str = ""
    legal_basis: str = ""
    description: Label = UNSAID
    properties: dict[str, str] = field(default_factory=dict)
    rules: list[Rule] = field(default_factory=list)
    meanings: Mapping[tuple[str, str], float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DraftMapping:
    """One target with the SQL of its columns; an `entity` that is None where one is needed waits for a person."""

    name: str
    target: str
    columns: tuple[tuple[str, str], ...]
    properties: Mapping[str, str]
    needs_entity: bool = True


@dataclass(frozen=True, slots=True)
class Likeness:
    """How many of a known feed's columns the file has, of how many, and how many columns the file has."""

    feed: str
    shared: int
    columns: int
    delivered: int

    @property
    def share(self) -> float:
        """1 where both have the same headers."""
        return 2 * self.shared / (self.columns + self.delivered)


@dataclass(slots=True)
class Draft:
    """A contract in the making, in the order of its file. `feed`: its own properties; None waits for a person. `kinds`: targets with their scores, best first."""

    told: Told
    sample: Sample
    columns: list[DraftColumn]
    feed: dict[str, Any] = field(default_factory=dict)
    rules: list[Rule] = field(default_factory=list)
    mappings: list[DraftMapping] = field(default_factory=list)
    likeness: list[Likeness] = field(default_factory=list)
    kinds: list[tuple[str, float]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)

    def ask(self, at: str, zh: str, en: str, *problems: str) -> None:
        """One more question."""
        self.questions.append(Question(at, Label(zh, en), problems))

    def find(self, where: str, about: str, zh: str, en: str, confidence: float) -> None:
        """One more finding."""
        self.findings.append(Finding(where, about, Label(zh, en), round(confidence, 2)))

    def column(self, name: str) -> DraftColumn:
        return next(column for column in self.columns if column.name == name)


def believed(header: float, values: float) -> float:
    """Header and values together, as the module says."""
    return values * (header + 0.7 * (1 - header))


def share(passing: int, filled: int) -> float:
    """The share of cells that pass, by the rule of succession: few cells prove little."""
    return (passing + 1) / (filled + 2)
