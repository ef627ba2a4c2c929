"""Landings in threads: a fixed number of berths, each with ports of its own, used by one thread at a time.

A berth opens its ports when it is first needed and anew after anything went wrong in it: a gateway begins while the broker is away, and goes on when it is back.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import replace
from queue import SimpleQueue
from typing import TypeVar

from contracts.errors import CabinError, Unavailable
from streams.gateway.known_log import Known, KnownLog
from streams.landing import Landing, engine_of
from streams.landing.many import Opener

Found = TypeVar("Found")


class Berth:
    """One set of opened ports."""

    def __init__(self, opener: Opener, ready: Callable[[], None], known: Known, lands: bool) -> None:
        self._opener = opener
        self._ready = ready
        self._known = known
        self._lands = lands
        self._stack = ExitStack()
        self._landing: Landing | None = None

    def use(self, work: Callable[[Landing], Found]) -> Found:
        """What the work gives. `ready` is asked first, so that a broker that is away is told at once and not after its client's patience."""
        try:
            self._ready()
            return work(self._opened())
        except CabinError as error:
            if isinstance(error, Unavailable):
                self.close()
            raise
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        self._landing = None
        with suppress(Exception):  # a client that lost its broker may fail once more when it is closed
            self._stack.close()

    def _opened(self) -> Landing:
        if self._landing is None:
            landing = self._stack.enter_context(self._opener())
            if self._lands and landing.engine is None:
                landing = replace(landing, engine=self._stack.enter_context(engine_of(landing.contracts)))
            self._landing = replace(landing, log=KnownLog(landing.log, self._known))
        return self._landing


class Berths:
    """`count` berths; more work than that waits its turn. `lands`: their landings keep an engine open."""

    def __init__(self, opener: Opener, count: int, ready: Callable[[], None] = lambda: None, lands: bool = True) -> None:
        self._threads = ThreadPoolExecutor(count, "berth")
        self._free: SimpleQueue[Berth] = SimpleQueue()
        known = Known()
        self._all = [Berth(opener, ready, known, lands) for _ in range(count)]
        for berth in self._all:
            self._free.put(berth)

    async def use(self, work: Callable[[Landing], Found]) -> Found:
        """What the work gives. Work that was taken is done, whoever stops waiting for it."""
        return await asyncio.shield(asyncio.wrap_future(self._threads.submit(self._in_turn, work)))

    def close(self) -> None:
        """Waits for all work that was taken."""
        self._threads.shutdown(wait=True)
        for berth in self._all:
            berth.close()

    def _in_turn(self, work: Callable[[Landing], Found]) -> Found:
        berth = self._free.get()
        try:
            return berth.use(work)
        finally:
            self._free.put(berth)
