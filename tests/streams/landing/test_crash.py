"""Every write, fsync, rename, removal, lock, append and vault call fails once in turn; then the command runs again."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from streams.errors import SpoolUnwritable
from streams.landing import Landing, continue_spools, land
from streams.landing.spool import read_spool
from tests.streams.landing.faults import WAYS, FailingFiles, FailingLog, FailingSealer, Fuse, Killed, Way
from tests.streams.landing.kit import PEOPLE, closing, identity, messages, opened, people, person, raw_rows, snapshot, write_csv

ROWS = [*people(7), person(7, 证件号码=""), person(8, 工作单位="重点人员"), person(9, 证件号码=identity("20150601"), 出生日期="2015-06-01")]


def fused(landing: Landing, fuse: Fuse) -> Landing:
    """The same ports behind one fuse."""
    return replace(landing, files=FailingFiles(fuse), log=FailingLog(landing.log, fuse), sealer=FailingSealer(landing.sealer, fuse))  # type: ignore[arg-type]


def attempt(landing: Landing, file: Path, fuse: Fuse) -> None:
    try:
        land(fused(landing, fuse), PEOPLE, file, snapshot(len(ROWS)))
    except (Killed, SpoolUnwritable, OSError):
        assert fuse.blown
    finally:
        fuse.bury()


def assert_landed_once(landing: Landing, folder: Path) -> None:
    """Each row, each chunk and the closing fact exactly once, in order, of one time; no spool, no lock left."""
    found = messages(landing)
    assert [int(message.headers["chunk"]) for message in found] == list(range(len(found)))
    assert len({message.headers["ce_time"] for message in found}) == 1
    assert [row["row"] for row in raw_rows(landing)] == list(range(1, 9))
    assert [row["row"] for row in raw_rows(landing, kind="raw.presence")] == [9]
    assert [(row["row"], row["minors"]) for row in raw_rows(landing, kind="raw.minors")] == [(10, 1)]
    assert [fact["chunks"] for fact in closing(landing)] == [len(found) - 1]
    assert list((folder / "spool").iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
def test_any_single_failure_then_again(tmp_path: Path, way: Way) -> None:
    """Whichever call fails, and however, the second try leaves every row exactly once; the third finds it landed."""
    file = write_csv(tmp_path / "people.csv", ROWS)
    at = 0
    while True:
        at += 1
        folder = tmp_path / f"{at}"
        fuse = Fuse(at, way)
        with opened(folder) as landing:
            attempt(landing, file, fuse)
        if not fuse.blown:
            break
        with opened(folder) as landing:
            land(landing, PEOPLE, file, snapshot(len(ROWS)))
            assert_landed_once(landing, folder)
            assert land(landing, PEOPLE, file, snapshot(len(ROWS))).already_landed
    assert at > 20, "the sweep met the calls it is meant to meet"


def test_failures_in_a_row(tmp_path: Path) -> None:
    """A process that dies a little later each time still ends with every row once."""
    file = write_csv(tmp_path / "people.csv", ROWS)
    for at in range(1, 40):
        fuse = Fuse(at, "killed after")
        with opened(tmp_path) as landing:
            attempt(landing, file, fuse)
    with opened(tmp_path) as landing:
        land(landing, PEOPLE, file, snapshot(len(ROWS)))
        assert_landed_once(landing, tmp_path)


def test_a_lost_spool_keeps_the_first_ones_time_and_boundaries(tmp_path: Path) -> None:
    """If the spool is lost after some messages were appended, the new one continues them: same time, same cuts, whatever the setting says now."""
    file = write_csv(tmp_path / "people.csv", ROWS)
    with opened(tmp_path) as landing:
        files = Counter(path.suffix for path in (tmp_path / "spool").glob("*"))
        assert not files
        appends = Fuse(2, "killed before")
        with pytest.raises(Killed):
            land(replace(landing, log=FailingLog(landing.log, appends)), PEOPLE, file, snapshot(len(ROWS)))  # type: ignore[arg-type]
        assert len(messages(landing)) >= 1
        for spool in (tmp_path / "spool").glob("*.spool"):
            spool.unlink()
        land(replace(landing, sizes=replace(landing.sizes, message_rows=5)), PEOPLE, file, snapshot(len(ROWS)))
        assert_landed_once(landing, tmp_path)


def test_spools_can_be_continued_without_their_files(tmp_path: Path) -> None:
    """What an interrupted landing left in the spool is appended without the file."""
    file = write_csv(tmp_path / "people.csv", ROWS)
    with opened(tmp_path) as landing:
        with pytest.raises(Killed):
            land(replace(landing, log=FailingLog(landing.log, Fuse(2, "killed before"))), PEOPLE, file, snapshot(len(ROWS)))  # type: ignore[arg-type]
        file.unlink()
        reports = continue_spools(landing)
        assert [report.landed for report in reports] == [8]
        assert_landed_once(landing, tmp_path)
        assert continue_spools(landing) == []


def test_full_disk_is_told_in_words(tmp_path: Path) -> None:
    """A write that fails ends with the spool's error, exit code 3, and nothing on the log."""
    file = write_csv(tmp_path / "people.csv", ROWS)
    with opened(tmp_path) as landing:
        full = replace(landing, files=FailingFiles(Fuse(3, "error")))
        with pytest.raises(SpoolUnwritable) as caught:
            land(full, PEOPLE, file, snapshot(len(ROWS)))
        assert messages(landing) == []
    assert caught.value.exit_code == 3
    assert "no space left" in caught.value.render("en")[0]


def test_damaged_spool_is_noticed(tmp_path: Path) -> None:
    """A spool that the disk gives back altered is not appended."""
    file = write_csv(tmp_path / "people.csv", ROWS)
    with opened(tmp_path) as landing:
        with pytest.raises(Killed):
            land(replace(landing, log=FailingLog(landing.log, Fuse(1, "killed before"))), PEOPLE, file, snapshot(len(ROWS)))  # type: ignore[arg-type]
        spool = next((tmp_path / "spool").glob("*.spool"))
        data = bytearray(spool.read_bytes())
        data[len(data) // 2] ^= 1
        spool.write_bytes(data)
        with pytest.raises(SpoolUnwritable):
            land(landing, PEOPLE, file, snapshot(len(ROWS)))
        with pytest.raises(SpoolUnwritable):
            list(read_spool(spool))
