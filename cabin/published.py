"""What is published in a data folder."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cabin.clock import BeijingClock
from cabin.settings import Settings
from contracts.ports import Clock
from warehouse.gating.errors import OverrideNeedsReason
from warehouse.gating.overrides import Despite
from warehouse.publish import EPOCH, POINTER, pointed
from warehouse.retention import Retention
from warehouse.snapshots import open_published


@dataclass(frozen=True, slots=True)
class About:
    """A snapshot's name, the moment it knows, and the next offsets of `cabin.claims` it was loaded up to, by partition, on the log of one generation."""

    name: str
    moment: str
    generation: str
    positions: Mapping[int, int]

    @property
    def empty(self) -> bool:
        """Whether nothing was recorded when it was published."""
        return datetime.fromisoformat(self.moment) == EPOCH


def about(data: Path) -> About | None:
    """The published snapshot; None where there is none."""
    folder = data / "published"
    if pointed(folder) is None:
        return None
    opened = open_published(folder)
    with opened.connection as snapshot:
        values = dict(snapshot.execute("select name, value from about").fetchall())
    positions = json.loads(values["positions"]).get("cabin.claims", [])
    return About(opened.name, values["moment"], values["generation"], dict(enumerate(positions)))


def retention_of(settings: Settings, clock: Clock) -> Retention:
    """Which snapshots stay, as the settings say."""
    return Retention(settings.snapshots.count, settings.snapshots.hours, clock)


def age_seconds(data: Path) -> float | None:
    """Time since the snapshot was published; None where there is none."""
    pointer = data / "published" / POINTER
    return max(0.0, time.time() - pointer.stat().st_mtime) if pointer.exists() else None


def decided(settings: Settings, promises: tuple[str, ...], reason: str) -> Despite | None:
    """The decision to publish though these promises are broken, None where none is named. Raises: `OverrideNeedsReason`."""
    if bool(promises) != bool(reason.strip()):
        raise OverrideNeedsReason()
    at = BeijingClock().now().isoformat(timespec="milliseconds")
    return Despite(promises, settings.actor, reason.strip(), at) if promises else None
