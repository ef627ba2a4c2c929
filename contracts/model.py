"""The typed model of every contract; loaded once from the ODCS files by `contracts.read` and never changed.

Read `Feed` for what a department delivers and how it becomes claims, `Kind` for what a golden record holds,
`Mart` for a table that people read. Nothing here knows YAML, files or engines.
"""

from __future__ import annotations

from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Literal

AttributeType = Literal["text", "code", "address", "date", "timestamp", "integer", "decimal", "boolean"]
Mode = Literal["increment", "snapshot", "correction", "withdrawal"]
MOST_SOURCES = 27
"""How many feeds may speak about one kind: so many fit beside each other into one integer (see `golden.basis`)."""


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
class Allowance:
    """How much of a table may break a promise: so many rows, or so large a share (0 to 1) of the rows that the promise is about; nothing where neither is said."""

    rows: int = 0
    share: float | None = None

    def allows(self, broken: int, about: int) -> bool:
        """Whether so many rows may break it, of those it is about."""
        return broken <= (self.rows if self.share is None else self.share * about)


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


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute of a golden record.

    `freshness_days` is the shorter class. `group` names attributes chosen together. A visit can change it only if `visit` is true.
    """

    name: str
    id: str
    type: AttributeType
    label: Label
    description: str
    classification: Classification
    purpose: str
    legal_basis: str
    freshness_days: int
    visit: bool = False
    code_list: str | None = None
    group: str | None = None
    unit: str | None = None
    description_zh: str = ""


@dataclass(frozen=True, slots=True)
class Unit:
    """What survivorship chooses at once: one attribute, or a group of attributes as a whole tuple."""

    name: str
    members: tuple[Attribute, ...]
    freshness_days: int
    compare: Literal["equal", "address"]

    @property
    def visit(self) -> bool:
        """Whether a visit can speak about it; what it says about other units becomes a correction request, never a finding (reconcile.md, section 3)."""
        return any(member.visit for member in self.members)

    @property
    def silent(self) -> Unit:
        """The unit as if no visit could speak about it."""
        return replace(self, members=tuple(replace(member, visit=False) for member in self.members))


@dataclass(frozen=True, slots=True)
class Kind:
    """One of the eight kinds or the link residency: attributes, survivorship and who delivers it.

    `priorities` maps a unit (or `*`) to ranks of sources, best first; sources of one rank are told apart by the order key; unlisted sources come last, together.
    """

    name: str
    version: int
    version_text: str
    label: Label
    description: str
    attributes: tuple[Attribute, ...]
    priorities: MappingOf[str, tuple[tuple[str, ...], ...]]
    retention_days: int
    title: str | None = None
    description_zh: str = ""
    quality: tuple[Promise, ...] = ()
    topic: str = ""
    status: str = "active"
    units: tuple[Unit, ...] = field(init=False, repr=False, compare=False)
    """In attribute order; a group stands where its first member stands. Found once: compiling the statements of one publish asks for them hundreds of times."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "units", self._units())

    def _units(self) -> tuple[Unit, ...]:
        grouped: dict[str, list[Attribute]] = {}
        for attribute in self.attributes:
            grouped.setdefault(attribute.group or attribute.name, []).append(attribute)
        return tuple(
            Unit(
                name,
                tuple(members),
                min(member.freshness_days for member in members),
                "address" if len(members) == 1 and members[0].type == "address" else "equal",
            )
            for name, members in grouped.items()
        )


@dataclass(frozen=True, slots=True)
class MartColumn:
    """One column of a mart: DuckDB type, unit, meaning of null in the description."""

    name: str
    type: str
    label: Label
    description: str
    classification: Classification
    key: bool = False
    unit: str | None = None
    description_zh: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class Mart:
    """A table for readers: one row per `grain` (its key columns). `small_cells`: where it counts people, or tells numbers by area, what is hidden of them or why nothing need be."""

    name: str
    version_text: str
    label: Label
    description: str
    columns: tuple[MartColumn, ...]
    consumers: tuple[str, ...]
    purpose: str
    description_zh: str = ""
    quality: tuple[Promise, ...] = ()
    status: str = "active"
    small_cells: Label | None = None

    @property
    def grain(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns if column.key)


