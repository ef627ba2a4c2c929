"""The warehouse loader of a cabin on brokers: what workers derived goes into the current file and is published, again and again."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from cabin.pipeline import Places, name_key
from cabin.ports import open_ports
from cabin.published import retention_of
from cabin.releasing import record_release
from cabin.settings import Settings
from cabin.telling import PUBLISH_READS, marts_made
from contracts.openlineage import PUBLISH
from contracts.ports import Clock, Meter, QuietMeter
from streams.lineage import told
from streams.local import Ports
from streams.log.errors import BrokerUnreachable, TopicsMissing
from warehouse.errors import GoldenOfAnotherRelease, PublishRefused
from warehouse.load import Current
from warehouse.publish import EPOCH, Publisher, pointed
from warehouse.slices import refolding

PAUSE_SECONDS, LONGEST_PAUSE = 0.2, 10.0


@dataclass(slots=True)
class Loader:
    """One loader over one data folder; the current file stays open from one publish to the next."""

    settings: Settings
    clock: Clock
    meter: Meter = field(default_factory=QuietMeter)
    stopped: Callable[[], bool] = lambda: False
    _waiting: int = 0
    """How many partitions are still to be folded anew under this release's contracts, as told last."""
    _refused: dict[str, list[int]] | None = None
    """What was loaded when a snapshot was refused last: none is tried again before there is more."""

    def follow(self, once: bool = False) -> str | None:
        """Loads and publishes until it is stopped, or (`once`) until nothing is new; the name of the snapshot published last.

        Where the log becomes another one, it is opened anew and everything is read again; a broker that is away is waited for (not with `once`), and so is more to load where a snapshot is refused.
        Raises: `WarehouseInUse`, `VaultBehindLog`; with `once` also `BrokerUnreachable`, `GoldenOfAnotherRelease`, `PublishRefused`.
        """
        held: str | None = None
        pause = PAUSE_SECONDS
        while not self.stopped():
            try:
                with ExitStack() as stack:
                    ports = stack.enter_context(open_ports(self.settings.data, self.settings.brokers))
                    current = stack.enter_context(self._current(ports))
                    held = self._until_moved(ports, current, once)
                pause = PAUSE_SECONDS
            except (BrokerUnreachable, TopicsMissing) as error:  # missing: they are just made anew
                if once:
                    raise
                structlog.get_logger().warning("loader.waiting", exc_info=error)
                time.sleep(pause)
                pause = min(LONGEST_PAUSE, pause * 2)
            if once:
                break
        return held

    def _current(self, ports: Ports) -> Current:
        place = Places.of(self.settings.data).warehouse / "current.duckdb"
        return Current.open(place, ports.contracts, memory_mb=self.settings.memory_mb // 2, threads=self.settings.processes)

    def _until_moved(self, ports: Ports, current: Current, once: bool) -> str | None:
        published = Places.of(self.settings.data).published
        publisher = Publisher(published, name_key(ports.sealer), retention=retention_of(self.settings, self.clock))
        held, self._refused = pointed(published), None
        record_release(ports.log, self.settings.data, self.clock)
        while not self.stopped():
            before = held
            try:
                held = self._publish(ports, current, publisher, held)
            except PublishRefused as refused:
                if once:
                    raise
                self._refused = current.positions()
                self.meter.count("cabin_publishes_refused_total", code=refused.code)
                structlog.get_logger().warning("snapshot.refused", exc_info=refused)
            if once and self._waiting:
                raise GoldenOfAnotherRelease(count=self._waiting)
            if once or ports.log.moved():
                break
            if held == before:  # else more has arrived meanwhile
                time.sleep(PAUSE_SECONDS)
        return held

    def _refolding(self, ports: Ports) -> int:
        """How many partitions workers of this release have still to fold anew: until then readers keep what is published."""
        behind = len(refolding(ports.log, ports.contracts.fingerprint))
        if behind != self._waiting:
            structlog.get_logger().info("loader.refolding", count=behind)
        self._waiting = behind
        return behind

    def _publish(self, ports: Ports, current: Current, publisher: Publisher, held: str | None) -> str | None:
        begun = time.monotonic()
        loaded = current.load(ports.log)
        if loaded.unreadable:
            structlog.get_logger().warning("messages.unreadable", count=loaded.unreadable)
        if (held is not None and not current.unpublished) or self._refused == current.positions() or self._refolding(ports):
            return held
        taken = time.monotonic()
        with told(ports.log, self.clock, PUBLISH, PUBLISH_READS) as run:
            snapshot = publisher.publish(current)
            self._refused = None
            run.outputs += marts_made(snapshot)
        self.meter.observe("cabin_step_seconds", taken - begun, step="load")
        seconds = time.monotonic() - taken
        self.meter.observe("cabin_publish_seconds", seconds)
        self.meter.observe("cabin_step_seconds", seconds, step="publish")
        age = self.clock.now() - snapshot.moment if snapshot.moment != EPOCH else timedelta()
        structlog.get_logger().info(
            "snapshot.published",
            snapshot=snapshot.snapshot,
            rows=sum(loaded.rows.values()),
            seconds=round(time.monotonic() - begun, 3),
            lag_seconds=age.total_seconds(),
        )
        return snapshot.snapshot
