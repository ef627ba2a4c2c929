"""Many files at once: one after the other, or in worker processes that open log and vault for themselves.

The order in which files land means nothing for the outcome; reports come back in the order in which the files were given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, replace
from multiprocessing import get_context
from multiprocessing.util import Finalize
from pathlib import Path

from contracts.errors import CabinError
from contracts.model import Contracts
from streams.errors import FeedUnnamed, FileMissing
from streams.landing.land import engine_of, land
from streams.landing.manifest import SUFFIX, feed_in_manifest, feed_named
from streams.landing.model import UNDECLARED, Declared, Landing, Report
from streams.landing.read import FORMATS

Opener = Callable[[], AbstractContextManager[Landing]]
"""Opens the ports anew, in whatever process it is called: a module's function or a `functools.partial` of one, so that it can be sent to a worker."""


@dataclass(frozen=True, slots=True)
class Job:
    """One file of one feed."""

    feed: str
    file: Path
    declared: Declared = UNDECLARED


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a job: a report, or the error that refused its file."""

    job: Job
    report: Report | None
    error: CabinError | None


def jobs_in(paths: Sequence[Path], contracts: Contracts, feed: str | None = None, declared: Declared = UNDECLARED) -> list[Job]:
    """The deliveries among files and folders (not below their subfolders), in name order per folder.

    The feed is the one given, else the manifest's, else a file name's beginning (`ps_resident_2026-11.csv`, `ps_resident.csv`).
    Raises: `FileMissing`, `UnknownFeed`, `FeedUnnamed`.
    """
    jobs = []
    for path in paths:
        if not path.exists():
            raise FileMissing(file=path)
        files = sorted(each for each in path.iterdir() if is_delivery(each)) if path.is_dir() else [path]
        jobs += [Job(feed_named(contracts, feed or _feed_of(file, contracts)).name, file, declared) for file in files]
    return jobs


def is_delivery(file: Path) -> bool:
    """Whether a file in a folder looks like a delivery: a known ending, no manifest, not hidden."""
    return file.is_file() and file.suffix.lower() in FORMATS and not file.name.endswith(SUFFIX) and not file.name.startswith((".", "~"))


def land_many(opener: Opener, jobs: Sequence[Job], processes: int = 1) -> Iterator[Outcome]:
    """Outcomes in the order of the jobs. One refused file does not stop the others; a crash of a worker process does."""
    if processes <= 1 or len(jobs) <= 1:
        with opener() as landing, engine_of(landing.contracts) as engine:
            for job in jobs:
                yield _outcome(replace(landing, engine=engine), job)
        return
    with ProcessPoolExecutor(min(processes, len(jobs)), get_context("spawn"), _open_worker, (opener,)) as pool:
        largest_first = sorted(range(len(jobs)), key=lambda index: -_size(jobs[index].file))
        waiting: dict[int, Future[Outcome]] = {index: pool.submit(_land_in_worker, jobs[index]) for index in largest_first}
        for index in range(len(jobs)):
            yield waiting[index].result()


_WORKER: list[Landing] = []
"""The ports of this worker process, opened once for all its jobs: contracts and engine take half a second to make."""


def _open_worker(opener: Opener) -> None:
    stack = ExitStack()
    landing = stack.enter_context(opener())
    _WORKER.append(replace(landing, engine=stack.enter_context(engine_of(landing.contracts))))
    Finalize(None, stack.close, exitpriority=10)


def _land_in_worker(job: Job) -> Outcome:
    return _outcome(_WORKER[0], job)


def _outcome(landing: Landing, job: Job) -> Outcome:
    try:
        return Outcome(job, land(landing, feed_named(landing.contracts, job.feed), job.file, job.declared), None)
    except CabinError as error:
        return Outcome(job, None, error)


def _feed_of(file: Path, contracts: Contracts) -> str:
    named = feed_in_manifest(file)
    if named:
        return named
    stem = file.name.lower()
    fitting = [name for name in contracts.feeds if stem.startswith(name) and not stem[len(name) :][:1].isalnum()]
    if not fitting:
        raise FeedUnnamed(file=file.name)
    return max(fitting, key=len)


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0
