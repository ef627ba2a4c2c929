"""Landings in threads: a fixed number of berths, each with ports of its own, used by one thread at a time.

A berth opens its ports when it is first needed and anew after anything went wrong in it: a gateway begins while the broker is away, and goes on when it is back.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from queue import SimpleQueue
from typing import TypeVar

from contracts.errors import CabinError, Unavailable
from streams.landing import Landing, engine_of
from streams.landing.many import Opener

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Watch:
    """How a berth learns of its log's troubles: `ready` raises where it is known to be away, before its client's patience is tried; `moved` tells that it is
    another log than the one opened, or may have lost its end, so that what was remembered of it counts no more."""

    ready: Callable[[], None] = lambda: None
    moved: Callable[[Landing], bool] = lambda _: False


class Berth:
    """One set of opened ports."""

    def __init__(self, opener: Opener, watch: Watch, lands: bool) -> None:
        self._opener = opener
        self._watch = watch
        self._lands = lands
        self._stack = ExitStack()
        self._landing: Landing | None = None

    def use(self, work: Callable[[Landing], Found]) -> Found:
        """What the work gives."""
        try:
            self._watch.ready()
            if self._landing is not None and self._watch.moved(self._landing):
                self.close()
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
            self._landing = landing
        return self._landing


UNWATCHED = Watch()


class Berths:
    """`count` berths; more work than that waits its turn. `lands`: their landings keep an engine open."""

    def __init__(self, opener: Opener, count: int, watch: Watch = UNWATCHED, lands: bool = True) -> None:
        self._threads = ThreadPoolExecutor(count, "berth")
        self._free: SimpleQueue[Berth] = SimpleQueue()
        self._all = [Berth(opener, watch, lands) for _ in range(count)]
        for berth in self._all:
            self._free.put(berth)

    async def use(self, work: Callable[[Landing], Found]) -> Found:
        """What the work gives. Work that was taken is done, whoever stops waiting for it."""
        return await asyncio.shield(asyncio.wrap_future(self._threads.submit(self._in_turn, work)))

    def later(self, work: Callable[[Landing], None]) -> None:
        """Work that nobody waits for, and whose failure nobody hears of; `close` waits for it."""
        self._threads.submit(self._in_turn, work)

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
