"""What a department delivers in one layout, and how its rows become claims: `Feed`."""

from __future__ import annotations

from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, field
from typing import Literal

from contracts.model.words import AttributeType, Classification, Label, Severity

Mode = Literal["increment", "snapshot", "correction", "withdrawal"]


@dataclass(frozen=True, slots=True)
class Column:
    """One delivered column of a feed.

    `name` is the word in raw records and SQL; `header` the department's own. `identifier` is `subject` (an identity number, becomes a
    subject token) or `phone` (becomes a value token), only in rows where `identifier_when` (SQL over the row) holds; in the others a personal column's cell is
    sealed. `keep` = `year` reduces a date to its year before it leaves landing.
    """

    name: str
    id: str
    header: str
    type: AttributeType
    classification: Classification
    purpose: str
    legal_basis: str
    description: str
    required: bool = True
    other_headers: tuple[str, ...] = ()
    identifier: Literal["subject", "phone"] | None = None
    identifier_when: str | None = None
    sex_column: str | None = None
    birth_column: str | None = None
    keep: Literal["year"] | None = None
    code_list: str | None = None
    description_zh: str = ""

    @property
    def sealed(self) -> bool:
        """Whether the cells of every landed row are sealed."""
        return self.classification is Classification.PERSONAL and self.identifier is None


LEAST_ROWS = 50
"""Of a message with fewer rows no share is judged, unless the contract names another count."""


@dataclass(frozen=True, slots=True)
class Limit:
    """How much of one raw message may break a rule: at most `percent` of its rows, judged from `least_rows` rows on."""

    percent: float
    least_rows: int = LEAST_ROWS


@dataclass(frozen=True, slots=True)
class Rule:
    """A promise about a row. `holds` is SQL over the row, true (or null) when kept. `blanks` names the column whose cell becomes blank when it breaks (warnings only).
    A message in which more rows break it than `limit` allows is held: none of its rows is accepted before a person has decided."""

    reason: str
    severity: Severity
    holds: str
    label: Label
    column: str | None = None
    blanks: str | None = None
    limit: Limit | None = None


@dataclass(frozen=True, slots=True)
class Mapped:
    """One target column and the SQL over the row's columns that makes it."""

    name: str
    sql: str


@dataclass(frozen=True, slots=True)
class Mapping:
    """The claims (or other facts) that accepted rows make.

    `target` is a kind (`person`, ..., `residency`) or a fact (`finding`, `request`, `roster`, `verification`, `visit`). `entity`, `record`, `where` are SQL over the row; a null
    entity makes no claim. Only a feed of addresses has `merged_into`: the record whose dwelling took the place of this one's, null where none did. For residency `columns` hold `person` and `dwelling` besides attributes and `entity` is derived from them.
    `rows` = `minors` maps the reduced rows of persons under 14 (their columns: the kept ones and `minors`).
    """

    target: str
    columns: tuple[Mapped, ...]
    entity: str | None = None
    record: str | None = None
    where: str | None = None
    merged_into: str | None = None
    rows: Literal["landed", "minors"] = "landed"


@dataclass(frozen=True, slots=True)
class Minors:
    """How rows of persons under 14 are reduced, told by the number of the person a row is about and by `birth`, a date column.

    `keep` names the columns by which a full list counts them; all else of them is dropped. Rows where `stay` (SQL over the row) holds are about more than the child: they
    stay, without its number. In no feed does a child's number become a token; the check beside it says `minor`.
    """

    birth: str | None
    keep: tuple[str, ...] = ()
    stay: str | None = None


@dataclass(frozen=True, slots=True)
class Upcast:
    """How rows of an older major `version` become rows of this one: `columns` are SQL over the older columns, as they are after its rules; of columns that are not named the one with the same id is taken."""

    version: int
    columns: MappingOf[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ServiceLevel:
    """How often a feed delivers at least, and how long after its moment a delivery may be recorded at most, in hours; None: not promised."""

    frequency_hours: float | None = None
    latency_hours: float | None = None


@dataclass(frozen=True, slots=True)
class Feed:
    """What one department delivers in one layout, and how a row becomes claims.

    `observed_at` is the coalesce list, `rank` stands right after it in the order key, `operation` is true for rows that withdraw their record;
    `area` gives the division code a row belongs to. All are SQL over the row's columns and may use the macros of `rules.sql`.
    """

    name: str
    catalogue: str
    version: int
    version_text: str
    label: Label
    department: Label
    format: Literal["csv", "xlsx", "jsonl"]
    encoding: str
    delimiter: str
    modes: tuple[Mode, ...]
    columns: tuple[Column, ...]
    observed_at: tuple[str, ...]
    area: str
    mappings: tuple[Mapping, ...]
    rules: tuple[Rule, ...] = ()
    rank: str | None = None
    operation: str | None = None
    record: str | None = None
    subject: str | None = None
    minors: Minors | None = None
    covers: tuple[str, ...] = ()
    max_unkeyed: float = 0.001
    partial: bool = False
    free_text_limit: int = 30
    topic: str = ""
    status: str = "active"
    upcasts: tuple[Upcast, ...] = ()
    service_level: ServiceLevel | None = None

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)
