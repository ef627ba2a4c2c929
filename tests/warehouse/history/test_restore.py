"""The whole warehouse from history equals the one that was loaded from the log, and loading goes on from it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from contracts.model import Contracts
from streams.log import EmbeddedLog
from tests.warehouse.history.kit import SIZE, Until, appended
from tests.warehouse.samples import NAME_KEY
from warehouse.errors import HistoryFileFault, HistoryOfAnotherLog
from warehouse.hashes import mart_hashes
from warehouse.history import read_manifest, restore
from warehouse.load import Current
from warehouse.publish import Publisher


def test_what_is_restored_is_what_was_loaded(log: EmbeddedLog, known: Contracts, small_cabin: Path, tmp_path: Path) -> None:
    """Every table of the current file holds the same rows as one loaded from the log, golden rows but for their version; the marts have the same hashes; nothing is loaded twice."""
    folder = tmp_path / "history"
    appended(folder, known, Until(log, 3))  # what is missing is added first
    with Current.open(tmp_path / "loaded.duckdb", known, **SIZE) as loaded, Current.open(tmp_path / "restored.duckdb", known, **SIZE) as restored:
        loaded.load(log)
        rows = restore(restored, folder, log)
        assert rows["golden_person"] > 30 and not restored.load(log).rows
        assert restored.positions() == loaded.positions() and restored.unpublished
        for name in rows:
            assert _rows(restored, name) == _rows(loaded, name), name
        made = [Publisher(tmp_path / each.path.stem, NAME_KEY).publish(each).path for each in (loaded, restored)]
    assert mart_hashes(made[1], known) == mart_hashes(made[0], known)


def test_loading_goes_on_after_a_restore(log: EmbeddedLog, known: Contracts, tmp_path: Path) -> None:
    """A change told later takes the place of a restored golden row, and what the log gets later is added."""
    folder = tmp_path / "history"
    with EmbeddedLog.open(tmp_path / "log.sqlite", log.partitions) as growing:
        rest = {}
        for topic in ("cabin.claims", "cabin.outcomes", "cabin.quarantine", "cabin.changes"):
            for partition in range(log.partitions):
                messages = [stored.message for stored in log.read(topic, partition, 0, 1_000_000_000)]
                half = len(messages) if topic == "cabin.outcomes" else len(messages) // 2
                growing.append(topic, partition, messages[:half])
                rest[topic, partition] = messages[half:]
        with Current.open(tmp_path / "restored.duckdb", known, **SIZE) as restored, Current.open(tmp_path / "loaded.duckdb", known, **SIZE) as loaded:
            restore(restored, folder, growing)
            for (topic, partition), messages in rest.items():
                growing.append(topic, partition, messages)
            assert sum(restored.load(growing).rows.values()) > 0
            loaded.load(growing)
            for name in ("claim_person", "finding", "golden_person"):
                told = "version = 0" if name.startswith("golden_") else "true"  # nobody told later of these
                assert [row for row in _rows(restored, name) if row not in _rows(loaded, name)] == [], (name, told)


def test_a_restore_that_fails_changes_nothing(log: EmbeddedLog, known: Contracts, tmp_path: Path) -> None:
    """Where a file of history is gone, or history is another log's, the current file is as it was."""
    folder = tmp_path / "history"
    appended(folder, known, log)
    with Current.open(tmp_path / "current.duckdb", known, **SIZE) as current:
        current.load(log)
        before = {name: _rows(current, name) for name in ("claim_person", "golden_person", "outcome", "meta", "positions")}
        with EmbeddedLog.open(tmp_path / "other.sqlite", log.partitions) as other, pytest.raises(HistoryOfAnotherLog):
            restore(current, folder, other)
        shutil.copytree(folder, tmp_path / "damaged")
        (tmp_path / "damaged" / read_manifest(folder).of("claim_person")[0].path).unlink()
        with pytest.raises(HistoryFileFault):
            restore(current, tmp_path / "damaged", log)
        assert {name: _rows(current, name) for name in before} == before
        restore(current, folder, log)


def _rows(current: Current, table: str) -> list[tuple[object, ...]]:
    excluded = "exclude (version)" if table.startswith("golden_") else ""
    return current.connection.execute(f'select * {excluded} from "{table}" order by all').fetchall()
