"""What one worker process owns, and the threads it works on: one for raw partitions, one for inboxes, one for each partition of claims.

Messages handed over by Faust are the fast way in; a sweep once a second finds what never was handed over, whatever a broker committed, and whether the log
moved. Any failure ends the process: the state holds the position, so the next start continues where this one was.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from typing import TypeVar

from contracts.errors import CabinError
from contracts.openlineage import failure
from contracts.ports import Stored
from contracts.topics import CLAIMS, INBOX, RAW
from streams.agents.claims import ClaimsDesk
from streams.agents.inbox import InboxDesk
from streams.agents.raw import RawDesk
from streams.agents.work import BROKEN, MOVED, Work
from streams.lineage import failed_by, raw_topics
from streams.log.errors import BrokerUnreachable, LogMoved
from streams.outcomes import Place
from streams.reconcile.announcer import Addressed

SWEEP_SECONDS = 1.0
IDLE_SECONDS = 3.0
"""Who was handed nothing for so long looks at the log himself."""
LATEST_SECONDS = 10.0
"""Who is handed something all the time looks so often nevertheless: one feed's messages tell nothing of another's."""
RENAMED = failure("aliases-moved", "another version of the address alias table was released: everything derived is made anew")
Result = TypeVar("Result")


class Desk:
    """One worker's work; all methods are called on its event loop. What concerns one partition happens on its thread, in the order it was asked for."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._stack = ExitStack()
        self._raw_thread, self._watch_thread = ThreadPoolExecutor(1, "raw"), ThreadPoolExecutor(1, "watch")
        self._inbox_thread, self._inbox = ThreadPoolExecutor(1, "inbox"), InboxDesk(work)
        self._claims_threads: dict[int, ThreadPoolExecutor] = {}
        self._send_threads: dict[int, ThreadPoolExecutor] = {}
        self._claims: dict[int, ClaimsDesk] = {}
        self._handed: dict[str, float] = {}
        self._sweeping: set[str] = set()
        self._swept: dict[str, float] = {}
        self._closing = False

    def open(self) -> None:
        """Opens the ports and the engine for raw rows; waits for it."""
        self._raw_thread.submit(self._open).result()

    def _open(self) -> None:
        self._ports = self._stack.enter_context(self._work.open_ports())
        self._watched = self._work.open_log()
        self._stack.callback(self._watched.close)
        self._raw = RawDesk(self._work, self._ports)
        self._raw.open()
        self._stack.callback(self._raw.close)
        self._work.runs.begin(self._watched, raw_topics(self._ports.contracts))

    async def own(self, places: Iterable[Place]) -> None:
        """These topics and partitions are ours from now on; what was ours and is not named is left. What is handed over meanwhile waits its turn."""
        owned = frozenset(places)
        raw = frozenset(place for place in owned if place[0].startswith(RAW))
        claims = {partition for topic, partition in owned if topic == CLAIMS}
        inbox = frozenset(place for place in owned if place[0].startswith(INBOX))
        steps: list[Awaitable[None]] = [self._on(self._raw_thread, lambda: self._raw.own(raw)), self._on(self._inbox_thread, lambda: self._inbox.own(inbox))]
        steps += [self._leave(partition) for partition in list(self._claims.keys() - claims)]
        for partition in claims - self._claims.keys():
            desk = self._claims[partition] = ClaimsDesk(self._work, self._ports, partition, self._raw.aliases.version)
            self._claims_threads.setdefault(partition, ThreadPoolExecutor(1, f"claims-{partition}"))
            self._send_threads.setdefault(partition, ThreadPoolExecutor(1, f"send-{partition}"))
            steps.append(self._on(self._claims_threads[partition], desk.open))
        self._handed |= {name: time.monotonic() for name in (RAW, INBOX, *(f"{CLAIMS}{partition}" for partition in claims))}
        await asyncio.gather(*steps)
        self._begin_sweep(RAW, self._raw_thread, self._read_ahead)

    def _read_ahead(self) -> None:
        """What waits on partitions just taken is normalised in one large step: planning the statements of each feed costs as much as thousands of rows,
        and messages are handed over a few at a time. Whatever else waits is handed over."""
        behind = self._raw.behind()
        if behind:
            self._work.told("raw.found", rows=self._raw.reach(behind, steps=1))

    async def normalise(self, stored: Sequence[Stored]) -> None:
        await self._on(self._raw_thread, lambda: self._raw.take(stored))
        self._handed[RAW] = time.monotonic()

    async def land(self, stored: Sequence[Stored]) -> None:
        await self._on(self._inbox_thread, lambda: self._inbox.take(stored))
        self._handed[INBOX] = time.monotonic()

    async def fold(self, stored: Sequence[Stored]) -> None:
        """Each partition's messages on its own thread; those of a partition that is not ours are left to its owner."""
        parts: dict[int, list[Stored]] = {}
        for each in stored:
            parts.setdefault(each.position.partition, []).append(each)
        await asyncio.gather(*(self._fold_one(partition, part) for partition, part in parts.items()))

    async def _fold_one(self, partition: int, stored: Sequence[Stored]) -> None:
        desk = self._claims.get(partition)
        if desk is None:
            return
        await self._on(self._claims_threads[partition], lambda: desk.take(stored))
        self._handed[f"{CLAIMS}{partition}"] = time.monotonic()

    async def sweep(self) -> None:
        """One look around; what takes long goes on beside the next look."""
        if self._closing:
            return
        if await self._on(self._watch_thread, self._look_around):
            self._work.told("log.moved")
            self._work.runs.fail(failed_by(LogMoved()))
            self._work.ends(MOVED)
        self._sweep_one(RAW, self._raw_thread, self._sweep_raw)
        self._sweep_one(INBOX, self._inbox_thread, self._inbox.sweep)
        for partition, desk in self._claims.items():
            self._sweep_one(f"{CLAIMS}{partition}", self._claims_threads[partition], desk.sweep)

    def _look_around(self) -> bool:
        """Whether the log is another one by now; of one that is not, runs are told."""
        moved = self._watched.moved()
        if not moved:
            self._work.runs.look()
        return moved

    def _sweep_one(self, name: str, thread: ThreadPoolExecutor, step: Callable[[], None]) -> None:
        now = time.monotonic()
        handed = now - self._handed.get(name, 0) < IDLE_SECONDS
        if name in self._sweeping or (handed and now - self._swept.setdefault(name, now) < LATEST_SECONDS):
            return
        self._swept[name] = now
        self._begin_sweep(name, thread, step)

    def _begin_sweep(self, name: str, thread: ThreadPoolExecutor, step: Callable[[], None]) -> None:
        self._sweeping.add(name)
        task = asyncio.ensure_future(self._on(thread, step))
        task.add_done_callback(lambda _: self._sweeping.discard(name))

    def _sweep_raw(self) -> None:
        behind = self._raw.behind()
        if behind:
            self._work.told("raw.found", rows=self._raw.reach(behind))
        if self._raw.renamed():
            self._work.told("aliases.moved")
            self._work.runs.fail(RENAMED)
            self._work.ends(MOVED)

    async def announce(self) -> None:
        """Tells subscribers what changed, all partitions side by side."""
        await asyncio.gather(*(self._announce_one(partition, desk) for partition, desk in list(self._claims.items())))

    async def _announce_one(self, partition: int, desk: ClaimsDesk) -> None:
        """While one page is on its way the next is made."""
        own, send = self._claims_threads[partition], self._send_threads[partition]
        told = await self._on(own, desk.begin_round)
        if told is None:
            return
        begun = time.monotonic()
        messages: list[Addressed] = list(told.facts)
        for page in told.pages:
            sent = self._sent(send, desk, messages)
            messages, _ = await asyncio.gather(self._on(own, partial(desk.page, told, page)), sent)
            self._work.meter.count("cabin_entity_messages_total", len(messages), kind=page[0])
        await self._sent(send, desk, [*messages, *told.gone])
        await self._on(own, partial(desk.end_round, told))
        self._work.meter.observe("cabin_step_seconds", time.monotonic() - begun, step="announce")

    async def _sent(self, thread: ThreadPoolExecutor, desk: ClaimsDesk, messages: Sequence[Addressed]) -> None:
        if messages and not desk.closed:
            await self._on(thread, partial(desk.send, messages))

    async def close(self) -> None:
        """Leaves everything in order, after what is under way."""
        self._closing = True
        await self._on(self._watch_thread, lambda: None)
        await asyncio.gather(*(self._leave(partition) for partition in list(self._claims)))
        await self._on(self._inbox_thread, self._inbox.close)
        await self._on(self._raw_thread, self._closed)

    def _closed(self) -> None:
        self._work.runs.complete()
        self._stack.close()

    def _leave(self, partition: int) -> Awaitable[None]:
        desk = self._claims.pop(partition)
        desk.closed = True
        return self._left(partition, desk)

    async def _left(self, partition: int, desk: ClaimsDesk) -> None:
        """The state first, for whoever waits for it; the page that is on its way to subscribers may end."""
        await self._on(self._claims_threads[partition], desk.close)
        await self._on(self._send_threads[partition], desk.fenced.close)

    async def _on(self, thread: ThreadPoolExecutor, step: Callable[[], Result]) -> Result:
        """A step on a thread. Faust would go on after an exception as if the messages were done; so none escapes, and the process ends instead."""
        try:
            return await asyncio.get_running_loop().run_in_executor(thread, step)
        except CabinError as error:
            self._failed(error)
            self._work.ends(MOVED if isinstance(error, (BrokerUnreachable, LogMoved)) else error.exit_code)
            raise
        except Exception as error:
            self._failed(error)
            self._work.ends(BROKEN)
            raise

    def _failed(self, error: Exception) -> None:
        self._work.failed(error)
        self._work.runs.fail(failed_by(error))
