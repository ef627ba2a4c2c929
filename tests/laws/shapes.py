"""Facts as the reference reads them, mirroring `contracts.facts`, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Value = Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """What every fact of a delivered row carries."""

    source: str
    delivery: str
    row: int
    repair: int = 0
    contract_version: int = 1
    kind: str = ""

    @property
    def origin(self) -> tuple[str, str, int]:
        return (self.source, self.delivery, self.row)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim(Fact):
    entity: str
    record: str
    observed_at: datetime
    content: int
    values: tuple[Value, ...]
    rank: int = 0
    withdraws: bool = False
    own_time: bool = True
    listed: bool = False
    moment: datetime | None = None
    area: str | None = None

    @property
    def order(self) -> tuple[Any, ...]:
        """Larger is newer; the smallest origin wins last."""
        return (self.observed_at, self.rank, self.withdraws, self.content, Smaller(self.origin))


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence(Fact):
    entity: str | None
    record: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding(Fact):
    finding: str
    base: str
    counter: int
    entity: str
    attribute: str
    outcome: str
    value: str | None
    seen: tuple[str, ...]
    actor: str
    observed_at: datetime
    content: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster(Fact):
    roster: str
    base: str
    counter: int
    dwelling: str
    complete: bool
    unidentified: int
    person: str | None
    seen: tuple[str, ...]
    actor: str
    observed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit(Fact):
    visit: str
    dwelling: str
    event: str
    outcome: str | None
    actor: str
    observed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification(Fact):
    version: str
    entity: str
    attribute: str
    agree: bool
    actor: str
    observed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    source: str
    delivery: str
    chunk: int
    rows: int
    accepted: int
    unkeyed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    source: str
    delivery: str
    mode: str
    moment: datetime | None
    area: str | None
    part: int
    parts: int
    declared: int | None
    delivered: int
    refused: int
    reduced: int
    layout: int
    landed: int
    unkeyed: int
    chunks: int
    supersedes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    switch: str
    target: str
    on: bool
    sequence: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A complete one."""

    source: str
    area: str
    moment: datetime
    deliveries: frozenset[str]


@dataclass(frozen=True, slots=True)
class Smaller:
    """Turns an ordering round."""

    value: Any

    def __lt__(self, other: Smaller) -> bool:
        return bool(self.value > other.value)


@dataclass(slots=True)
class Resolved:
    """One unit of one golden record."""

    value: Value = None
    status: str | None = None
    source: str | None = None
    finding: str | None = None
    agree: frozenset[str] = frozenset()
    differ: frozenset[str] = frozenset()
    differs: tuple[tuple[Any, ...], ...] = ()


@dataclass(slots=True)
class Row:
    """One golden record. `speakers`: the newest counting claim of each source; empty values for a tombstone."""

    entity: str
    alive: bool
    speakers: dict[str, Claim] = field(default_factory=dict)
    units: dict[str, Resolved] = field(default_factory=dict)
    recency: datetime | None = None
    area: str | None = None
    main: bool | None = None
