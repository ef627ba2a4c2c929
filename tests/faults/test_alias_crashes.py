"""Deriving anew under another alias table, interrupted at every call of the log: the old snapshot is readable all the while, the next run ends right."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from cabin.ports import open_ports
from contracts.model import Contracts
from contracts.read import load
from streams.local import CLAIMS, OUTCOMES, normalise_log
from streams.log import EmbeddedLog
from tests.cabin.alias_kit import FEEDS, NEW, land_all, merged, sql
from tests.cabin.kit import done
from tests.faults.test_pipeline_crashes import BEFORE_AND_AFTER, ReadingToo, accounts, dies_after, drain, fails, marts, pipeline
from tests.streams.landing.faults import Fuse, Way
from warehouse.load import Current


class RenewingToo(ReadingToo):
    """The making anew passes the fuse as well."""

    def renew(self, topics: Sequence[str]) -> None:
        self._fuse.call(lambda: self._log.renew(topics))


class OnlyRenewing(RenewingToo):
    """Only the making anew passes the fuse, until its process is dead."""

    def __getattribute__(self, name: str) -> object:
        apart = name in ("read", "headers", "append") and not object.__getattribute__(self, "_fuse").dead
        return getattr(object.__getattribute__(self, "_log"), name) if apart else object.__getattribute__(self, name)


@dataclass(frozen=True, slots=True)
class Released:
    """A data folder whose published marts are of no alias table, with one released since; and what a run makes of it when nothing fails."""

    data: Path
    before: dict[str, str]
    after: dict[str, str]


@pytest.fixture(scope="module")
def known() -> Contracts:
    """The feeds that deliver here: each run plans a smaller statement."""
    whole = load()
    return replace(whole, feeds={name: whole.feeds[name] for name in FEEDS}, fingerprint="four feeds")


@pytest.fixture(scope="module")
def released(known: Contracts, tmp_path_factory: pytest.TempPathFactory) -> Released:
    """One partition keeps the sweep short."""
    folder = tmp_path_factory.mktemp("released")
    data, calm = folder / "data", folder / "calm"
    done(data, "status", CABIN_PARTITIONS="1")
    land_all(data, folder / "deliveries")
    merged(data, folder / "deliveries")
    drain(data, known)
    before = dict(marts(data, known))
    done(data, "alias", "release", "--reason", "merged by the registry")
    shutil.copytree(data, calm)
    drain(calm, known)
    return Released(data, before, dict(marts(calm, known)))


@pytest.mark.parametrize("way", BEFORE_AND_AFTER)
def test_deriving_anew_ends_right_whatever_call_fails(released: Released, known: Contracts, tmp_path: Path, way: Way) -> None:
    """One life in which the first, fifth, ninth ... call of the log fails, a fresh run after each: readers have the old marts whole until they have the new ones."""
    assert released.before["dwelling_current"] != released.after["dwelling_current"]
    data, at = shutil.copytree(released.data, tmp_path / "data"), 1
    while at < 80:
        fuse = Fuse(at, way)
        with pipeline(data, known, lambda log, fuse=fuse: RenewingToo(log, fuse)) as job:  # type: ignore[misc]
            fails(fuse, job.drain)
        if not fuse.blown:
            break
        assert marts(data, known) in (released.before, released.after), at
        at += 4
    assert 12 < at < 80
    drain(data, known)
    accounts(data)
    assert marts(data, known) == released.after


@pytest.mark.parametrize("way", BEFORE_AND_AFTER)
def test_making_topics_anew_happens_or_does_not(released: Released, known: Contracts, tmp_path: Path, way: Way) -> None:
    """The one call that removes anything fails: everything derived is still there, or nothing is; the next run ends right from either."""
    data, fuse = shutil.copytree(released.data, tmp_path / "data"), Fuse(1, way)
    with pipeline(data, known, lambda log: OnlyRenewing(log, fuse)) as job:
        fails(fuse, job.drain)
    with EmbeddedLog.open(data / "log.sqlite") as log:
        assert {log.end(topic, 0) > 0 for topic in (CLAIMS, OUTCOMES)} == {way != "killed after"}
    assert fuse.blown and marts(data, known) == released.before
    drain(data, known)
    assert marts(data, known) == released.after


@pytest.mark.parametrize("stop", ["normalised", "folded", "published"])
def test_deriving_anew_goes_on_after_a_death_between_steps(released: Released, known: Contracts, tmp_path: Path, stop: str) -> None:
    """A death right after a step told that it is done: the next run publishes the new marts."""
    data = shutil.copytree(released.data, tmp_path / "data")
    dies_after(data, known, stop)
    drain(data, known)
    assert marts(data, known) == released.after


def test_what_was_loaded_and_not_published_is_published_by_the_next_run(released: Released, known: Contracts, tmp_path: Path) -> None:
    """A death between loading and publishing leaves nothing new on the log; the next run publishes all the same."""
    data = shutil.copytree(released.data, tmp_path / "data")
    with pipeline(data, known) as job:
        normalise_log(job.ports, open_ports, 1)  # type: ignore[arg-type]
        job.fold()
        with Current.open(job.places.warehouse / "current.duckdb", known) as current:
            current.load(job.ports.log)
    assert marts(data, known) == released.before
    drain(data, known)
    assert marts(data, known) == released.after
    assert [row["entity"] for row in sql(data, "select entity from dwelling_current")] == [NEW]
