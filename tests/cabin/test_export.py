"""Exports as a person uses them: once, again, at an interval."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from cabin.errors import IntervalUnreadable
from cabin.rhythm import Rhythm, interval_of
from tests.cabin.kit import ENVIRONMENT, cabin, done, holds_english
from warehouse.export import exported

AT = datetime(2026, 9, 1, 8)


@pytest.fixture(scope="module")
def data(small_cabin: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small cabin with its history and an export in its own folder; read only."""
    copied = shutil.copytree(small_cabin, tmp_path_factory.mktemp("exporting") / "data")
    done(copied, "history", "load")
    done(copied, "export")
    return copied


def test_an_export_is_written_once_where_nothing_is_new(data: Path) -> None:
    """Without a folder it goes into the data folder; a second one says that nothing is new; machines get name, path and sizes."""
    again = done(data, "--json", "export").document
    place = exported(data / "export")
    assert (again["export"], again["path"], again["fresh"]) == ("000001", str(place), False)
    assert again["tables"] > 30 and again["rows"] > 1000 and again["bytes"] > 10_000
    assert "nothing is new" in done(data, "export").out
    said = done(data, "export", lang="zh").out
    assert "没有新内容" in said and not holds_english(said)


def test_an_export_is_its_owners_alone_and_doctor_says_when_not(data: Path, tmp_path: Path) -> None:
    """No file or folder of it is open to other accounts; doctor finds one that is."""
    copied = shutil.copytree(data, tmp_path / "data", symlinks=True)
    inside = [path for path in (copied / "export").rglob("*") if not path.is_symlink()]
    assert len(inside) > 100 and [path for path in inside if path.stat().st_mode & 0o077] == []
    copied.chmod(0o755)
    assert done(copied, "doctor").code == 0
    next((copied / "export" / "000001").rglob("*.parquet")).chmod(0o644)
    assert cabin(copied, "doctor").code == 1


def test_history_can_be_left_out_or_be_empty(small_cabin: Path, tmp_path: Path) -> None:
    """Without history only marts are written; where it is empty that is said, with what fills it."""
    copied = shutil.copytree(small_cabin, tmp_path / "data")
    said = done(copied, "export", "--to", str(tmp_path / "a"))
    assert "cabin history load" in said.out and not (exported(tmp_path / "a") / "history").exists()
    assert "cabin history load" not in done(copied, "export", "--to", str(tmp_path / "b"), "--no-history").out
    assert not (copied / "export").exists() and not (copied / "history").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "exit_code"),
    [(("--every", "soon"), "interval-unreadable", 2), (("--every", "0h"), "interval-unreadable", 2), (("--kept", "0"), "usage", 2), ((), "no-snapshot", 3)],
)
def test_a_mistake_is_told_in_both_languages(tmp_path: Path, arguments: tuple[str, ...], code: str, exit_code: int) -> None:
    """One sentence and a hint, with a stable code, and no English in the Chinese one."""
    said = cabin(tmp_path / "data", "--json", "export", *arguments, lang="zh")
    error = said.document["error"]
    assert (said.code, error["code"]) == (exit_code, code)
    assert not holds_english(error["fact"] + error["hint"])


def test_a_folder_that_cannot_be_written_is_told(data: Path, tmp_path: Path) -> None:
    """A file where the folder should be: what the system says, what to do, and no traceback."""
    (tmp_path / "out").write_text("", encoding="utf-8")
    said = cabin(data, "export", "--to", str(tmp_path / "out"))
    assert said.code == 3 and "could not be written to out: File exists" in said.err and "--to" in said.err


class Clock:
    """A clock that moves only where it is told to."""

    def __init__(self) -> None:
        self.time = AT

    def now(self) -> datetime:
        return self.time


def test_beats_are_kept_from_the_first_and_missed_ones_left_out() -> None:
    """Work at once and at every hour from then on; work of 70 minutes misses a beat and nothing is made up for; a clock set back waits for the next beat."""
    clock, begun, waited = Clock(), [], []
    takes: Iterator[int] = iter([10, 70, 0, -30, 5])

    def work(at: datetime) -> None:
        begun.append((at - AT).total_seconds() / 60)
        clock.time += timedelta(minutes=next(takes))

    def wait(seconds: float) -> bool:
        waited.append(seconds / 60)
        clock.time += timedelta(seconds=seconds)
        return len(waited) == 5

    Rhythm(timedelta(hours=1), clock, wait).keep(work)
    assert begun == [0, 60, 180, 240, 240]
    assert waited == [50, 50, 60, 30, 55]


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("15m", 900), ("1h", 3600), ("1d", 86400)])
def test_intervals_are_a_number_and_a_unit(text: str, seconds: int) -> None:
    """Seconds, minutes, hours, days."""
    assert interval_of(text).total_seconds() == seconds


@pytest.mark.parametrize("text", ["", "1", "h", "0s", "1.5h", "-1h", "1h ", "1w", "99999999d"])
def test_what_is_no_interval_is_refused(text: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(IntervalUnreadable):
        interval_of(text)


def test_exporting_goes_on_after_a_failure_until_it_is_stopped(data: Path, tmp_path: Path) -> None:
    """The first beat finds no snapshot and is logged; once one is there the next beat exports it; SIGTERM ends it with 0."""
    home, out = tmp_path / "data", tmp_path / "out"
    home.mkdir()
    line = [sys.executable, "-m", "cabin", "--data", str(home), "export", "--to", str(out), "--every", "1s", "--no-history"]
    running = subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env={**os.environ, **ENVIRONMENT})
    try:
        assert running.stderr is not None
        logged = [json.loads(running.stderr.readline())]
        shutil.copytree(data / "published", home / "published")
        while logged[-1]["event"] != "export.unchanged":
            logged.append(json.loads(running.stderr.readline()))
        running.send_signal(signal.SIGTERM)
        assert running.wait(60) == 0
    finally:
        running.kill()
        running.communicate()
    assert (logged[0]["event"], logged[0]["error_code"]) == ("export.failed", "no-snapshot")
    written = next(each for each in logged if each["event"] == "export.written")
    assert written["rows"] > 1000 and exported(out).name == "000001"
