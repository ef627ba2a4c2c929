"""The owned partitions of inbox topics: one landing for all of them, on one thread."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace

import duckdb

from contracts.ports import Stored
from streams.agents.work import Work
from streams.aside import aside_to
from streams.inbox import InboxFollower
from streams.landing import engine_of
from streams.outcomes import Place


class InboxDesk:
    """Owns `places` between `open` and `close`; which ones is told with `own`. The ports are opened where there is a first one."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._stack = ExitStack()
        self._follower: InboxFollower | None = None
        self.places: frozenset[Place] = frozenset()
        self.engine: duckdb.DuckDBPyConnection | None = None

    def own(self, places: frozenset[Place]) -> None:
        """What is owned from now on; what somebody began there is ended first."""
        if places and self._follower is None:
            self._follower = self._opened()
        if self._follower is not None:
            self._follower.adopt(places - self.places)
        self.places = places
        self._work.told("inbox.owned", count=len(places))

    def take(self, stored: Sequence[Stored]) -> int:
        """Lands what was handed over. Messages of places that are no longer ours are left to their new owner."""
        ours = [each for each in stored if (each.position.topic, each.position.partition) in self.places]
        if self._follower is None or not ours:
            return 0
        follower = self._follower
        return self._measured(lambda: follower.take(ours))

    def sweep(self) -> None:
        """Lands what was never handed over."""
        if self._follower is None:
            return
        behind = self._follower.behind(self.places)
        if behind:
            follower = self._follower
            self._work.told("inbox.found", messages=self._measured(lambda: follower.reach(behind)))

    def close(self) -> None:
        self._stack.close()

    def _measured(self, step: Callable[[], int]) -> int:
        begun = time.monotonic()
        taken = step()
        self._work.meter.observe("cabin_batch_messages", taken, step="inbox")
        self._work.meter.observe("cabin_step_seconds", time.monotonic() - begun, step="inbox")
        return taken

    def _opened(self) -> InboxFollower:
        landing = self._stack.enter_context(self._work.open_landing())
        runs = self._work.runs
        self.engine = self._stack.enter_context(engine_of(landing.contracts, f"{self._work.sizes.memory_mb}MB"))
        return InboxFollower(replace(landing, engine=self.engine, closed=runs.landed, set_aside=runs.set_aside), aside_to(landing.log, landing.sealer))
