"""Which snapshots stay once a new one is published: the newest few, those that readers could still want for their age, and what something rests on."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

from contracts.ports import Clock

BEIJING = timezone(timedelta(hours=8))


@dataclass(frozen=True, slots=True)
class Written:
    """A snapshot and when it was written (Beijing time, as `Clock` tells it)."""

    name: str
    at: datetime

    @property
    def number(self) -> int:
        return int(self.name)


def written(folder: Path) -> list[Written]:
    """The snapshots of a folder in the order of their publishing."""
    found = [Written(path.stem, datetime.fromtimestamp(path.stat().st_mtime, BEIJING).replace(tzinfo=None)) for path in _files(folder)]
    return sorted(found, key=lambda each: each.number)


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.glob("*.duckdb") if path.stem.isdecimal()]


@dataclass(frozen=True, slots=True)
class Retention:
    """The newest `count` stay (at least one), and besides every one that readers were given within the last `hours`.

    `clock` is asked only where `hours` is more than 0; without one nothing stays for its age.
    """

    count: int = 2
    hours: float = 0.0
    clock: Clock | None = None

    def retired(self, snapshots: Sequence[Written], held: Collection[str]) -> list[str]:
        """The names that go, oldest first, of snapshots given in the order of their publishing; never one of `held`."""
        before = self._before()
        old = snapshots[: -max(1, self.count)]
        return [
            each.name
            for each, later in zip(old, snapshots[1:], strict=False)  # readers were given a snapshot until the later one was there
            if each.name not in held and (before is None or later.at <= before)
        ]

    def _before(self) -> datetime | None:
        """What was replaced up to this moment need not stay; None: age keeps nothing."""
        return self.clock.now() - timedelta(hours=self.hours) if self.clock is not None and self.hours > 0 else None
