"""Which snapshots stay: by count, by age, and what something rests on."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.warehouse.publishing import households_of, one_more, publisher
from tests.warehouse.samples import contracts, log_at
from warehouse.load import Current
from warehouse.publish import Publisher, pointed
from warehouse.retention import Retention, Written, written
from warehouse.snapshots import open_published

NOON = datetime(2026, 9, 1, 12)


@dataclass(frozen=True)
class At:
    """A clock that stands."""

    moment: datetime

    def now(self) -> datetime:
        return self.moment


HOURLY = [Written(f"{number:06d}", NOON + timedelta(hours=number)) for number in range(1, 7)]
"""Snapshots of 13 to 18 o'clock."""


@pytest.mark.parametrize(
    ("count", "hours", "now", "gone"),
    [
        (1, 0.0, 18, [1, 2, 3, 4, 5]),
        (2, 0.0, 18, [1, 2, 3, 4]),
        (6, 0.0, 18, []),
        (0, 0.0, 18, [1, 2, 3, 4, 5]),  # the last one stays whatever is asked
        (1, 2.0, 18, [1, 2, 3]),  # 4 was given to readers until 17 o'clock, 3 until 16: exactly two hours
        (1, 2.5, 18, [1, 2]),
        (3, 2.0, 18, [1, 2, 3]),  # what either of the two keeps stays
        (4, 2.0, 18, [1, 2]),
        (1, 2.0, 40, [1, 2, 3, 4, 5]),
        (1, 2.0, 10, []),  # a clock that was put back removes nothing
    ],
)
def test_the_newest_and_the_young_stay(count: int, hours: float, now: int, gone: list[int]) -> None:
    """By count, and by the time since readers were last given the snapshot; not since it was written."""
    retired = Retention(count, hours, At(NOON + timedelta(hours=now - 12))).retired(HOURLY, ())
    assert [int(name) for name in retired] == gone


def test_what_something_rests_on_stays() -> None:
    """The published one and the base of what is remembered as touched are never removed, wherever they stand."""
    assert Retention(1).retired(HOURLY, {"000002", "000004"}) == ["000001", "000003", "000005"]


def test_publishing_retires_by_count_and_age(tmp_path: Path) -> None:
    """Snapshots given to readers within the hour stay beside the newest; later they go, and who reads one goes on; another file in the folder is nobody's snapshot."""
    folder = tmp_path / "published"

    def published(at: datetime) -> list[str]:
        one_more(log, current)
        retention = Retention(count=1, hours=1, clock=At(at))
        Publisher(folder, "key", publisher(tmp_path).marts, retention=retention).publish(current)
        return [each.name for each in written(folder)]

    now = datetime.now(UTC).replace(tzinfo=None) + timedelta(hours=8)
    with log_at(tmp_path) as log, Current.open(tmp_path / "current.duckdb", contracts()) as current:
        folder.mkdir()
        (folder / "notes.duckdb").write_bytes(b"mine")
        assert [len(published(now)) for _ in range(3)] == [1, 2, 3]
        reader = open_published(folder)
        assert published(now + timedelta(hours=1, minutes=5)) == [pointed(folder)] == ["000004"]
        with reader.connection as snapshot:
            assert (reader.name, households_of(snapshot)) == ("000003", 3)
        os.utime(folder / "000004.duckdb", (0, 0))
        assert len(published(now)) == 2  # its own age is nothing: readers were given it until now
        assert (folder / "notes.duckdb").exists()


def test_numbers_may_grow_longer(tmp_path: Path) -> None:
    """Snapshot 1000000 comes after 999999."""
    for name in ("999999", "1000000", "000007"):
        (tmp_path / f"{name}.duckdb").touch()
    assert [each.number for each in written(tmp_path)] == [7, 999_999, 1_000_000]