CONSUMERS = "consumer"
"""The code list of who reads marts and saved queries; their contracts and heads name the codes."""


@dataclass(frozen=True, slots=True)
class Contracts:
    """All contracts of one release. `tables` are the parameters that marts read (`contracts.codes_read.TABLES`). `fingerprint` is the SHA-256 of every file they were read from, rules.sql and code lists included."""

    feeds: MappingOf[str, Feed]
    kinds: MappingOf[str, Kind]
    marts: MappingOf[str, Mart]
    code_lists: MappingOf[str, CodeList]
    rules_sql: str
    fingerprint: str
    divisions: MappingOf[str, Label] = field(default_factory=dict)
    tables: MappingOf[str, tuple[tuple[str | None, ...], ...]] = field(default_factory=dict)
    older: MappingOf[str, tuple[Feed, ...]] = field(default_factory=dict)
    """Older major versions of feeds, by feed, the oldest first: messages on the log carry them."""
    _sources: MappingOf[str, tuple[str, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        named = sorted((mapping.target, name) for name in self.feeds for mapping in self._mappings(name))
        found: dict[str, dict[str, None]] = {}
        for target, name in named:
            found.setdefault(target, {})[name] = None
        object.__setattr__(self, "_sources", {target: tuple(names) for target, names in found.items()})

    @property
    def address_feeds(self) -> tuple[Feed, ...]:
        """The feeds that say under which key a dwelling is known at present, in name order: the address alias table is made from them."""
        return tuple(feed for _, feed in sorted(self.feeds.items()) if any(mapping.merged_into for mapping in feed.mappings))

    def worded(self, codes: str, code: str) -> Label:
        """A code in words; itself where its list does not know it, or there is no such list."""
        known = self.code_lists.get(codes)
        return known.labels.get(code, Label(code, code)) if known else Label(code, code)

    def consumers(self, mart: str) -> tuple[Label, ...]:
        """Who reads a mart, in words, in the order of its contract."""
        return tuple(self.worded(CONSUMERS, each) for each in self.marts[mart].consumers)

    def version_of(self, feed: str, version: int) -> Feed | None:
        """A feed as one of its major versions describes it; None where that version is not known here."""
        return next((each for each in (self.feeds.get(feed), *self.older.get(feed, ())) if each is not None and each.version == version), None)

    def upcast_to(self, feed: Feed) -> tuple[tuple[Upcast, Feed], ...]:
        """The steps by which rows of an older version become newer ones, as far as newer versions say how; none for a version that nobody upcasts."""
        steps: list[tuple[Upcast, Feed]] = []
        newer = [each for each in (*self.older.get(feed.name, ()), self.feeds.get(feed.name)) if each is not None]
        while found := next(((step, each) for each in newer[::-1] for step in each.upcasts if step.version == feed.version < each.version), None):
            steps.append(found)
            feed = found[1]
        return tuple(steps)

    def _mappings(self, feed: str) -> list[Mapping]:
        """The mappings by which rows of some version of a feed make claims."""
        kept = [each for each in self.older.get(feed, ()) if not self.upcast_to(each)]
        return [mapping for each in (self.feeds[feed], *kept) for mapping in each.mappings]

    def says(self, feed: str, kind: str) -> frozenset[str]:
        """The attributes of a kind that a feed can say anything about: those some version of it maps a column to, and that something is present."""
        return frozenset({"present", *(column.name for mapping in self._mappings(feed) if mapping.target == kind for column in mapping.columns)})

    def sources(self, kind: str) -> tuple[str, ...]:
        """The feeds with a mapping into `kind`, in name order: the order of every source bitmask."""
        return self._sources.get(kind, ())
