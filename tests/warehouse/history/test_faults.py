"""History in a bad world: failing disks, damaged files, other logs, writers and readers that die."""

from __future__ import annotations

import itertools
import os
import random
import resource
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from contracts.model import Contracts
from streams.log import EmbeddedLog
from tests.warehouse.history.kit import SIZE, Failing, Moving, Shortened, Until, appended, rows_of
from warehouse.errors import HistoryBehindLog, HistoryFileFault, HistoryInUse, HistoryOfAnotherLog, HistoryUnreadable, NoHistory
from warehouse.files import UNFINISHED
from warehouse.history import Cut, History, check, compact, read_manifest, reading
from warehouse.history.manifest import NAME

STRIDE = 1 if os.environ.get("CABIN_TEST_PROFILE") == "nightly" else 37
"""A prime stride reaches every kind of operation within the time of an ordinary test."""
KILLS = 50 if os.environ.get("CABIN_TEST_PROFILE") == "nightly" else 4
SEED = int(os.environ.get("CABIN_FAULTS_SEED", "7"))
ROOT = Path(__file__).parents[3]
LOADER = """
import signal, sys
from pathlib import Path
from cabin.machine import told_of_machine
from contracts.read import load
from streams.log import EmbeddedLog
from warehouse.history import History
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
contracts = load()
with EmbeddedLog.open(Path(sys.argv[2])) as log:
    print("begun", flush=True)
    try:
        with History.open(Path(sys.argv[1]), contracts, memory_mb=500) as history:
            history.append(log)
    except Exception as error:
        print(told_of_machine(error).code)
        sys.exit(1)
"""
HOLDER = """
import sys, time
from pathlib import Path
from warehouse.history.lock import leased
with leased(Path(sys.argv[1]), int(sys.argv[2])):
    print("held", flush=True)
    time.sleep(600)
"""


@pytest.mark.parametrize("when", ["before", "after"])
def test_whatever_operation_fails_history_is_the_one_before_or_the_one_after(
    whole: Path, log: EmbeddedLog, known: Contracts, tmp_path: Path, when: str
) -> None:
    """Writes, syncs and renames of loading fail once in turn (all of them nightly): what the manifest names is whole at every moment, and the next writer ends as if nothing had happened."""
    expected = rows_of(whole, known)
    for place in itertools.count(0, STRIDE):
        folder = tmp_path / f"{when}-{place}"
        failing = Failing(place, when)
        try:
            with History.open(folder, known, files=failing, **SIZE) as history:
                history.append(log)
        except OSError:
            assert not list(check(folder, read_manifest(folder)))
            assert read_manifest(folder).positions in ((), read_manifest(whole).positions)  # nothing of it, or all
            appended(folder, known, log)
        assert rows_of(folder, known) == expected
        assert not [path for path in folder.rglob("*") if path.name.endswith(UNFINISHED)]
        if failing.calls < place:
            break


def test_a_file_that_is_not_what_was_written_is_named_and_made_anew(log: EmbeddedLog, known: Contracts, tmp_path: Path) -> None:
    """Missing, truncated and altered files are told apart; reading refuses a missing one; rebuilt from the log history is what it was."""
    folder = tmp_path / "history"
    appended(folder, known, log)
    expected = rows_of(folder, known)
    missing, truncated, altered = (read_manifest(folder).of(name)[0] for name in ("claim_person", "claim_residency", "outcome"))
    (folder / missing.path).unlink()
    os.truncate(folder / truncated.path, truncated.bytes - 1)
    content = bytearray((folder / altered.path).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / altered.path).write_bytes(content)
    assert {fault.file: fault.what for fault in check(folder, read_manifest(folder))} == {missing: "missing", truncated: "truncated", altered: "altered"}
    with reading(folder, known) as read, pytest.raises(HistoryFileFault):
        read.show(duckdb.connect(), Cut())
    appended(folder, known, log, anew=True)
    assert not list(check(folder, read_manifest(folder)))
    assert rows_of(folder, known) == expected


def test_kill_9_of_a_loader_leaves_what_was_or_what_is(log: EmbeddedLog, whole: Path, known: Contracts, small_cabin: Path, tmp_path: Path) -> None:
    """Killed at any moment, a loader leaves no history or one in which every file is as it was written; the next one goes on from there and ends where an undisturbed one does."""
    moments = random.Random(SEED)
    for kill in range(KILLS):
        folder = tmp_path / f"history-{kill}"
        loader = subprocess.Popen([sys.executable, "-c", LOADER, str(folder), str(small_cabin / "log.sqlite")], stdout=subprocess.PIPE, cwd=ROOT)
        assert loader.stdout and loader.stdout.readline()
        time.sleep(moments.uniform(0, 0.6))
        loader.kill()
        loader.communicate()
        where = f"CABIN_FAULTS_SEED={SEED}: kill {kill}"
        assert read_manifest(folder).positions in ((), read_manifest(whole).positions), where
        assert not list(check(folder, read_manifest(folder))), where
        appended(folder, known, log)
        assert rows_of(folder, known) == rows_of(whole, known), where
        assert not [path for path in folder.rglob("*") if path.name.endswith(UNFINISHED)], where


