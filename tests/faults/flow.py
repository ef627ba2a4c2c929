"""Deliveries in flight: a sender that tries every wave until each of its files is acknowledged or refused, and the ledger of what was acknowledged.

A sender process may be killed at any moment; only what it said before it died counts as acknowledged. Some deliveries are recalled later, some of those restored.
"""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.faults.deliveries import Delivery, Wave
from tests.faults.doors import Acknowledged, Door

RETRY_SECONDS = 0.5
AWAY = "CABIN_FAULTS_AWAY"
"""How many seconds a broker is away, where that is set; who sends waits that much longer."""
GIVE_UP_SECONDS = 180 + float(os.environ.get(AWAY) or 0)
AGAIN, RECALLED, RESTORED = 0.1, 0.06, 0.4
"""Shares: of waves delivered a second time, of deliveries recalled, of recalls taken back."""


@dataclass(slots=True)
class Ledger:
    """What was acknowledged: deliveries by name (one that was sent twice counts once), and for each target the last decision."""

    deliveries: dict[str, Acknowledged] = field(default_factory=dict)
    names: dict[Delivery, str] = field(default_factory=dict)
    recalled: dict[str, bool] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        return sum(each.delivery.rows for each in self.deliveries.values())

    def note(self, told: Acknowledged) -> None:
        self.deliveries.setdefault(told.name, told)
        self.names[told.delivery] = told.name


class Flow:
    """A thread that sends what it is given, in order, and remembers the acknowledgements."""

    def __init__(self, door: Door, seed: int) -> None:
        self.ledger = Ledger()
        self.door = door
        self._chance = random.Random(seed)
        self._given: list[Wave] = []
        self._sent = 0
        self._change = threading.Condition()
        self._over = False
        self._failed: str | None = None
        self._thread = threading.Thread(target=self._send_all, name="flow", daemon=True)

    def __enter__(self) -> Flow:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._change:
            self._over = True
            self._change.notify_all()
        self.door.kill()
        self._thread.join()

    def give(self, waves: Sequence[Wave]) -> None:
        """More to send."""
        with self._change:
            self._given += waves
            self._change.notify_all()

    def wait(self, waves: int | None = None, seconds: float = GIVE_UP_SECONDS) -> bool:
        """Until `waves` more waves (None: all that were given) are acknowledged; false where that takes longer."""
        with self._change:
            wanted = len(self._given) if waves is None else min(len(self._given), self._sent + waves)
            arrived = self._change.wait_for(lambda: self._sent >= wanted or self._failed is not None, seconds)
        assert self._failed is None, self._failed
        return arrived

    def _send_all(self) -> None:
        while True:
            with self._change:
                self._change.wait_for(lambda: self._over or self._sent < len(self._given))
                if self._over:
                    return
                wave = self._given[self._sent]
            self._send(wave)
            with self._change:
                self._sent += 1
                self._change.notify_all()

    def _send(self, wave: Wave) -> None:
        self._until(f"{wave.folder.name} was never acknowledged", lambda: self._told(wave))
        if self._chance.random() < AGAIN:
            self._until(f"{wave.folder.name} was never acknowledged again", lambda: self._told(wave))
        for delivery in wave.deliveries if not self._over else ():
            name = self.ledger.names[delivery]
            if self._chance.random() < RECALLED:
                self._decide(name, on=True)
                if self._chance.random() < RESTORED:
                    self._decide(name, on=False)

    def _told(self, wave: Wave) -> bool:
        found = self.door.deliver(wave)
        for each in found:
            self.ledger.note(each)
        return {each.delivery for each in found} == set(wave.deliveries)

    def _decide(self, name: str, on: bool) -> None:
        self._until(f"{name} was never recalled", lambda: self.door.recall(name, undo=not on))
        self.ledger.recalled[name] = on

    def _until(self, otherwise: str, tried: Callable[[], bool]) -> None:
        limit = time.monotonic() + GIVE_UP_SECONDS
        while not tried() and not self._over:
            if time.monotonic() > limit:
                with self._change:
                    self._failed = otherwise
                    self._over = True
                    self._change.notify_all()
            time.sleep(RETRY_SECONDS)
