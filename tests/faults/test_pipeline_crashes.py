"""Every call that writes fails once in turn, from files to marts; then the command runs again: nothing is lost, nothing is counted twice."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from cabin.ledger import broken_accounts, counts
from cabin.pipeline import Disk, Pipeline, Places
from cabin.ports import open_landing, open_ports
from contracts.model import Contracts
from contracts.partition import Share
from contracts.ports import Log, Message, Position, Stored
from contracts.read import load
from contracts.topics import CHANGES, CLAIMS
from contracts.transaction import commit
from streams.landing import continue_spools, jobs_in, land_many
from streams.local import normalise_log
from streams.log import EmbeddedLog
from streams.reconcile import State
from streams.reconcile.batches import decoded
from tests.cabin.kit import ENVIRONMENT, done, hashes, tree
from tests.laws.strategies import NIGHTLY
from tests.streams.landing.faults import FailingFiles, FailingLog, FailingSealer, Fuse, Killed, Way
from warehouse.files import LocalFiles
from warehouse.hashes import mart_hashes
from warehouse.publish import snapshot_path

FEEDS = ("ps_resident", "rental", "visit")
BEFORE_AND_AFTER: tuple[Way, ...] = ("error", "killed before", "killed after")


@dataclass(frozen=True, slots=True)
class Undisturbed:
    """What the same deliveries come to when nothing fails: the folder after each step, and what each step leaves."""

    landed: Path
    normalised: Path
    folded: Path
    accounts: tuple[Any, ...]
    records: Mapping[str, str]
    marts: Mapping[str, str]


class ReadingToo(FailingLog):
    """Every call of the log passes the fuse, so that steps between two appends are cut as well."""

    def read(self, topic: str, partition: int, start: int, limit_bytes: int = 64_000_000) -> Sequence[Stored]:
        return self._fuse.call(lambda: self._log.read(topic, partition, start, limit_bytes))

    def headers(self, topic: str, partition: int, start: int) -> Sequence[tuple[int, Mapping[str, str]]]:
        return self._fuse.call(lambda: self._log.headers(topic, partition, start))

    def append(self, topic: str, partition: int, messages: Sequence[Message]) -> Sequence[Position]:
        return self._fuse.call(lambda: self._log.append(topic, partition, messages))


class FailingDisk(LocalFiles):
    """The files of publishing behind a fuse."""

    def __init__(self, fuse: Fuse) -> None:
        self._fuse = fuse

    def __getattribute__(self, name: str) -> Any:
        found = super().__getattribute__(name)
        return found if name.startswith("_") else lambda *given: self._fuse.call(lambda: found(*given))


def fused(job: Pipeline, fuse: Fuse) -> Pipeline:
    """Every append, every commit of a DuckDB file and every file operation of publishing passes one fuse."""
    disk = Disk(commit=lambda con: fuse.call(lambda: commit(con)), files=FailingDisk(fuse))
    return replace(job, ports=replace(job.ports, log=FailingLog(job.ports.log, fuse)), disk=disk)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def known() -> Contracts:
    """The shipped contracts with the three feeds that deliver here: each run plans a smaller statement."""
    whole = load()
    return replace(whole, feeds={name: whole.feeds[name] for name in FEEDS}, fingerprint="three feeds")


@pytest.fixture(scope="module")
def undisturbed(deliveries: Path, known: Contracts, tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    """One partition keeps the sweep short; partitions are compared by the laws."""
    folder = tmp_path_factory.mktemp("undisturbed")
    landed, normalised, folded, data = (folder / name for name in ("landed", "normalised", "folded", "data"))
    done(landed, "land", "auto", str(deliveries), CABIN_PARTITIONS="1")
    for before, after, step in ((landed, normalised, normalise), (normalised, folded, Pipeline.fold), (folded, data, Pipeline.publish)):
        shutil.copytree(before, after)
        with pipeline(after, known) as job:
            step(job)
    return Undisturbed(landed, normalised, folded, accounts(data), records(data, known), marts(data, known))


@contextmanager
def pipeline(data: Path, known: Contracts, wrapped: Callable[[Log], Log] = lambda log: log) -> Iterator[Pipeline]:
    with open_ports(data) as ports:
        yield Pipeline(data, replace(ports, contracts=known, log=wrapped(ports.log)), Places.of(data), 1, 1000, lambda en, zh: None)


def normalise(job: Pipeline) -> None:
    normalise_log(job.ports, open_ports, 1)  # type: ignore[arg-type]


def drain(data: Path, known: Contracts) -> None:
    with pipeline(data, known) as job:
        job.drain()


def accounts(data: Path) -> tuple[Any, ...]:
    with EmbeddedLog.open(data / "log.sqlite") as log:
        assert broken_accounts(log) == []
        return tuple(counts(log))


def marts(data: Path, known: Contracts) -> Mapping[str, str]:
    return mart_hashes(snapshot_path(data / "published"), known)


def records(data: Path, known: Contracts) -> Mapping[str, str]:
    """The golden records of each kind as the state holds them; what was published of them last must be the same."""
    found: dict[str, str] = {}
    with EmbeddedLog.open(data / "log.sqlite") as log, State.open(data / "state" / "p0.duckdb", known, Share(0, 1)) as state:
        sent = [decoded(stored.message) for stored in log.read(CHANGES, 0, 0)]
        assert state.applied == log.end(CLAIMS, 0) and not list(state.outbox())
        for kind in known.kinds:
            held = {row["entity"]: row for row in state.golden(kind).to_pylist()}
            told = {row["entity"]: row for what, rows in sent if what == f"golden.{kind}" for row in rows.to_pylist()}
            assert told == held, kind
            found[kind] = repr([{**row, "version": None} for _, row in sorted(held.items())])
    return found


def sweep(start: Path, known: Contracts, folder: Path, step: Callable[[Pipeline], object], left: Callable[[Path], object]) -> int:
    """Every port's call of a step fails once in turn, in a copy of its own, by an error or a death before it is done (a death after it is one before the next; nightly: each by
    all three ways); then the step runs again and must leave the same. The number of calls that failed."""
    for at in itertools.count(1):
        for way in BEFORE_AND_AFTER if NIGHTLY else (BEFORE_AND_AFTER[at % 2],):
            data, fuse = shutil.copytree(start, folder / f"{at} {way}"), Fuse(at, way)
            with pipeline(data, known) as job:
                fails(fuse, partial(step, fused(job, fuse)))
            if fuse.blown:
                with pipeline(data, known) as job:
                    step(job)
            assert left(data), (at, way)
            shutil.rmtree(data)
        if not fuse.blown:
            return at - 1
    raise AssertionError


def fails(fuse: Fuse, step: Callable[[], object]) -> None:
    """The step ends as the fuse says, or does not reach it."""
    try:
        step()
    except (Killed, OSError):
        assert fuse.blown
    finally:
        fuse.bury()


def landing(data: Path, deliveries: Path, fuse: Fuse) -> list[str]:
    """Lands the small set over ports behind the fuse; the codes of refused files."""

    @contextmanager
    def opener() -> Iterator[Any]:
        with open_landing(data) as ports:
            yield replace(ports, files=FailingFiles(fuse), log=FailingLog(ports.log, fuse), sealer=FailingSealer(ports.sealer, fuse))

    done(data, "status", CABIN_PARTITIONS="1")
    outcomes = land_many(opener, jobs_in([deliveries], load()))
    return [outcome.error.code for outcome in outcomes if outcome.error is not None]


@pytest.mark.parametrize("way", BEFORE_AND_AFTER)
def test_a_landing_that_fails_everywhere_lands_every_row_once(deliveries: Path, undisturbed: Undisturbed, tmp_path: Path, way: Way) -> None:
    """One life in which every fifth call of file system, vault and log fails in turn, a fresh process after each: the accounts are those of an undisturbed landing."""
    data, reached = tmp_path / "data", 0
    for at in range(1, 200, 5):
        fuse = Fuse(at, way)
        fails(fuse, lambda fuse=fuse: landing(data, deliveries, fuse))  # type: ignore[misc]
        reached += fuse.blown
        if not fuse.blown:
            break
    assert reached >= 3
    done(data, "land", "auto", str(deliveries))
    with open_landing(data) as ports:
        continue_spools(ports)
    with EmbeddedLog.open(undisturbed.landed / "log.sqlite") as log:
        assert accounts(data) == tuple(counts(log))
    assert not [name for name in tree(data / "spool") if name.endswith((".spool", ".part"))]


@pytest.mark.parametrize("way", BEFORE_AND_AFTER)
def test_each_append_of_normalising_fails_once(undisturbed: Undisturbed, known: Contracts, tmp_path: Path, way: Way) -> None:
    """Whichever append of claims, quarantine or outcomes fails, in a copy of its own, the next run makes the accounts whole: every row once."""
    at, blown = 0, True
    while blown:
        at += 1
        data, fuse = shutil.copytree(undisturbed.landed, tmp_path / str(at)), Fuse(at, way)
        with pipeline(data, known, lambda log, fuse=fuse: FailingLog(log, fuse)) as job:  # type: ignore[misc]
            fails(fuse, lambda job=job: normalise_log(job.ports, open_ports, 1))  # type: ignore[misc]
        blown = fuse.blown
        if blown:
            with pipeline(data, known) as job:
                normalise_log(job.ports, open_ports, 1)  # type: ignore[arg-type]
        assert accounts(data) == undisturbed.accounts, at
    assert at > 3  # at least one append each of claims, quarantine and outcomes


def test_each_write_of_the_fold_fails_once(undisturbed: Undisturbed, known: Contracts, tmp_path: Path) -> None:
    """Whichever commit of the state or append of changes fails, the next run holds and has published the same golden records."""
    calls = sweep(undisturbed.normalised, known, tmp_path, Pipeline.fold, lambda data: records(data, known) == undisturbed.records)
    assert calls >= 5  # the state is begun, settled, pruned; changes are appended; the outbox is cleared


def test_each_write_of_publishing_fails_once(undisturbed: Undisturbed, known: Contracts, tmp_path: Path) -> None:
    """Whichever commit of the current file or the snapshot, sync or rename fails, the pointer's included, the next run publishes the same marts."""
    calls = sweep(undisturbed.folded, known, tmp_path, Pipeline.publish, lambda data: marts(data, known) == undisturbed.marts)
    assert calls >= 15  # tables, a slice of each topic, the build, seal and pointer


