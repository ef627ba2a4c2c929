"""What the log, the published snapshot and the disk tell, measured by one process of an installation for all: the loader."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import structlog

from cabin.accounts import Counts
from cabin.clock import BeijingClock
from cabin.output import Output
from cabin.session import Session
from cabin.settings import Settings
from cabin.standing import Watch
from contracts.errors import CabinError
from contracts.metrics import OUTCOMES
from contracts.ports import Meter
from streams.state_files import bytes_of

EVERY_SECONDS = 5.0
ACCEPTED, QUARANTINED, DUPLICATE = OUTCOMES
Series = tuple[str, str, str]
"""Feed, outcome and reason of one counter."""


@contextmanager
def measuring(settings: Settings, meter: Meter, every: float = EVERY_SECONDS) -> Iterator[None]:
    """Looks again and again, in a thread with a log of its own, while inside. Where a broker is away it says so once a look and tries again."""
    ended = threading.Event()
    thread = threading.Thread(target=_look_on, args=(replace(settings, metrics_port=0), meter, every, ended), name="measuring")
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _look_on(settings: Settings, meter: Meter, every: float, ended: threading.Event) -> None:
    gauges = Gauges(meter)
    while not ended.is_set():
        session = Session(settings, Output())
        try:
            watch = Watch(session)
            while not ended.is_set():
                gauges.look(session, watch)
                ended.wait(every)
        except CabinError as error:
            structlog.get_logger().warning("measuring.failed", exc_info=error)
            ended.wait(every)
        finally:
            session.close()


class Gauges:
    """One cabin's standing as metrics. What is counted is what the log holds, so counters go on where another process left them."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter
        self._counted: dict[Series, int] = {}

    def look(self, session: Session, watch: Watch) -> None:
        """Measures how it stands now."""
        standing = watch.look()
        self._meter.gauge("cabin_broken_accounts", len(standing.broken))
        if standing.age_seconds is not None:
            self._meter.gauge("cabin_snapshot_age_seconds", standing.age_seconds)
        for count in standing.counts:
            self._count(count)
        for partition in range(session.log.partitions):
            self._lags(watch, partition)
            self._state(session.data, partition)

    def _lags(self, watch: Watch, partition: int) -> None:
        now = BeijingClock().now()
        waiting = {"normalise": watch.followed.unnormalised(partition), "load": watch.followed.claims_from(watch.loaded, partition)}
        for step, backlog in waiting.items():
            self._meter.gauge("cabin_lag_records", backlog.rows, step=step, partition=str(partition))
            self._meter.gauge("cabin_lag_messages", backlog.messages, step=step, partition=str(partition))
            self._meter.gauge("cabin_lag_seconds", backlog.seconds(now), step=step, partition=str(partition))

    def _state(self, data: Path, partition: int) -> None:
        file = data / "state" / f"p{partition}.duckdb"
        if file.exists():
            self._meter.gauge("cabin_state_bytes", bytes_of(file), partition=str(partition))

    def _count(self, count: Counts) -> None:
        rows = self._more(count.feed, "normalised", "", count.normalised)
        self._meter.count("cabin_rows_normalised_total", rows, feed=count.feed)
        told: Mapping[tuple[str, str], int] = {
            (ACCEPTED, ""): count.accepted,
            (DUPLICATE, ""): count.copies,
            **{(QUARANTINED, reason): rows for reason, rows in count.reasons.items()},
        }
        for (outcome, reason), rows in told.items():
            self._meter.count("cabin_outcome_rows_total", self._more(count.feed, outcome, reason, rows), feed=count.feed, outcome=outcome, reason=reason)

    def _more(self, feed: str, outcome: str, reason: str, rows: int) -> int:
        """What was added since the last look; a log made anew is counted from its beginning."""
        series = (feed, outcome, reason)
        before = self._counted.get(series, 0)
        self._counted[series] = rows
        return rows - before if rows >= before else rows
