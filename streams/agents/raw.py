"""The owned partitions of raw topics: one normaliser for all of them, on one thread."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import ExitStack

from contracts.ports import Stored
from streams.agents.work import Work
from streams.aliases import released
from streams.local import Normaliser, Ports
from streams.outcomes import Place
from streams.raw import RawFollower


class RawDesk:
    """Owns `places` between `open` and `close`; which ones is told with `own`."""

    def __init__(self, work: Work, ports: Ports) -> None:
        self._work, self._ports = work, ports
        self._stack = ExitStack()
        self.places: frozenset[Place] = frozenset()

    def open(self) -> None:
        """Makes the engine, under the version of the alias table that is released now."""
        self.aliases = released(self._ports.log, self._ports.contracts.address_feeds)
        normaliser = Normaliser(self._ports, self.aliases, memory_limit=f"{self._work.sizes.memory_mb}MB")
        self._stack.callback(normaliser.close)
        self._follower = RawFollower(self._ports, normaliser, step_rows=self._work.sizes.step_rows, heard=self._work.runs.tally.normalised)

    def own(self, places: frozenset[Place]) -> None:
        """What is owned from now on."""
        self._follower.adopt(places - self.places)
        self.places = places
        self._work.told("raw.owned", count=len(places))

    def take(self, stored: Sequence[Stored]) -> int:
        """Normalises what was handed over. Messages of places that are no longer ours are left to their new owner."""
        begun = time.monotonic()
        rows = self._follower.take([each for each in stored if (each.position.topic, each.position.partition) in self.places])
        self._work.meter.observe("cabin_batch_messages", len(stored), step="normalise")
        self._work.meter.observe("cabin_step_seconds", time.monotonic() - begun, step="normalise")
        return rows

    def behind(self) -> list[Place]:
        return self._follower.behind(self.places)

    def reach(self, places: Sequence[Place], steps: int | None = None) -> int:
        return self._follower.reach(places, steps)

    def renamed(self) -> bool:
        """Whether another version of the alias table was released since."""
        return released(self._ports.log, self._ports.contracts.address_feeds).version != self.aliases.version

    def close(self) -> None:
        self._stack.close()
