"""What one partition of claims measures: how far its fold is behind, what waits to be published, how large its state is. Asked for at most once a second."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from pathlib import Path

from contracts.ports import Log, Meter
from contracts.topics import CLAIMS
from streams.reconcile import Follower, State
from streams.state_files import bytes_of

EVERY_SECONDS = 1.0
LATELY_MESSAGES = 1_000
"""After so many messages, those before count half."""


class FoldGauges:
    """How old the oldest waiting message is cannot be had without fetching it, with megabytes behind it. It is no older than the last one settled, and no older
    than the moment when nothing waited: that is what is told, which is exact to a second where messages come often, and never too little.

    Nor can how many rows wait: they are estimated from the messages settled lately, and not told before the first of them, unless nothing waits.
    """

    def __init__(self, meter: Meter, log: Log, state: State, file: Path, clock: Callable[[], float] = time.time) -> None:
        self._meter, self._log, self._state, self._file, self._clock = meter, log, state, file, clock
        self._name = str(state.partition)
        self._caught_up, self._measured = 0.0, -math.inf
        self._messages = self._rows = 0.0

    def settled(self, messages: int, rows: int) -> None:
        """So many messages with so many rows were settled just now."""
        if self._messages >= LATELY_MESSAGES:
            self._messages, self._rows = self._messages / 2, self._rows / 2
        if messages > 0:
            self._messages, self._rows = self._messages + messages, self._rows + rows

    def measure(self, follower: Follower) -> None:
        """Sets all gauges, unless that was done within the last second."""
        now = self._clock()
        if now - self._measured < EVERY_SECONDS:
            return
        self._measured = now
        waiting = max(0, self._log.end(CLAIMS, self._state.partition) - follower.next)
        if not waiting:
            self._caught_up = now
        meter, name = self._meter, self._name
        meter.gauge("cabin_lag_messages", waiting, step="fold", partition=name)
        meter.gauge("cabin_lag_records", self._waiting_rows(waiting), step="fold", partition=name)
        meter.gauge("cabin_lag_seconds", self._age(now, waiting, follower), step="fold", partition=name)
        meter.gauge("cabin_outbox_messages", 0 if follower.refolding else self._state.waiting, partition=name)
        meter.gauge("cabin_state_bytes", bytes_of(self._file), partition=name)

    def gone(self) -> None:
        """The partition is another worker's by now, and so are its gauges."""
        meter, name = self._meter, self._name
        meter.gauge("cabin_lag_messages", math.nan, step="fold", partition=name)
        meter.gauge("cabin_lag_records", math.nan, step="fold", partition=name)
        meter.gauge("cabin_lag_seconds", math.nan, step="fold", partition=name)
        meter.gauge("cabin_outbox_messages", math.nan, partition=name)
        meter.gauge("cabin_state_bytes", math.nan, partition=name)

    def _waiting_rows(self, waiting: int) -> float:
        if not waiting:
            return 0.0
        return round(waiting * self._rows / self._messages) if self._messages else math.nan

    def _age(self, now: float, waiting: int, follower: Follower) -> float:
        if not waiting:
            return 0.0
        if not follower.settled_at and not self._caught_up:
            first = self._log.read(CLAIMS, self._state.partition, follower.next, 1)
            return max(0.0, now - first[0].at / 1000) if first and first[0].at else 0.0
        return max(0.0, now - max(follower.settled_at / 1000, self._caught_up))
