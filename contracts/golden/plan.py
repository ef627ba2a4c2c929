"""A kind as the makers of the golden statement see it: its units, the order of its sources, the names of the input relations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from contracts.facts import SQL_TYPES
from contracts.model import Attribute, Contracts, Kind, Unit

BAND = "people_band"
"""The unit of a dwelling that complete rosters count."""
VALUE_OUTCOMES = "('confirmed', 'corrected')"
VOIDED = " anti join void using (delivery) anti join withdrawn using (source)"
"""Leaves out of a fact relation what `facts.void_steps` tells not to count."""


@dataclass(frozen=True, slots=True)
class Relations:
    """The names of the input relations; facts by their fact type, `touched(entity)` the entities to compute.

    For residency `touched` must hold every link of each person it names, because records move and one link is the main residence.
    """

    claims: str
    touched: str
    presence: str = "presence"
    finding: str = "finding"
    roster: str = "roster"
    verification: str = "verification"
    visit: str = "visit"
    chunk: str = "chunk"
    closed: str = "closed"
    switch: str = "switch"

    @classmethod
    def of(cls, kind: str) -> Relations:
        """The names a state or a warehouse uses: `claim_<kind>`, `touched_<kind>` and the fact types."""
        return cls(f"claim_{kind}", f"touched_{kind}")


@dataclass(frozen=True, slots=True)
class Heard:
    """`sources` that claim anything about the entities at hand, `visits`: the units that visits say anything about, `turns`: what may make a claim about them count no more.
    It may name more than needed, never less.

    Of `turns`: `recalled`, some delivery or feed was; `struck`, some claim is of one; `repaired`, claims or presences of one feed are of several versions; `ended`, a list
    is later than a claim of its area.
    """

    sources: frozenset[str]
    visits: frozenset[str]
    turns: frozenset[str]

    @classmethod
    def of(cls, rows: Iterable[tuple[str, str]]) -> Heard:
        """From the rows that `heard_sql` gives."""
        found = list(rows)
        return cls(*(frozenset(named for what, named in found if what == each) for each in ("source", "visit", "turn")))

    @property
    def voided(self) -> bool:
        """Whether what was recalled, withdrawn or superseded may concern the entities at hand: their claims, their visits, or the lists that end them."""
        return "struck" in self.turns or ("recalled" in self.turns and (bool(self.visits) or "ended" in self.turns))


@dataclass(frozen=True)
class Plan:
    """One kind with everything the steps ask of the contracts. Sources are numbered in the order of `Contracts.sources`; `says`: the attributes each can speak about;
    `heard`: who speaks about the entities at hand, None where it may be anyone.

    Nothing is compiled for what nobody says: planning a statement takes longer than a small settle, and that halves it.
    """

    kind: Kind
    sources: tuple[str, ...]
    says: tuple[frozenset[str], ...]
    partial: frozenset[int]
    max_unkeyed: tuple[tuple[str, float], ...]
    relations: Relations
    heard: Heard | None = None

    @classmethod
    def of(cls, kind: Kind, contracts: Contracts, relations: Relations, heard: Heard | None = None) -> Plan:
        sources = contracts.sources(kind.name)
        spoken = [heard is None or name in heard.sources for name in sources]
        partial = frozenset(index for index, name in enumerate(sources) if spoken[index] and contracts.feeds[name].partial)
        shares = tuple((name, feed.max_unkeyed) for name, feed in sorted(contracts.feeds.items()))
        says = tuple(contracts.says(name, kind.name) if spoken[index] else frozenset() for index, name in enumerate(sources))
        return cls(kind, sources, says, partial, shares, relations, heard)

    @cached_property
    def units(self) -> tuple[Unit, ...]:
        """The kind's; those that no visit speaks about here are like those that none can."""
        return tuple(unit if self.heard is None or unit.name in self.heard.visits else unit.silent for unit in self.kind.units)

    @cached_property
    def visited(self) -> tuple[Unit, ...]:
        """The units that visits speak about."""
        return tuple(unit for unit in self.units if unit.visit)

    @property
    def voided(self) -> str:
        """What leaves out of a fact relation the facts that do not count: nothing where none of those at hand was recalled."""
        return VOIDED if self.heard is None or self.heard.voided else ""

    @property
    def repaired(self) -> bool:
        """Whether one row may have said something about the entities at hand more than once."""
        return self.heard is None or "repaired" in self.heard.turns

    @property
    def ended(self) -> bool:
        """Whether a full list may have ended a claim about them."""
        return self.heard is None or "ended" in self.heard.turns

    def heard_of(self, number: int) -> bool:
        """Whether a source may claim something about the entities at hand."""
        return self.heard is None or self.sources[number] in self.heard.sources

    @property
    def links(self) -> bool:
        """Whether the kind is the link residency, which is split by person and judged by rosters."""
        return self.kind.name == "residency"

    @property
    def listed(self) -> bool:
        """Whether rosters tell which links are there."""
        return self.links and any(unit.name == "present" for unit in self.visited)

    @property
    def counted(self) -> bool:
        """Whether rosters tell how many people a dwelling has."""
        return any(unit.name == BAND for unit in self.visited) and counted(self.kind)

    def speakers(self, unit: Unit) -> tuple[int, ...]:
        """The sources that can say something about a unit."""
        names = {member.name for member in unit.members}
        return tuple(number for number, said in enumerate(self.says) if names & said)

    def ranks_of(self, unit: Unit) -> list[tuple[int, ...]]:
        """The unit's speakers by rank of priority."""
        speakers = self.speakers(unit)
        ranks = (tuple(number for number in rank if number in speakers) for rank in self.ranks(unit.name))
        return [rank for rank in ranks if rank]

    def ranks(self, unit: str) -> list[tuple[int, ...]]:
        """All source numbers by rank of priority, best first; unlisted sources last, together."""
        listed = self.kind.priorities.get(unit, self.kind.priorities.get("*", ()))
        ranks = [tuple(self.sources.index(name) for name in rank if name in self.sources) for rank in listed]
        named = {number for rank in ranks for number in rank}
        rest = tuple(number for number in range(len(self.sources)) if number not in named)
        return [rank for rank in (*ranks, rest) if rank]

    def freshness_days(self, unit: Unit) -> int:
        """How much later a different claim must be to spend a finding; 0 for stays, which rosters judge by their beginning."""
        return 0 if self.links and unit.name == "present" else unit.freshness_days


def counted(kind: Kind) -> bool:
    """Whether rosters speak about the size of a kind's entities."""
    return kind.name == "dwelling" and any(unit.name == BAND and unit.visit for unit in kind.units)


def name(*parts: object) -> str:
    """One quoted column name out of parts joined by `_`."""
    return '"' + "_".join(str(part) for part in parts) + '"'


def text(value: str) -> str:
    """An SQL text literal."""
    return "'" + value.replace("'", "''") + "'"


def values(unit: Unit, prefix: str) -> list[str]:
    """The columns that hold one side's tuple of a unit, one per member."""
    return [name(prefix, member.name) for member in unit.members]


def sql_type(attribute: Attribute) -> str:
    return SQL_TYPES[attribute.type]


def joined(parts: Sequence[str], by: str, empty: str) -> str:
    """Parts joined by an operator in brackets, or what stands for none."""
    return f"({f' {by} '.join(parts)})" if parts else empty


Step = tuple[str, str]
"""A named step of the statement: the name of the common table expression and its select."""
