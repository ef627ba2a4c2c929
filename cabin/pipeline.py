"""The main job in one process: normalise what landed, fold it, load the warehouse, publish a snapshot."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from cabin.clock import BeijingClock
from cabin.lock import only_run
from cabin.ports import open_ports
from cabin.published import retention_of
from cabin.settings import Brokers, Settings
from cabin.telling import PUBLISH_READS, marts_made
from contracts.model import Contracts
from contracts.openlineage import NORMALISE, PUBLISH, RECONCILE
from contracts.partition import Share
from contracts.ports import Commit, Sealer
from contracts.transaction import commit
from streams.aside import aside_to
from streams.lineage import RECONCILE_READS, Tally, raw_topics, told
from streams.local import Planned, Ports, normalise_planned, pending, planned_of
from streams.reconcile import Folded, State, fold
from streams.reconcile.tasks import tell
from warehouse.errors import GoldenOfAnotherRelease
from warehouse.files import Files, LocalFiles
from warehouse.gating.overrides import Despite
from warehouse.load import Current
from warehouse.publish import Publisher, pointed
from warehouse.retention import Retention
from warehouse.slices import refolding

NAME_KEY = b"parts of names in the published search table"
STATE_MB = 400
"""What folding needs at least: the golden statement of a kind with many sources holds two hundred megabytes over a few thousand entities."""


@dataclass(frozen=True, slots=True)
class Drained:
    """What one drain did: raw rows normalised, facts folded (`claims`: rosters, closings and what else concerns all partitions too), changes to golden records, and the snapshot now published."""

    rows: int
    claims: int
    changes: int
    snapshot: str


@dataclass(frozen=True, slots=True)
class Places:
    """Where a pipeline keeps what it derives: all of it can be thrown away and computed again."""

    state: Path
    warehouse: Path
    published: Path

    @classmethod
    def of(cls, data: Path) -> Places:
        return cls(data / "state", data / "warehouse", data / "published")


@dataclass(frozen=True, slots=True)
class Disk:
    """How states, the current file and snapshots are written, whether a new state may forget what can never count again, which snapshots stay, and whether broken promises stop one (`gated`)."""

    commit: Commit = commit
    files: Files = field(default_factory=LocalFiles)
    pruned: bool = True
    retention: Retention = field(default_factory=Retention)
    gated: bool = True


@dataclass(frozen=True, slots=True)
class Pipeline:
    """One run over one data folder; `told` hears of each step's progress in both languages."""

    data: Path
    ports: Ports
    places: Places
    processes: int
    memory_mb: int
    told: Callable[[str, str], None]
    disk: Disk = field(default_factory=Disk)
    brokers: Brokers | None = None

    @classmethod
    @contextmanager
    def open(cls, settings: Settings, told: Callable[[str, str], None] = lambda en, zh: None) -> Iterator[Pipeline]:
        """The only pipeline on the settings' data folder.

        Raises: `AlreadyRunning`.
        """
        data, brokers = settings.data, settings.brokers
        with only_run(data), open_ports(data, brokers) as ports:
            disk = Disk(retention=retention_of(settings, BeijingClock()))
            yield cls(data, ports, Places.of(data), settings.processes, settings.memory_mb, told, disk, brokers)

    @property
    def contracts(self) -> Contracts:
        return self.ports.contracts

    def behind(self) -> bool:
        """Whether the log holds raw messages that are not normalised yet."""
        return bool(pending(self.ports.log))

    def drain(self) -> Drained:
        """Brings everything landed so far into a published snapshot. Raises: `PublishRefused` when all of it is folded and loaded; the old snapshot stays."""
        planned = planned_of(self.ports)
        rows = self._normalise(planned) if planned.steps else 0
        with told(self.ports.log, BeijingClock(), RECONCILE, RECONCILE_READS, late=True) as run:
            folded, tally = self.fold(), Tally()
            for each in folded:
                tally.folded(each)
            run.of_steps(tally.take().get(RECONCILE))
        published = self.publish()
        return Drained(rows, sum(each.claims for each in folded), sum(each.changes for each in folded), published)

    def _normalise(self, planned: Planned) -> int:
        """The number of raw rows."""
        tally, done = Tally(), 0
        with told(self.ports.log, BeijingClock(), NORMALISE, raw_topics(self.contracts)) as run:
            for rows, derived in normalise_planned(self.ports, planned, partial(open_ports, self.data, self.brokers), self.processes):
                tally.normalised(derived)
                done += rows
                self.told(f"normalised {rows:,} rows", f"标准化 {rows:,} 行")
            run.of_steps(tally.take().get(NORMALISE))
        return done

    def fold(self) -> list[Folded]:
        """Every partition's claims into its state, one thread each."""
        self.places.state.mkdir(parents=True, exist_ok=True)
        partitions = range(self.ports.log.partitions)
        with ThreadPoolExecutor(max(1, min(len(partitions), self.processes))) as pool:
            folded = list(pool.map(self._fold_one, partitions))
        changes = sum(each.changes for each in folded)
        self.told(f"folded: {changes:,} changes to golden records", f"核定：核定记录变更 {changes:,} 次")
        return folded

    def publish(self, whole: bool = False, despite: Despite | None = None) -> str:
        """Loads the current file and publishes it where anything is new, or (`whole`) in any case and every mart made anew, `despite` broken promises that are named; the name of the snapshot.

        Raises: `PublishRefused`, then the old snapshot stays; `NoSuchPromise`; with `whole` also `GoldenOfAnotherRelease`: what nobody folded anew is not published as nothing.
        """
        place = self.places.warehouse / "current.duckdb"
        with Current.open(place, self.contracts, memory_mb=self.memory_mb // 2, threads=self.processes, commit=self.disk.commit) as current:
            unreadable = current.load(self.ports.log).unreadable
            if unreadable:
                self.told(f"passed over: {unreadable:,} messages that nobody can read", f"跳过无法读取的消息：{unreadable:,} 条")
            behind = refolding(self.ports.log, self.contracts.fingerprint) if whole else []
            if behind:
                raise GoldenOfAnotherRelease(count=len(behind))
            held = pointed(self.places.published)
            if held is not None and not current.unpublished and not whole:
                return held
            with told(self.ports.log, BeijingClock(), PUBLISH, PUBLISH_READS) as run:
                published = self._publisher().publish(current, whole=whole, despite=despite)
                run.outputs += marts_made(published)
        self.told(f"published: snapshot {published.snapshot}", f"已发布快照 {published.snapshot}")
        for each in published.despite:
            rows = "?" if each.rows is None else f"{each.rows:,}"
            self.told(f"in spite of: {each.promise}, broken by at most {rows} rows, {each.who}", f"未兑现仍发布：{each.promise}，至多 {rows} 行，{each.who}")
        return published.snapshot

    def _publisher(self) -> Publisher:
        return Publisher(self.places.published, name_key(self.ports.sealer), files=self.disk.files, retention=self.disk.retention, gated=self.disk.gated)

    def _fold_one(self, partition: int) -> Folded:
        log = self.ports.log
        limit = f"{max(STATE_MB, self.memory_mb // 2 // max(1, min(log.partitions, self.processes)))}MB"
        place = self.places.state / f"p{partition}.duckdb"
        pruned, commit = self.disk.pruned, self.disk.commit
        with State.open(place, self.contracts, Share(partition, log.partitions), pruned=pruned, memory_limit=limit, commit=commit) as state:
            folded = fold(log, state, aside_to(log, self.ports.sealer))
            if self.brokers is None:  # behind brokers workers tell, and fence each other
                tell(log, state)
            return folded


def name_key(vault: Sealer) -> str:
    """The secret under which parts of names can be searched in a snapshot."""
    return vault.digest(NAME_KEY)