def test_a_full_disk_is_told_and_leaves_history_as_it_was(log: EmbeddedLog, known: Contracts, small_cabin: Path, tmp_path: Path) -> None:
    """Where the disk takes no more, a load is one sentence; what history had is there, and with room it ends as if nothing had happened."""
    folder = tmp_path / "history"
    appended(folder, known, Until(log, 3))
    before, held = rows_of(folder, known), read_manifest(folder)
    loader = subprocess.run(
        [sys.executable, "-c", LOADER, str(folder), str(small_cabin / "log.sqlite")],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4_000, 4_000)),
    )
    assert loader.returncode == 1 and "disk-full" in loader.stdout, (loader.stdout, loader.stderr)
    assert read_manifest(folder) == held and rows_of(folder, known) == before
    appended(folder, known, log)
    appended(tmp_path / "direct", known, log)
    assert rows_of(folder, known) == rows_of(tmp_path / "direct", known) != before


def test_a_damaged_manifest_is_told_and_made_anew(log: EmbeddedLog, known: Contracts, tmp_path: Path) -> None:
    """Whatever stands in the manifest's place, or is altered in it, readers and writers say so in one sentence, and history can be made again."""
    folder = tmp_path / "history"
    appended(folder, known, log)
    expected = rows_of(folder, known)
    altered = (folder / NAME).read_text().replace('"sequence": 1', '"sequence": 7')
    for damage in (
        altered,
        "",
        "{",
        "[]",
        '{"format": 99}',
        '{"format": 1, "files": [{}], "places": []}',
        '{"format": 1, "files": [], "places": [], "else": 1}',
    ):
        (folder / NAME).write_text(damage)
        with pytest.raises(HistoryUnreadable):
            read_manifest(folder)
        with pytest.raises(HistoryUnreadable), History.open(folder, known, **SIZE):
            pass
    appended(folder, known, log, anew=True)
    assert rows_of(folder, known) == expected


def test_there_is_one_writer_at_a_time(known: Contracts, tmp_path: Path) -> None:
    """A second writer is refused; after the first ended the next may write."""
    folder = tmp_path / "history"
    with History.open(folder, known, **SIZE):
        with pytest.raises(HistoryInUse), History.open(folder, known, **SIZE):
            pass
        with pytest.raises(HistoryInUse), History.open(folder, known, anew=True, **SIZE):
            pass
    with History.open(folder, known, **SIZE):
        pass


def test_another_log_is_refused_until_somebody_asks_for_history_anew(log: EmbeddedLog, known: Contracts, tmp_path: Path) -> None:
    """A log that was made anew, or a wrong one, does not throw history away; asked to, history is what the new one says, and readers keep the old state until then."""
    folder = tmp_path / "history"
    with EmbeddedLog.open(tmp_path / "other.sqlite", log.partitions) as other:
        copied = log.read("cabin.claims", 0, 0, 1_000_000)[:1]
        other.append("cabin.claims", 0, [each.message for each in copied])
        appended(folder, known, other)
    before = rows_of(folder, known)
    with pytest.raises(HistoryOfAnotherLog):
        appended(folder, known, log)
    assert rows_of(folder, known) == before
    with History.open(folder, known, anew=True, **SIZE) as history:
        assert rows_of(folder, known) == before
        history.append(log)
    appended(tmp_path / "direct", known, log)
    assert rows_of(folder, known) == rows_of(tmp_path / "direct", known) != before


def test_what_the_log_forgot_before_it_was_read_is_noticed(whole: Path, log: EmbeddedLog, known: Contracts, tmp_path: Path) -> None:
    """A log whose beginning is gone gives no history with a hole in it: it is told, and nothing is added."""
    folder = tmp_path / "history"
    with pytest.raises(HistoryBehindLog):
        appended(folder, known, Shortened(log))
    with pytest.raises(NoHistory):
        rows_of(folder, known)


def test_a_rebuild_that_cannot_end_leaves_history_as_it_was(log: EmbeddedLog, known: Contracts, tmp_path: Path) -> None:
    """Where the log becomes another one while history is made anew, or has lost its beginning, nothing that history had is gone, also not after merging."""
    folder = tmp_path / "history"
    appended(folder, known, log)
    expected = rows_of(folder, known)
    with History.open(folder, known, anew=True, **SIZE) as history:
        assert history.append(Moving(log)).moved
        compact(history)
    assert rows_of(folder, known) == expected and not list(check(folder, read_manifest(folder)))
    with pytest.raises(HistoryBehindLog):
        appended(folder, known, Shortened(log), anew=True)
    assert rows_of(folder, known) == expected and not list(check(folder, read_manifest(folder)))


def test_a_dead_reader_holds_no_file(log: EmbeddedLog, known: Contracts, tmp_path: Path) -> None:
    """Another process's lease keeps files; killed, it keeps none, and what it left in the folder for computing is removed."""
    folder = tmp_path / "history"
    appended(folder, known, log)
    old = read_manifest(folder)
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(folder), str(old.sequence)], stdout=subprocess.PIPE, cwd=ROOT)
    assert holder.stdout and holder.stdout.readline()
    (folder / "asking" / "left").mkdir()
    (folder / "asking" / "left" / "believed.duckdb").write_bytes(b"golden rows")
    with History.open(folder, known, **SIZE) as history:
        history.commit(history.manifest.changed(history.manifest.of("claim_person"), []))
        history.remove_retired()
    assert all((folder / file.path).exists() for file in old.files) and (folder / "asking" / "left" / "believed.duckdb").exists()
    holder.kill()
    holder.wait()
    holder.stdout.close()
    with History.open(folder, known, **SIZE) as history:
        history.remove_retired()
    assert not any((folder / file.path).exists() for file in old.of("claim_person")) and not (folder / "asking" / "left" / "believed.duckdb").exists()
