"""History is kept up by what publishes: at the end of a run, and in a thread beside what runs until it is stopped."""

from __future__ import annotations

import queue
import shutil
from pathlib import Path

from cabin.remembering import Kept, keep, remembering
from cabin.settings import Settings
from contracts.read import load
from tests.cabin.alias_kit import land_all, merged
from tests.cabin.kit import ENVIRONMENT, cabin, done, hashes
from warehouse.errors import HistoryInUse, HistoryOfAnotherLog
from warehouse.hashes import mart_hashes
from warehouse.history import History, check, read_manifest

LOADING = {"CABIN_HISTORY_MINUTES": "15"}


def test_a_run_loads_history_at_its_end(small_cabin: Path, tmp_path: Path) -> None:
    """What the run published is in history when it ends, told once; where the setting says never, nothing is."""
    data = shutil.copytree(small_cabin, tmp_path / "data")
    assert "history" not in done(data, "run").err and not (data / "history").exists()
    assert "rows added" in done(data, "run", **LOADING).err
    assert "history" not in done(data, "run", **LOADING).err
    done(data, "asof", "--marts", str(tmp_path / "then.duckdb"))
    assert mart_hashes(tmp_path / "then.duckdb", load()) == hashes(data)


def test_a_history_that_cannot_be_loaded_stops_no_run(small_cabin: Path, tmp_path: Path) -> None:
    """Where somebody else writes it, or it belongs to another log, the run publishes, ends well and says what to do."""
    data = shutil.copytree(small_cabin, tmp_path / "data")
    with History.open(data / "history", load(), memory_mb=500):
        said = cabin(data, "run", **LOADING)
    assert said.code == 0 and "another process writes the history" in said.err and "hint:" in said.err
    done(data, "run", **LOADING)
    manifest = (data / "history" / "manifest.json").read_bytes()
    (data / "log.sqlite").rename(tmp_path / "log.sqlite")
    shutil.rmtree(data / "state")
    done(data, "status")  # makes an empty log
    kept = keep(_settings(data))
    assert isinstance(kept.error, HistoryOfAnotherLog) and (data / "history" / "manifest.json").read_bytes() == manifest


def test_history_is_loaded_beside_what_goes_on(small_cabin: Path, tmp_path: Path) -> None:
    """Every so often in a thread: it adds what is new, says why where it cannot, tries again, and leaving waits for it."""
    data = shutil.copytree(small_cabin, tmp_path / "data")
    heard: queue.Queue[Kept] = queue.Queue()
    with History.open(data / "history", load(), memory_mb=500), remembering(_settings(data), heard.put, 0.05):
        assert isinstance(heard.get(timeout=60).error, HistoryInUse)
    with remembering(_settings(data), heard.put, 0.05):
        added = 0
        while not added:
            added = heard.get(timeout=60).rows
    assert added == sum(file.rows for file in read_manifest(data / "history").files) and not list(check(data / "history", read_manifest(data / "history")))
    with remembering(_settings(data), heard.put):  # the setting of these tests: never
        assert _settings(data).history_minutes == 0


def test_a_released_version_of_the_alias_table_makes_history_anew(tmp_path: Path) -> None:
    """Everything on the log is derived anew then, and so is history, unasked: it gives the marts that are published."""
    data = tmp_path / "data"
    land_all(data, tmp_path / "deliveries")
    merged(data, tmp_path / "deliveries")
    done(data, "run", **LOADING)
    before = hashes(data)
    done(data, "alias", "release", "--reason", "merged by the registry")
    done(data, "run", **LOADING)
    done(data, "asof", "--marts", str(tmp_path / "then.duckdb"))
    assert mart_hashes(tmp_path / "then.duckdb", load()) == hashes(data) != before


def _settings(data: Path) -> Settings:
    return Settings.from_mapping({**ENVIRONMENT, "CABIN_DATA": str(data)})
