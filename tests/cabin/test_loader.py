"""The loader of a cabin whose golden records were folded under another release's contracts."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from cabin.clock import BeijingClock
from cabin.loader import Loader
from cabin.ports import open_log
from cabin.settings import Settings
from contracts.partition import Share
from contracts.ports import Stored
from contracts.topics import CHANGES, CLAIMS, RELEASE
from streams.log import EmbeddedLog
from streams.reconcile import Folded, Follower, LogTruncated, State
from tests.contracts.golden_kit import ALL, claim
from tests.streams.test_reconcile import Other, message, refused, things
from warehouse.errors import GoldenOfAnotherRelease
from warehouse.publish import pointed
from warehouse.slices import refolding


def test_nothing_is_published_until_workers_of_this_release_folded_anew(small_cabin: Path, tmp_path: Path) -> None:
    """While the newest change of a partition names other contracts, readers keep what is published; once it names ours again, a new snapshot follows."""
    data = tmp_path / "data"
    shutil.copytree(small_cabin, data)
    loader = Loader(Settings.from_mapping({"CABIN_DATA": str(data)}), BeijingClock())
    held = pointed(data / "published")
    with open_log(data) as log:
        ours = log.read(CHANGES, 0, log.end(CHANGES, 0) - 1)[0].message
        log.append(CHANGES, 0, [replace(ours, headers={**ours.headers, RELEASE: "of another release"})])
    with pytest.raises(GoldenOfAnotherRelease) as refused:
        loader.follow(once=True)
    assert refused.value.values["count"] == 1
    assert pointed(data / "published") == held
    with open_log(data) as log:
        log.append(CHANGES, 0, [ours])
    assert loader.follow(once=True) == pointed(data / "published") != held


class WithoutClaims(Other):
    """A log with changes whose topic of claims is empty, as after the whole topic was lost with the same generation."""

    def end(self, topic: str, partition: int) -> int:
        return 0 if topic == CLAIMS else super().end(topic, partition)

    def read(self, topic: str, partition: int, start: int, limit_bytes: int = 64_000_000) -> Sequence[Stored]:
        return [] if topic == CLAIMS else super().read(topic, partition, start, limit_bytes)


@pytest.fixture
def of_another_release(tmp_path: Path) -> Iterator[EmbeddedLog]:
    """A log of one partition whose one claim was folded under other contracts than `ALL`."""
    with EmbeddedLog.open(tmp_path / "log.sqlite", 1) as log:
        log.append(CLAIMS, 0, message(things(claim("x", "a", 1))))
        with State.open(Path(":memory:"), ALL, Share(0, 1)) as state:
            Follower(log, state, refused).reach()
        told = log.read(CHANGES, 0, 0)[-1].message
        log.append(CHANGES, 0, [replace(told, headers={**told.headers, RELEASE: "of another release"})])
        assert refolding(log, ALL.fingerprint) == [0]
        yield log


@pytest.mark.parametrize("known", [False, True])
def test_a_worker_tells_of_a_partition_without_claims(known: bool, of_another_release: EmbeddedLog, tmp_path: Path) -> None:
    """A state with nothing to fold, new or made by another release, tells once that it is of this one: the loader does not wait for it any longer."""
    log, place = WithoutClaims(of_another_release, of_another_release.generation), tmp_path / "state.duckdb"
    if known:
        with State.open(place, replace(ALL, fingerprint="of another release"), Share(0, 1)) as theirs:
            theirs.settle([], 7, generation=log.generation)
    with State.open(place, ALL, Share(0, 1)) as state:
        follower = Follower(log, state, refused)
        assert follower.unpublished and follower.read_on() == Folded(0, 0)
        assert refolding(of_another_release, ALL.fingerprint) == []
        end = log.end(CHANGES, 0)
        assert not follower.unpublished
    with State.open(place, ALL, Share(0, 1)) as state:
        Follower(log, state, refused).read_on()
    assert log.end(CHANGES, 0) == end


def test_a_partition_whose_claims_expired_is_refused_by_its_worker(of_another_release: EmbeddedLog) -> None:
    """Nothing of this release can stand for golden records whose claims are gone: the worker ends and says what gives them again, and the loader names that, too."""
    with State.open(Path(":memory:"), ALL, Share(0, 1)) as state:
        follower = Follower(Other(of_another_release, of_another_release.generation, start=1), state, refused)
        assert follower.refolding
        with pytest.raises(LogTruncated) as ended:
            follower.read_on()
    assert refolding(of_another_release, ALL.fingerprint) == [0]
    for lang in ("zh", "en"):
        hint = GoldenOfAnotherRelease(count=1).render(lang)[1]
        assert LogTruncated.code in hint and "cabin topics renew" in hint and "cabin topics renew" in ended.value.render(lang)[1]
