"""Many files, several processes, and two processes at one delivery."""

from __future__ import annotations

import json
import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from contracts.errors import CabinError
from streams.errors import DeliveryInProgress, FeedUnnamed, FileMissing, UnknownFeed
from streams.landing import Declared, Job, Landing, jobs_in, land, land_many, manifest_of
from tests.streams.landing.kit import CONTRACTS, HOMES, PEOPLE, closing, opened, people, raw_rows, snapshot, write_csv, write_xlsx


@contextmanager
def ports(folder: Path) -> Iterator[Landing]:
    """As `opened`, each call with an engine of its own, so that it may run in any process."""
    with opened(folder) as landing:
        yield replace(landing, engine=None)


def land_here(folder: Path, file: Path, results: multiprocessing.Queue) -> None:  # type: ignore[type-arg]
    with ports(folder) as landing:
        report = land(landing, PEOPLE, file, snapshot(150))
        results.put((report.delivery, report.already_landed))


def files_in(folder: Path) -> list[Path]:
    folder.mkdir()
    files = [write_csv(folder / f"people_{index}.csv", people(40, 100 * index)) for index in range(3)]
    rows = [["楼盘名称", "房号", "建筑面积(㎡)"], *(["甲", str(index), 80] for index in range(5))]
    homes = write_xlsx(folder / "homes.xlsx", rows)
    manifest_of(homes).write_text(json.dumps({"feed": "homes", "mode": "snapshot", "moment": "2026-11-01", "area": "330302", "rows": 5}))
    (folder / "readme.md").write_text("no delivery")
    return [homes, *files]


def test_jobs_of_a_folder(tmp_path: Path) -> None:
    """Deliveries by ending, in name order; manifests and other files are none; the feed comes from manifest or file name."""
    files = files_in(tmp_path / "in")
    jobs = jobs_in([tmp_path / "in"], CONTRACTS)
    assert [(job.feed, job.file) for job in jobs] == list(zip(["homes", "people", "people", "people"], files, strict=True))
    assert [job.feed for job in jobs_in([files[1]], CONTRACTS, feed="people")] == ["people"]


def test_jobs_that_cannot_be(tmp_path: Path) -> None:
    """A path that is not there, named as it was given, a feed nobody has, a name that tells nothing."""
    nameless = write_csv(tmp_path / "export.csv", people(1))
    for feed, path, error in ((None, tmp_path / "none", FileMissing), ("poeple", nameless, UnknownFeed), (None, nameless, FeedUnnamed)):
        with pytest.raises(error):
            jobs_in([path], CONTRACTS, feed=feed)
    with pytest.raises(FileMissing, match=r"there is no file demo/none\.csv"):
        jobs_in([Path("demo/none.csv")], CONTRACTS, feed="people")


@pytest.mark.parametrize("processes", [1, 2])
def test_files_land_in_any_number_of_processes(tmp_path: Path, processes: int) -> None:
    """Reports in the order of the jobs, a refused file among them as its error; every row lands once; again, nothing."""
    files_in(tmp_path / "in")
    write_csv(tmp_path / "in" / "people_9.csv", people(2), header=["人员编号", "证件号码", "性别", "出生日期", "现住地址", "更新时间"])
    jobs = jobs_in([tmp_path / "in"], CONTRACTS)
    opener = partial(ports, tmp_path / "data")
    outcomes = list(land_many(opener, jobs, processes))
    assert [outcome.job for outcome in outcomes] == jobs
    assert [outcome.report.landed if outcome.report else outcome.error.code for outcome in outcomes if outcome.report or outcome.error] == [
        5,
        40,
        40,
        40,
        "missing-column",
    ]
    error = outcomes[-1].error
    assert isinstance(error, CabinError)
    assert "姓名" in error.render("zh")[0]
    assert all(outcome.report.already_landed for outcome in land_many(opener, jobs[:-1], 1) if outcome.report)
    with opened(tmp_path / "data") as landing:
        assert len({row["person_no"] for row in raw_rows(landing)}) == len(raw_rows(landing)) == 120
        assert len(closing(landing, HOMES)) == 1


def test_two_processes_at_one_delivery(tmp_path: Path) -> None:
    """Started together, one lands the delivery, the other waits and finds it landed; no row is there twice."""
    file = write_csv(tmp_path / "people.csv", people(150))
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    workers = [context.Process(target=land_here, args=(tmp_path / "data", file, results)) for _ in range(2)]
    for worker in workers:
        worker.start()
    found = [results.get(timeout=60) for _ in workers]
    for worker in workers:
        worker.join(timeout=60)
        assert worker.exitcode == 0
    assert len({delivery for delivery, _ in found}) == 1
    assert sorted(already for _, already in found) == [False, True]
    with opened(tmp_path / "data") as landing:
        assert sorted(row["row"] for row in raw_rows(landing)) == list(range(1, 151))  # type: ignore[type-var]
        assert len(closing(landing)) == 1


def test_a_delivery_in_progress_is_said_to_be(tmp_path: Path) -> None:
    """Who does not want to wait longer is told which delivery is being landed, with exit code 3."""
    file = write_csv(tmp_path / "people.csv", people(3))
    with opened(tmp_path) as landing:
        impatient = replace(landing, sizes=replace(landing.sizes, lock_seconds=0.1))
        delivery = land(landing, PEOPLE, file, Declared()).delivery
        lock = tmp_path / "spool" / f"{delivery}.lock"
        handle = landing.files.lock(lock)
        assert handle is not None
        with pytest.raises(DeliveryInProgress) as caught:
            land(impatient, PEOPLE, file, Declared())
        landing.files.unlock(lock, handle)
        assert land(impatient, PEOPLE, file, Declared()).already_landed
    assert delivery in caught.value.render("en")[0]
    assert caught.value.exit_code == 3


def test_lock_files_that_vanish_do_not_fool(tmp_path: Path) -> None:
    """A lock on a file that its former holder has removed is no lock."""
    with opened(tmp_path) as landing:
        path = tmp_path / "spool" / "x.lock"
        first = landing.files.lock(path)
        assert first is not None
        assert landing.files.lock(path) is None
        path.unlink()
        second = landing.files.lock(path)
        assert second is not None
        landing.files.unlock(path, second)
        landing.files.unlock(path, first)


def test_jobs_carry_what_was_declared(tmp_path: Path) -> None:
    """Options given for many files hold for each of them."""
    write_csv(tmp_path / "people_1.csv", people(2))
    jobs = jobs_in([tmp_path], CONTRACTS, declared=Declared(mode="correction"))
    assert jobs == [Job("people", tmp_path / "people_1.csv", Declared(mode="correction"))]
