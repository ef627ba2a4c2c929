"""A claims partition followed by its owner: what is handed over is settled in order, what is missing is read from the log, what is known is passed over.

The position is the state's own, never that of whoever hands messages over. A crash between any two steps is repaired by the next follower.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from contracts.ports import Log, Stored
from contracts.topics import CHANGES, CLAIMS
from streams.log.errors import LogMoved
from streams.normalise.poison import POISON, UNSOUND, of_data
from streams.reconcile.batches import Aside, Facts, Reading, digest, encoded, rows_of
from streams.reconcile.errors import HistoryNeeded
from streams.reconcile.outbox import newest_version, publish, published_since, version_of
from streams.reconcile.state import Fact, State

SETTLE_ROWS = 4_000_000
"""Rows of one settle when far behind. Fewer settles recompute an entity less often: a first load of four sources took 8.6 microseconds a claim at once, 12.5 in two settles."""


@dataclass(frozen=True, slots=True)
class Folded:
    """What one call did: facts read (rows) and golden rows published."""

    claims: int
    changes: int


class Follower:
    """The one owner of a state. Opening it settles whether the state still fits the log; one that does not is folded anew. `aliases`: see `Facts`."""

    def __init__(self, log: Log, state: State, aside: Aside, *, settle_rows: int = SETTLE_ROWS, aliases: int = 0) -> None:
        self._log, self._state, self._aside, self._settle_rows, self._aliases = log, state, aside, settle_rows, aliases
        self._partition = state.partition
        if not self._fits():
            self._begin_anew()
        elif self.overtaken or not self._shows_published():
            self._heed_others()
        self.settled_at = 0
        """When the log took the message settled last, milliseconds since 1970; 0 where that is not known."""
        self._goal = log.end(CLAIMS, self._partition)
        self.next = state.applied

    @property
    def refolding(self) -> bool:
        """Whether the state is new and has not reached yet what was on the log when it was begun: then it publishes nothing."""
        return self._state.published < 0 and self.next < self._goal

    @property
    def unpublished(self) -> bool:
        """Whether changes wait to be published, or others published something."""
        return not self.refolding and (self._state.published < self._state.version or self.overtaken)

    @property
    def overtaken(self) -> bool:
        """Whether the changes do not end where this state left them: something of them was lost, or another owner published, which a former one does that was paused."""
        ours = self._state.ends.get(CHANGES)
        return ours is not None and ours != self._log.end(CHANGES, self._partition)

    def take(self, stored: Sequence[Stored]) -> Folded:
        """Settles messages handed over in order, what is missing before and between them too, and publishes what changed."""
        rows = 0
        for run in _runs([each for each in stored if each.position.offset >= self.next]):
            for part in _parts(run, self._settle_rows):
                rows += self._read(part[0].position.offset)  # before the run, or where folding anew ended within the part before
                rows += self._settle(part)
        return Folded(rows, self._publish())

    def reach(self, stop: int | None = None) -> Folded:
        """Reads the log up to `stop` (its end as it is now), and publishes what changed. Raises: `LogTruncated`."""
        return Folded(self._read(self._log.end(CLAIMS, self._partition) if stop is None else stop), self._publish())

    def read_on(self) -> Folded:
        """Reads one settle more from the log, where there is one, and publishes what changed."""
        stop = self._log.end(CLAIMS, self._partition)
        return Folded(self._read_one(stop) if self.next < stop else 0, self._publish())

    def _read(self, stop: int) -> int:
        rows = 0
        while self.next < stop:
            before = self.next
            rows += self._read_one(stop)
            if self.next == before:
                break
        return rows

    def _read_one(self, stop: int) -> int:
        return self._settle(Reading(self._log, self._partition, self.next, stop, self._settle_rows))

    def _settle(self, stored: Iterable[Stored]) -> int:
        """One settle. Where the state has forgotten what these facts concern, everything is folded anew without forgetting."""
        facts = Facts(stored, self._state.shapes, self._aside, self._aliases)
        try:
            self._settle_sound(facts)
        except HistoryNeeded:
            return self._fold_anew(facts.stop())
        self.next, self.settled_at = self._state.applied, facts.last.at
        return facts.rows

    def _begin_anew(self, *, pruned: bool | None = None) -> None:
        """Empties the state. What it publishes must count as later than all that is published; a former owner may go on publishing meanwhile, so where the changes end now is remembered."""
        end = self._log.end(CHANGES, self._partition)
        version = max(self._state.version, newest_version(self._log, CHANGES, self._partition, end))
        self._state.discard(pruned=pruned, version=version)
        self._state.remember_end(CHANGES, end)

    def _fold_anew(self, stop: int) -> int:
        self._begin_anew(pruned=False)
        self._goal, self.next = max(self._goal, stop), 0
        return self._read(stop)

    def _settle_sound(self, facts: Facts) -> None:
        try:
            self._state.settle(facts, lambda: self._stop(facts), generation=self._log.generation, digest=facts.digest)
        except UNSOUND as error:
            if not of_data(error):
                raise
            self._settle_apart(facts)

    def _settle_apart(self, facts: Facts) -> None:
        """The same facts in ever smaller parts, until the row that breaks the statement stands alone and goes into quarantine. Folding is set union, so parts make no difference."""
        for fact in facts:
            self._settle_part(facts.last, fact)
        self._state.settle([], self._stop(facts), generation=self._log.generation, digest=facts.digest)

    def _stop(self, facts: Facts) -> int:
        """Where these facts end; asked when all of them are there and nothing is committed yet. A log that moved meanwhile may have lost some before them. Raises: `LogMoved`."""
        if self._log.moved():
            raise LogMoved
        return facts.stop()

    def _settle_part(self, message: Stored, fact: Fact) -> None:
        name, rows = fact
        try:
            self._state.settle([fact], self._state.applied, digest=lambda: self._state.digest)
        except UNSOUND as error:
            if not of_data(error):
                raise
            if rows.num_rows <= 1:
                self._aside(message, POISON, encoded(rows))
                return
            half = rows.num_rows // 2
            self._settle_part(message, (name, rows.slice(0, half)))
            self._settle_part(message, (name, rows.slice(half)))

    def _publish(self) -> int:
        if self.refolding:
            return 0
        if self.overtaken:
            self._heed_others()
        return publish(self._log, self._state)

    def _heed_others(self) -> None:
        """What others published since this state did is published again as this state knows it, and counts as later: by now it may be older, or undone.

        Where what this state published is lost, or was overwritten, everything is published again.
        """
        if self._shows_published():
            told, version = published_since(self._log, self._state, self._state.ends[CHANGES])
            self._state.publish_over(told, version, CHANGES, self._log.end(CHANGES, self._partition))
        else:
            end = self._log.end(CHANGES, self._partition)
            self._state.publish_again(newest_version(self._log, CHANGES, self._partition, end), end)

    def _fits(self) -> bool:
        """Whether the state was folded from this log: same generation, not beyond its end, same last message."""
        state = self._state
        if state.applied == 0:
            return state.version >= 0 or self._log.end(CHANGES, self._partition) == 0
        if state.generation != self._log.generation or self._log.end(CLAIMS, self._partition) < state.applied:
            return False
        last = self._log.read(CLAIMS, self._partition, state.applied - 1, 1)
        return not last or last[0].position.offset != state.applied - 1 or digest(last[0].message.value) == state.digest

    def _shows_published(self) -> bool:
        """Whether the topic of changes still holds what was published last, where it was written: not lost, nor lost and overwritten by what was published since."""
        state = self._state
        after = state.ends.get(CHANGES, 0)
        if after > self._log.end(CHANGES, self._partition):
            return False
        last = self._log.read(CHANGES, self._partition, after - 1, 1) if after else []
        return not last or last[0].position.offset != after - 1 or version_of(last[0].message.headers) <= state.published


def _runs(stored: Sequence[Stored]) -> Iterator[list[Stored]]:
    """Messages whose offsets follow each other without a hole; repeated ones are left out."""
    run: list[Stored] = []
    for each in stored:
        if run and each.position.offset <= run[-1].position.offset:
            continue
        if run and each.position.offset > run[-1].position.offset + 1:
            yield run
            run = []
        run.append(each)
    if run:
        yield run


def _parts(run: Sequence[Stored], settle_rows: int) -> Iterator[list[Stored]]:
    part: list[Stored] = []
    rows = 0
    for each in run:
        part.append(each)
        rows += rows_of(each.message)
        if rows >= settle_rows:
            yield part
            part, rows = [], 0
    if part:
        yield part
