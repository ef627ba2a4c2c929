"""Suites run over what is published, and over the newest delivery of a feed: once, or at an interval until stopped."""

from __future__ import annotations

import importlib.util
import signal
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event

import structlog

from cabin.clock import BeijingClock
from cabin.frames import allow
from cabin.marked import FOLDER
from cabin.newest import newest
from cabin.rhythm import Rhythm, interval_of
from cabin.service import serving
from cabin.session import Session
from cabin.telling import tell_checked
from contracts.errors import CabinError
from contracts.lock import only_one
from contracts.openlineage import Assertion, Json, judged
from quality.errors import AlreadyChecking, CheckErred, QualityMissing, TooOften
from quality.promises.checks import Suite
from quality.promises.from_contracts import suites
from quality.promises.outcomes import Outcome, Status
from quality.promises.results import Run, keep, mark, marks
from quality.promises.run import Means, check_rows, check_snapshot, chosen
from warehouse.publish import pointed, snapshot_path

LEAST = timedelta(hours=1)
"""The library is run over all that is published, which takes a core for seconds: not more often by itself."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """`names`: suites by name, none for all of a snapshot; `feeds`: those of feeds besides, over each one's newest delivery."""

    names: tuple[str, ...] = ()
    feeds: bool = False

    @property
    def whole(self) -> bool:
        """Whether every suite of the snapshot is among them, so that it counts as checked."""
        return not self.names


def check_once(session: Session, wanted: Wanted) -> Run:
    """Runs, keeps and marks. Raises: `NoSnapshot`, `SuiteUnknown`, `QualityMissing`, `AlreadyChecking`, `SnapshotNotReadable`."""
    if importlib.util.find_spec("great_expectations") is None:
        raise QualityMissing()
    allow()
    folder = folder_of(session)
    known = suites(session.contracts)
    listed = chosen(known, wanted.names)
    feeds = [suite for suite in (known if wanted.feeds else listed) if suite.flavour == "feeds"]
    tables = [suite for suite in listed if suite.flavour != "feeds"]
    path = snapshot_path(session.data / "published") if tables else None
    folder.mkdir(parents=True, exist_ok=True)
    with only_one(folder / "check.lock", AlreadyChecking):
        at, means = BeijingClock().now(), _means(session, folder)
        found = list(check_snapshot(path, tables, session.contracts, means)) if path else []
        run = Run(at, path.stem if path else "", (*found, *_of_feeds(session, feeds, means)))
        keep(folder, run)
        if wanted.whole:
            mark(folder, run, session.contracts.fingerprint)
    with suppress(Exception):  # that it cannot be told changes nothing about what was found
        tell_checked(session.log, at, BeijingClock().now(), _judged(run))
    return run


def _judged(run: Run) -> list[Json]:
    """What was found about each table, as lineage tells it; of what could not be judged nothing."""
    by_suite: dict[str, list[Assertion]] = {}
    for each in run.outcomes:
        if each.status is not Status.ERROR:
            check = Assertion(each.check.name, each.status is Status.PASSED, str(each.check.severity), actual=str(each.broken), expected=str(each.allowed))
            by_suite.setdefault(each.suite.name.replace("feeds/", "feed.").replace("/", "."), []).append(check)
    return [judged(name, checks) for name, checks in by_suite.items()]


def _of_feeds(session: Session, feeds: Sequence[Suite], means: Means) -> Iterable[Outcome]:
    """One feed's rows are in memory at a time."""
    for suite in feeds:
        last = newest(session.log, session.contracts, suite.contract)
        if last is not None:
            found = check_rows({suite.contract: last.rows}, [suite], session.contracts, means)
            yield from (replace(each, delivery=last.delivery) for each in found)


def tell(session: Session, run: Run, everything: bool) -> int:
    """The checks that were not kept (or all), then what they come to; the exit code."""
    shown = [each for each in run.outcomes if everything or each.status is not Status.PASSED]
    columns = {
        "suite": ("suite", "检查套件"),
        "check": ("check", "检查"),
        "severity": ("severity", "级别"),
        "status": ("result", "结果"),
        "rows": ("rows", "涉及行数"),
        "broken": ("broken", "不符行数"),
        "share": ("share", "占比"),
        "allowed": ("allowed", "限度"),
        "meaning": ("promise", "承诺"),
    }
    if shown or session.out.as_json:
        session.out.table("checks", columns, [_row(each, session.settings.lang) for each in shown])
    tally, count = run.tally, len(run.outcomes)
    session.out.say(
        f"snapshot {run.snapshot or '-'}: {count} checks, {tally.passed} kept, {tally.failed} failed, {tally.warned} failed that only warn, {tally.errors} could not be judged",
        f"快照 {run.snapshot or '-'}：{count} 项检查，{tally.passed} 项通过，{tally.failed} 项不通过，{tally.warned} 项提示，{tally.errors} 项无法判定",
        snapshot=run.snapshot,
        passed=tally.passed,
        failed=tally.failed,
        warned=tally.warned,
        errors=tally.errors,
    )
    erred = [each for each in run.outcomes if each.status is Status.ERROR]
    if erred:
        session.out.error(CheckErred(count=len(erred), check=erred[0].check.name, suite=erred[0].suite.name, detail=erred[0].fault))
    return tally.exit_code


def _row(each: Outcome, lang: str) -> tuple[object, ...]:
    share = None if each.share is None else f"{each.share * 100:.3g} %"
    return (
        each.suite.name,
        each.check.name,
        str(each.check.severity),
        str(each.status),
        each.rows,
        each.broken,
        share,
        each.allowed,
        each.fault or each.check.label.get(lang),
    )


def check_every(session: Session, wanted: Wanted, every: str) -> int:
    """At every beat what is published by then, unless it was checked under these contracts already. Goes on until it is told to end (SIGTERM, Ctrl+C), also where a run fails. Raises: `IntervalUnreadable`, `TooOften`."""
    interval = interval_of(every)
    if interval < LEAST:
        raise TooOften()
    ending = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda given, frame: ending.set())
    with serving(session.settings):
        Rhythm(interval, BeijingClock(), ending.wait).keep(lambda at: _logged(session, wanted, at))
    return 0


def _logged(session: Session, wanted: Wanted, at: datetime) -> None:
    name, begun = pointed(session.data / "published"), time.monotonic()
    if name is not None and wanted.whole and is_checked(session, name):
        structlog.get_logger().info("quality.unchanged", snapshot=name)
        return
    try:
        run = check_once(session, wanted)
    except CabinError as error:
        structlog.get_logger().warning("quality.unchecked", exc_info=error)
        return
    tally, seconds = run.tally, round(time.monotonic() - begun, 3)
    if tally.exit_code:
        structlog.get_logger().warning("quality.broken", snapshot=run.snapshot, count=tally.failed + tally.errors, seconds=seconds)
    else:
        structlog.get_logger().info("quality.kept", snapshot=run.snapshot, count=tally.passed, seconds=seconds)


def is_checked(session: Session, snapshot: str) -> bool:
    """Whether a snapshot was run through all its suites under the contracts in force, and every check could be judged."""
    known = session.contracts.fingerprint
    return any(each.snapshot == snapshot and each.contracts == known and not each.errors for each in marks(folder_of(session)))


def folder_of(session: Session) -> Path:
    return session.data / FOLDER


def _means(session: Session, folder: Path) -> Means:
    """Two fifths of what a command may use: the library takes a third of a gigabyte by itself."""
    return Means(session.settings.memory_mb * 2 // 5, 2, folder / "spill")
