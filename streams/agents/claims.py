"""One owned partition of claims: its log connection, its state file, its follower. Everything runs on one thread, because the state has one."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

from contracts.errors import CabinError
from contracts.partition import Share
from contracts.ports import Stored
from contracts.topics import CLAIMS, DISCREPANCIES, TASKS
from streams.agents.gauges import FoldGauges
from streams.agents.work import Work
from streams.aside import aside_to
from streams.local import Ports
from streams.reconcile import Folded, Follower, State, StateInUse
from streams.reconcile.announcer import Addressed, Announcer, Round

WAIT_SECONDS = 10.0
GRACE_SECONDS = 2.0
PAUSE_SECONDS = 0.1
NOTICE_KEY = b"which discrepancy a fact is about"


class ClaimsDesk:
    """Owns partition `partition` from `open` to `close`. `aliases`: the version of the alias table that the worker began with."""

    def __init__(self, work: Work, ports: Ports, partition: int, aliases: int) -> None:
        self._work, self._ports, self.partition, self._aliases = work, ports, partition, aliases
        self._stack = ExitStack()
        self._follower: Follower | None = None
        self.closed = False
        self._announced = self._folded = 0.0

    def open(self) -> None:
        """Takes the state over and settles whether it fits the log. Raises: `StateInUse` where another keeps it, `LogTruncated`."""
        self._log = self._work.open_log()
        self._stack.callback(self._log.close)
        self.state = self._stack.enter_context(self._taken_over())
        self.fenced = self._work.open_fenced(self.partition)  # not before: an owner that lets go of the state may tell to the end
        aside = aside_to(self._log, self._ports.sealer)
        self._follower = Follower(self._log, self.state, aside, settle_rows=self._work.sizes.settle_rows, aliases=self._aliases)
        self._announcer = Announcer(self._log, self.state, self.fenced, self._ports.sealer.digest(NOTICE_KEY), page_rows=self._work.sizes.page_rows)
        self._gauges = FoldGauges(self._work.meter, self._log, self.state, self._place)
        self._stack.callback(self._gauges.gone)
        self._gauges.measure(self._follower)
        self._announced = time.monotonic()
        self._work.told("partition.taken", partition=self.partition, applied=self.follower.next)

    @property
    def _place(self) -> Path:
        return self._work.state / f"p{self.partition}.duckdb"

    @property
    def follower(self) -> Follower:
        assert self._follower is not None
        return self._follower

    def take(self, stored: Sequence[Stored]) -> Folded:
        return self._measured(lambda: self.follower.take(stored), len(stored))

    def sweep(self) -> None:
        """Reads on by at most one settle where there is more on the log, so that messages handed over meanwhile do not wait long; publishes what waits for it."""
        lag = self._log.end(CLAIMS, self.partition) - self.follower.next
        self._gauges.measure(self.follower)
        if lag or self.follower.unpublished:
            folded = self._measured(self.follower.read_on, 0)
            self._work.told("claims.found", partition=self.partition, rows=folded.claims)

    def begin_round(self) -> Round | None:
        """What subscribers are to be told now; None where there is nothing, or where they were told lately."""
        now = time.monotonic()
        if self.closed or now - self._announced < self._work.pace.of(now - self._folded) or self.follower.refolding or not self._announcer.due:
            return None
        return self._announcer.begin()

    def page(self, told: Round, page: tuple[str, int, int]) -> list[Addressed]:
        """One page of a round; empty where the partition was left meanwhile."""
        return [] if self.closed else self._announcer.page(told, *page)

    def send(self, messages: Sequence[Addressed]) -> None:
        """On a thread of its own. Who left the partition in the middle leaves the rest to the next owner, who tells it all again."""
        try:
            self.fenced.send(messages)
        except CabinError:
            if not self.closed:
                raise

    def end_round(self, told: Round) -> None:
        """Everything of the round is acknowledged."""
        if not self.closed:
            self._announcer.done(told)
            self._announced = time.monotonic()
            own = str(self.partition)
            self._work.meter.count("cabin_discrepancy_facts_total", sum(topic == DISCREPANCIES for topic, _ in told.facts), partition=own)
            self._work.meter.count("cabin_task_facts_total", sum(topic == TASKS for topic, _ in told.facts), partition=own)

    def close(self) -> None:
        self.closed = True
        self._stack.close()
        self._work.told("partition.left", partition=self.partition)

    def _measured(self, step: Callable[[], Folded], messages: int) -> Folded:
        begun, before = time.monotonic(), self.follower.next
        folded = step()
        self._gauges.settled(self.follower.next - before, folded.claims)
        self._work.runs.tally.folded(folded)
        meter, name = self._work.meter, str(self.partition)
        if folded.claims:
            self._folded = time.monotonic()
            meter.count("cabin_claims_folded_total", folded.claims, partition=name)
            meter.count("cabin_changes_published_total", folded.changes, partition=name)
            meter.observe("cabin_settle_rows", folded.claims, partition=name)
            meter.observe("cabin_step_seconds", time.monotonic() - begun, step="fold")
        if messages:
            meter.observe("cabin_batch_messages", messages, step="fold")
        self._gauges.measure(self.follower)
        return folded

    def _taken_over(self) -> State:
        """The state, as soon as who held it lets go. A holder that does not is ended where it is a child of the same supervisor: it was stopped, or it hangs."""
        begun = time.monotonic()
        while True:
            try:
                return self._opened()
            except StateInUse as held:
                waited = time.monotonic() - begun
                if waited > WAIT_SECONDS:
                    raise
                if waited > GRACE_SECONDS and self._work.holder_gone(str(held.values["holder"])):
                    self._work.told("holder.ended", partition=self.partition, process=int(str(held.values["holder"])))
            time.sleep(PAUSE_SECONDS)

    def _opened(self) -> State:
        self._work.state.mkdir(parents=True, exist_ok=True)
        limit = f"{self._work.sizes.memory_mb}MB"
        return State.open(self._place, self._ports.contracts, Share(self.partition, self._ports.log.partitions), memory_limit=limit)