@pytest.mark.parametrize("way", BEFORE_AND_AFTER if NIGHTLY else ["error"])
def test_a_run_that_fails_at_every_call_publishes_the_same_marts(undisturbed: Undisturbed, known: Contracts, tmp_path: Path, way: Way) -> None:
    """One life of a data folder: the first, third, fifth ... call of the log, reading included, fails, a fresh run after each; what is published in the end is equal."""
    data, at = shutil.copytree(undisturbed.landed, tmp_path / "data"), 1
    while at < 80:
        fuse = Fuse(at, way)
        with pipeline(data, known, lambda log, fuse=fuse: ReadingToo(log, fuse)) as job:  # type: ignore[misc]
            fails(fuse, job.drain)
        if not fuse.blown:
            break
        at += 2
    assert 8 < at < 80
    drain(data, known)
    assert (accounts(data), marts(data, known)) == (undisturbed.accounts, undisturbed.marts)


def dies_after(data: Path, known: Contracts, step: str) -> None:
    """A run that dies right after it told that a step is done."""

    def told(en: str, zh: str) -> None:
        if en.startswith(step):
            raise Killed

    with pipeline(data, known) as job, pytest.raises(Killed):
        replace(job, told=told).drain()


@pytest.mark.parametrize("stop", ["normalised", "folded", "published"])
def test_a_run_that_dies_between_steps_goes_on(undisturbed: Undisturbed, known: Contracts, tmp_path: Path, stop: str) -> None:
    """A death right after a step told that it is done: the next run publishes the same."""
    data = shutil.copytree(undisturbed.landed, tmp_path / "data")
    dies_after(data, known, stop)
    drain(data, known)
    assert (accounts(data), marts(data, known)) == (undisturbed.accounts, undisturbed.marts)


def test_kill_9_at_any_moment_changes_nothing(undisturbed: Undisturbed, tmp_path: Path) -> None:
    """`cabin run` killed by the system at growing moments, whole processes with every file and lock they hold; then one run is whole, and equal."""
    calm, data = (shutil.copytree(undisturbed.landed, tmp_path / name) for name in ("calm", "data"))
    killed = 0
    for seconds in (1.0, 1.8, 2.6, 3.4, 4.2):
        process = subprocess.Popen([sys.executable, "-m", "cabin", "run"], env={**os.environ, **ENVIRONMENT, "CABIN_DATA": str(data)}, stderr=subprocess.PIPE)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
        killed += process.wait() == -signal.SIGKILL
        assert process.stderr is not None and b"Traceback" not in process.stderr.read()
        process.stderr.close()
    assert killed
    done(calm, "run")
    done(data, "run")
    assert (accounts(data), hashes(data)) == (undisturbed.accounts, hashes(calm))
