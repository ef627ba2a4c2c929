"""The words of landing: what is declared about a delivery, what landing needs, and what it reports."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import duckdb

from contracts.model import Contracts, Mode
from contracts.ports import Clock, Log, Sealer
from streams.landing.files import Files, LocalFiles


@dataclass(frozen=True, slots=True)
class Declared:
    """What options or the manifest say about a delivery; None where they say nothing."""

    moment: datetime | None = None
    area: str | None = None
    mode: Mode | None = None
    rows: int | None = None
    part: int | None = None
    parts: int | None = None
    supersedes: tuple[str, ...] = ()


UNDECLARED = Declared()
"""Nothing said by options: the manifest or the contract decides."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a file is: step (`checked`, `spooled`, `appended`), rows (messages when appended) done, and of how many (None: not known yet)."""

    file: Path
    step: str
    done: int
    total: int | None


def quiet(progress: Progress) -> None:
    """The progress callback of those who do not look."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is done at once. None of it changes what a delivery means.

    `kept_bytes`: parsed cells are kept in memory up to this size, beyond it the file is parsed a second time.
    """

    message_rows: int = 4_000
    block_bytes: int = 24_000_000
    kept_bytes: int = 320_000_000
    append_bytes: int = 32_000_000
    lock_seconds: float = 60.0


@dataclass(frozen=True, slots=True)
class SetAside:
    """Of consecutive inbox messages, which `span` names, those that were set aside, by reason; `at`: when they were taken up (Beijing time)."""

    feed: str
    span: str
    messages: int
    reasons: Mapping[str, int]
    at: datetime


@dataclass(frozen=True, slots=True)
class Landing:
    """The ports and settings of landing. `engine`: one of `engine_of`, kept open by those who land often; making one takes a tenth of a second.

    `headers`: what every raw message names besides, as where its rows came from. `closed` hears of deliveries made of inbox messages, `set_aside` of those that make none.
    """

    log: Log
    sealer: Sealer
    clock: Clock
    contracts: Contracts
    spool: Path
    files: Files = field(default_factory=LocalFiles)
    sizes: Sizes = Sizes()
    progress: Callable[[Progress], None] = quiet
    engine: duckdb.DuckDBPyConnection | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    closed: Callable[[Report], None] = lambda report: None
    set_aside: Callable[[SetAside], None] = lambda given: None


@dataclass(frozen=True, slots=True)
class Drift:
    """A difference between the header and the contract that refuses nothing. `kind`: `undeclared` (type and count of its values are known, nothing else) or `missing` (optional)."""

    kind: str
    column: str
    type: str
    values: int


@dataclass(frozen=True, slots=True)
class Total:
    """A total row used as oracle: the stated number, what the rows above it add up to (or count), and whether they agree."""

    row: int
    column: str
    stated: str
    found: str
    agrees: bool


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a delivery: delivered = refused + reduced + layout + landed, always.

    `refusals` counts rows by rule; `fixes` counts rows by what was mended (`full-width`, `padded`, `legacy15`, ...); `faults` rows that go to quarantine at once.
    """

    delivery: str
    feed: str
    mode: str
    moment: datetime | None
    area: str | None
    recorded_at: datetime
    delivered: int
    refused: int
    reduced: int
    layout: int
    landed: int
    unkeyed: int
    chunks: int
    already_landed: bool
    refusals: Mapping[str, int] = field(default_factory=dict)
    fixes: Mapping[str, int] = field(default_factory=dict)
    faults: Mapping[str, int] = field(default_factory=dict)
    drift: tuple[Drift, ...] = ()
    totals: tuple[Total, ...] = ()

    def document(self) -> dict[str, object]:
        """The report as machines are told it."""
        names = ("delivery", "feed", "mode", "moment", "area", "recorded_at", "delivered", "refused", "reduced", "layout", "landed", "already_landed")
        counted = {"refusals": dict(self.refusals), "fixes": dict(self.fixes), "faults": dict(self.faults)}
        drift = [{"kind": each.kind, "column": each.column, "type": each.type, "values": each.values} for each in self.drift]
        totals = [{"row": each.row, "column": each.column, "stated": each.stated, "found": each.found, "agrees": each.agrees} for each in self.totals]
        return {**{name: getattr(self, name) for name in names}, **counted, "drift": drift, "totals": totals}
