"""Trees of overlapping periods: a year is the sum of its months, so what is hidden of one month would be told by the year and the other months.

Of periods that overlap only one is released, for all time: one that was released before, else the shortest, which tells most, else the earliest.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Turns:
    """Which periods are taken. `at`: where a tree's name holds first and last day, counted from 0; None: trees have no periods, and none overlaps another.
    `recorded`: the trees of the mart that were released before."""

    at: tuple[int, int] | None
    recorded: frozenset[str]
    taken: dict[tuple[str, ...], set[tuple[date, date]]] = field(default_factory=dict)

    @classmethod
    def of(cls, at: tuple[int, int] | None, recorded: Iterable[str]) -> Turns:
        turns = cls(at, frozenset(recorded))
        for name in turns.recorded:
            turns.take(name)
        return turns

    def order(self, name: str) -> tuple[bool, timedelta, str]:
        """A key that sorts trees into the order in which they are released."""
        if self.at is None:
            return False, timedelta(), name
        _, (first, last) = self._parted(name)
        return name not in self.recorded, last - first, name

    def free(self, name: str) -> bool:
        """Whether no other period that overlaps is taken."""
        if self.at is None:
            return True
        others, (first, last) = self._parted(name)
        return all((begin, end) == (first, last) or end < first or begin > last for begin, end in self.taken.get(others, ()))

    def take(self, name: str) -> None:
        if self.at is not None:
            others, period = self._parted(name)
            self.taken.setdefault(others, set()).add(period)

    def _parted(self, name: str) -> tuple[tuple[str, ...], tuple[date, date]]:
        assert self.at is not None
        parts = name.split("|")
        first, last = (date.fromisoformat(parts[place]) for place in self.at)
        return tuple(part for place, part in enumerate(parts) if place not in self.at), (first, last)
