"""Where a cabin stands: what each step has still to do, how fast it goes, what became of the rows; from the log, the published snapshot, file sizes and workers' metrics."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cabin.accounts import Counts
from cabin.clock import BeijingClock
from cabin.followed import Backlog, Followed
from cabin.marked import Marked, marked
from cabin.published import About, about, age_seconds
from cabin.scraped import Measured, measured
from cabin.session import Session
from streams.state_files import bytes_of
from warehouse.publish import pointed


@dataclass(frozen=True, slots=True)
class Step:
    """What one step has still to do; `at_most`: it may be less, because no worker serves its metrics here and only what is published tells."""

    name: str
    rows: int
    messages: int
    seconds: float
    at_most: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """One look. `at` is a moment of the machine's own clock, for rates between two looks."""

    at: float
    counts: Sequence[Counts]
    claims: int
    steps: Sequence[Step]
    broken: Sequence[str]
    published: About | None
    age_seconds: float | None
    state_bytes: int
    outbox: int | None
    marked: Marked | None = None
    """What is known about the promises of what is published; None where nothing is."""

    @property
    def reasons(self) -> list[tuple[str, int]]:
        """Quarantined rows by reason, the most frequent first."""
        sums: Counter[str] = Counter()
        for count in self.counts:
            sums.update(count.reasons)
        return sorted(sums.items(), key=lambda each: (-each[1], each[0]))

    @property
    def loading(self) -> Step:
        return next(step for step in self.steps if step.name == "load")

    def rates(self, before: Standing | None) -> Mapping[str, float]:
        """Rows a second since an earlier look, by step; nothing where there was none."""
        if before is None or self.at <= before.at:
            return {}
        done = {name: here - there for (name, here), there in zip(self._done().items(), before._done().values(), strict=True)}
        return {name: max(0, rows) / (self.at - before.at) for name, rows in done.items()}

    def _done(self) -> dict[str, int]:
        """Rows that have passed each step."""
        landed, normalised = (sum(getattr(count, name) for count in self.counts) for name in ("landed", "normalised"))
        return {"land": landed, "normalise": normalised, "load": self.claims - self.loading.rows}


class Watch:
    """Looks at one cabin again and again, reading only what is new."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.followed = Followed(session.log)
        self.loaded: Mapping[int, int] = {}
        """The next offsets of claims that the published snapshot was loaded up to, by partition, as of the last look."""
        self._published: About | None = None

    def look(self) -> Standing:
        """How it stands now."""
        session = self._session
        if session.log_moved():
            self.followed = Followed(session.log)
        followed = self.followed
        followed.refresh()
        data, settings = session.data, session.settings
        published = self._snapshot()
        self.loaded = published.positions if published is not None and published.generation == followed.generation else {}
        workers = measured(settings.metrics_host, settings.metrics_port, session.log.partitions)
        return Standing(
            at=time.monotonic(),
            counts=followed.accounts.counts(),
            claims=followed.claims,
            steps=_steps(followed, workers, followed.claims_from(self.loaded)),
            broken=followed.accounts.broken(),
            published=published,
            age_seconds=age_seconds(data),
            state_bytes=sum(map(bytes_of, data.glob("state/*.duckdb"))),
            outbox=workers.outbox,
            marked=marked(data, published.name, session.contracts.fingerprint, BeijingClock().now()) if published else None,
        )

    def _snapshot(self) -> About | None:
        """The published snapshot, opened only when it is another than before."""
        name = pointed(self._session.data / "published")
        if self._published is None or self._published.name != name:
            self._published = about(self._session.data)
        return self._published


def _steps(followed: Followed, workers: Measured, unloaded: Backlog) -> list[Step]:
    now = BeijingClock().now()

    def step(name: str, backlog: Backlog, at_most: bool = False) -> Step:
        return Step(name, backlog.rows, backlog.messages, backlog.seconds(now), at_most)

    raw, counted = followed.unnormalised(), workers.fold_messages
    unfolded = followed.claims_from(followed.settled) if counted is None else followed.waiting_last(counted)
    return [step("normalise", raw), step("fold", unfolded, at_most=counted is None), step("load", unloaded)]
