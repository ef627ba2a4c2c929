"""Doing something again and again at an interval, by a clock that is passed in."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from cabin.errors import IntervalUnreadable
from contracts.ports import Clock

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
INTERVAL = re.compile(r"([1-9][0-9]{0,5})([smhd])")


@dataclass(frozen=True, slots=True)
class Rhythm:
    """`wait` waits for so many seconds, and says whether the whole is to end."""

    interval: timedelta
    clock: Clock
    wait: Callable[[float], bool]

    def keep(self, work: Callable[[datetime], None]) -> None:
        """Works at once, then at every beat counted from the first; never twice at a time, so beats that fall into a longer work are left out. Ends when `wait` says so."""
        beat = self.clock.now()
        while True:
            work(self.clock.now())
            now = self.clock.now()
            beat += self.interval * ((now - beat) // self.interval + 1)
            if self.wait((beat - now).total_seconds()):
                return


def interval_of(text: str) -> timedelta:
    """A number of seconds, minutes, hours or days: 90s, 15m, 1h, 1d. Raises: `IntervalUnreadable`."""
    found = INTERVAL.fullmatch(text)
    if found is None:
        raise IntervalUnreadable()
    return timedelta(**{UNITS[found[2]]: int(found[1])})
