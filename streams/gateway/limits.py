"""How much the gateway takes: sizes, requests a minute, deliveries at once."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from streams.gateway.errors import TooManyRequests

MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Limits:
    """`megabytes`: of one delivery; `array_megabytes`: of a JSON array, which is held in memory; `rate`: requests of a department in a minute; `in_hand`: deliveries
    being received or landed; `landings`: landed side by side; `idle_seconds`: without a byte of the body."""

    megabytes: int = 512
    array_megabytes: int = 16
    rate: int = 120
    in_hand: int = 16
    landings: int = 2
    idle_seconds: float = 60

    @property
    def size(self) -> int:
        return self.megabytes * MEGABYTE


@dataclass(slots=True)
class Rates:
    """A token bucket for each department: `rate` requests a minute, as many at once."""

    rate: int
    clock: Callable[[], float] = time.monotonic
    _left: dict[str, tuple[float, float]] = field(default_factory=dict)

    def take(self, department: str) -> None:
        """Raises: `TooManyRequests`, which says after how many whole seconds the next one is taken."""
        now = self.clock()
        left, then = self._left.get(department, (float(self.rate), now))
        left = min(self.rate, left + (now - then) * self.rate / 60)
        self._left[department] = (left - 1 if left >= 1 else left, now)
        if left < 1:
            raise TooManyRequests(rate=self.rate, seconds=math.ceil((1 - left) * 60 / self.rate))
