"""What the agents of a worker need of the world, and how a worker ends."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from contracts.ports import Fenced, Log, Meter, QuietMeter
from streams.agents.runs import Runs
from streams.landing import Landing
from streams.local import Ports

MOVED = 75
"""The exit code of a worker whose log is away or another one by now: begun again, it finds its place (EX_TEMPFAIL)."""
BROKEN = 70
"""The exit code of a worker that met a fault of the machine, or a mistake of ours (EX_SOFTWARE)."""


class OpenLog(Log, Protocol):
    """A log of one's own, to be closed."""

    def close(self) -> None: ...


Told = Callable[..., None]
"""Takes the name of an event and its fields: counts, names and positions, never a value of a record."""


def end_process(code: int) -> None:
    """Ends this process at once: whatever the next start cannot repair, a kill could not leave either."""
    os._exit(code)


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is done at once; none of it changes a result."""

    settle_rows: int = 400_000
    step_rows: int = 100_000
    messages: int = 64
    page_rows: int = 20_000
    memory_mb: int = 1_000
    """Of each engine: one that normalises, one that lands inboxes, one for each partition of claims."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Subscribers are told at most once in `seconds`, in `busy_seconds` until nothing was folded for `quiet_seconds`: folding goes first, and what changes again
    meanwhile need not be told twice."""

    seconds: float = 2.0
    busy_seconds: float = 10.0
    quiet_seconds: float = 1.0

    def of(self, since_folded: float) -> float:
        """The pace so many seconds after the last settle."""
        return self.busy_seconds if since_folded < self.quiet_seconds else self.seconds


@dataclass(frozen=True, slots=True)
class Work:
    """The ports of a worker. `open_log`: another log connection for each partition, so that none waits for another's acknowledgement.

    `open_landing`: what landing inbox messages needs, of its own too. `open_fenced`: the writer for subscribers of one claims partition. `holder_gone`: ends who holds a state file that is ours by now.
    """

    open_ports: Callable[[], AbstractContextManager[Ports]]
    open_log: Callable[[], OpenLog]
    open_landing: Callable[[], AbstractContextManager[Landing]]
    open_fenced: Callable[[int], Fenced]
    holder_gone: Callable[[str], bool]
    state: Path
    told: Told
    failed: Callable[[BaseException], None]
    meter: Meter = field(default_factory=QuietMeter)
    sizes: Sizes = Sizes()
    pace: Pace = Pace()
    ends: Callable[[int], None] = end_process
    runs: Runs = field(default_factory=Runs)
