"""Marts by area in published snapshots: small cells are in none of them, and what was shown once is remembered from one to the next."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from streams.log import EmbeddedLog
from tests.warehouse.samples import NAME_KEY, add_households, contracts
from warehouse.catalogue import mart_files
from warehouse.engine import run
from warehouse.files import LocalFiles
from warehouse.load import Current
from warehouse.publish import RELEASED, Publisher, pointed

MARTS = {"population": mart_files()["population"]}
AREAS = ("330302", "330302006", "330302006071")


@pytest.fixture
def current(tmp_path: Path, log: EmbeddedLog) -> Iterator[Current]:
    with Current.open(tmp_path / "warehouse" / "current.duckdb", contracts()) as opened:
        yield opened


def population(path: Path) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(path), read_only=True) as snapshot:
        return run(snapshot, "select area, residents, registered, suppressed from population order by area")


def test_few_people_are_in_no_row(tmp_path: Path, log: EmbeddedLog, current: Current) -> None:
    """Six residents: every level of areas is there and tells no number, and nothing is remembered as released."""
    add_households(log, current.contracts, range(6))
    current.load(log)
    made = population(Publisher(tmp_path / "published", NAME_KEY, MARTS).publish(current).path)
    assert made == [(area, None, None, True) for area in AREAS]
    assert not (tmp_path / "published" / RELEASED).exists()


def test_what_was_shown_is_remembered_by_every_snapshot_after_it(tmp_path: Path, log: EmbeddedLog, current: Current) -> None:
    """Sixty residents are shown and remembered for the publisher alone; a whole build reads that and, of the same counts, shows the same and adds nothing."""
    add_households(log, current.contracts, range(60))
    current.load(log)
    publisher = Publisher(tmp_path / "published", NAME_KEY, MARTS)
    first = population(publisher.publish(current).path)
    assert first == [(area, 60, 0, False) for area in AREAS]
    memory = tmp_path / "published" / RELEASED
    assert memory.stat().st_mode & 0o777 == 0o600
    held = memory.read_text(encoding="utf-8")
    assert population(publisher.publish(current, whole=True).path) == first
    assert memory.read_text(encoding="utf-8") == held


class NoMemory(LocalFiles):
    """Fails when what was released is to be renamed into its place."""

    def replace(self, source: Path, target: Path) -> None:
        if target.name == RELEASED:
            raise OSError("disk died")
        super().replace(source, target)


def test_nothing_is_published_that_is_not_remembered(tmp_path: Path, log: EmbeddedLog, current: Current) -> None:
    """Where remembering fails no snapshot is pointed at; the next publish does both and leaves nothing unfinished."""
    folder = tmp_path / "published"
    add_households(log, current.contracts, range(60))
    current.load(log)
    with pytest.raises(OSError, match="disk died"):
        Publisher(folder, NAME_KEY, MARTS, files=NoMemory()).publish(current)
    assert pointed(folder) is None
    Publisher(folder, NAME_KEY, MARTS).publish(current)
    assert pointed(folder) is not None and (folder / RELEASED).exists() and not list(folder.glob("*.unfinished"))
