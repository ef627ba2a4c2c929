"""What the desk asks of landing and normalising; `cabin` hands the real thing over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import pyarrow as pa

from contracts.model import Feed
from contracts.ports import Message
from quality.desk.steps import Rows


@dataclass(frozen=True, slots=True)
class Opened:
    """Rows of raw messages in clear, inside this process only. `declared`: the version of the contract that they were delivered under; they are mended in its layout and judged by its rules,
    and what they say then is told by the versions after it, as of any row on the log. `cells`: every column of it as text, then `__delivery`, `__chunk`, `__row`.
    `parents`: what their messages said in their headers, by (delivery, chunk). `locked`: (delivery, row) of rows whose key was destroyed, `older`: of rows that came under
    another version than these, or one that is not kept; neither are in `cells`."""

    declared: Feed
    cells: pa.Table
    raw: pa.Table
    parents: Mapping[tuple[str, int], Mapping[str, str]]
    locked: frozenset[tuple[str, int]] = frozenset()
    older: frozenset[tuple[str, int]] = frozenset()


@dataclass(frozen=True, slots=True)
class Numbered:
    """Which number the repair message of a parent has: (delivery, parent chunk) to (chunk, repair)."""

    step: str
    recorded_at: str
    numbers: Mapping[tuple[str, int], tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Mended:
    """Repair messages by (delivery, chunk), and rows that landing would not take: (delivery, row) to the reason."""

    messages: Mapping[tuple[str, int], Message]
    refused: Mapping[tuple[str, int], str] = field(default_factory=dict)


class Raw(Protocol):
    """Raw rows of one feed: opened, made anew as landing makes them, judged as normalising judges them, appended."""

    def keys(self, feed: Feed) -> Sequence[str]:
        """The columns by which a row's record or entity is known."""
        ...

    def open(self, feed: str, rows: Sequence[Rows]) -> Opened:
        """The delivered rows among these, in any order; those that are none are left out. Of several versions of the contract those of the newest."""
        ...

    def mend(self, opened: Opened, cells: pa.Table, numbered: Numbered) -> Mended:
        """`cells` as repair messages: scanned, tokenised and sealed as any landed row."""
        ...

    def check(self, messages: Sequence[Message]) -> Mapping[tuple[str, int], tuple[str, str | None]]:
        """The rows that would be quarantined again: (delivery, row) to reason and column."""
        ...

    def present(self, feed: str, deliveries: Sequence[str]) -> set[tuple[str, int]]:
        """The (delivery, chunk) of repair messages that lie on the log already."""
        ...

    def append(self, feed: str, messages: Sequence[Message]) -> None:
        """Puts repair messages of one delivery on its raw topic; durable on return."""
        ...
