"""History: every fact of the log once, committed by one rename, merged beside readers, and found out where a file is not what was written."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from contracts.model import Contracts
from contracts.read import load
from streams.log import EmbeddedLog
from warehouse.errors import HistoryAhead, HistoryBehindLog, HistoryFileFault, HistoryInUse, HistoryOfAnotherLog, HistoryUnreadable, NoHistory
from warehouse.files import UNFINISHED, LocalFiles
from warehouse.history import Cut, History, check, compact, read_manifest, reading
from warehouse.history.layout import history_tables
from warehouse.history.manifest import NAME, write_manifest
from warehouse.history.parquet import rows_sql
from warehouse.schema import UNUSED

SIZE = {"memory_mb": 500}
STRIDE = 1 if os.environ.get("CABIN_TEST_PROFILE") == "nightly" else 37
"""A prime stride reaches every kind of operation within the time of an ordinary test."""
HOLDER = """
import sys, time
from pathlib import Path
from warehouse.history.lock import leased
with leased(Path(sys.argv[1]), int(sys.argv[2])):
    print("held", flush=True)
    time.sleep(600)
"""


@pytest.fixture(scope="module")
def known() -> Contracts:
    return load()


@pytest.fixture
def log(small_cabin: Path) -> Iterator[EmbeddedLog]:
    with EmbeddedLog.open(small_cabin / "log.sqlite") as opened:
        yield opened


@pytest.fixture(scope="module")
def whole(small_cabin: Path, known: Contracts, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small cabin's history, read only."""
    folder = tmp_path_factory.mktemp("whole") / "history"
    with EmbeddedLog.open(small_cabin / "log.sqlite") as log:
        _append(folder, known, log)
    return folder


def test_history_has_the_rows_that_the_warehouse_loaded(small_cabin: Path, whole: Path, known: Contracts) -> None:
    """Every table holds row for row what the current file, loaded by other code, holds of the same log, and each file's bounds hold its recordings."""
    with reading(whole, known) as read, duckdb.connect(str(small_cabin / "warehouse" / "current.duckdb"), read_only=True) as current:
        for name, table in history_tables(known).items():
            columns = ", ".join(f'"{column}"' for column in table.schema.names if not (name.startswith("claim_") and column in UNUSED))
            ours = current.execute(f"select {columns} from ({read.select(table, Cut())}) order by all").fetchall()
            assert ours == current.execute(f'select {columns} from "{name}" order by all').fetchall(), name
        assert sum(file.rows for file in read.manifest.files) > 150
        for file in read.manifest.files:
            bounds = current.execute(f"select min(recorded_at), max(recorded_at) from read_parquet('{whole / file.path}')").fetchone()
            assert bounds == (file.oldest, file.newest)


def test_what_history_has_is_not_added_again(whole: Path, log: EmbeddedLog, known: Contracts, tmp_path: Path) -> None:
    """A second reading adds nothing; nor does reading the whole log again, as after a position was lost: rows are told by entity and origin."""
    folder = tmp_path / "history"
    _append(folder, known, log)
    with History.open(folder, known, **SIZE) as history:
        assert not history.append(log).rows
        history.commit(replace(history.manifest, positions=(), sequence=history.manifest.sequence + 1))
        assert not history.append(log).rows
    assert _rows(folder, known) == _rows(whole, known)


@pytest.mark.parametrize("when", ["before", "after"])
def test_whatever_operation_fails_history_is_the_one_before_or_the_one_after(
    whole: Path, log: EmbeddedLog, known: Contracts, tmp_path: Path, when: str
) -> None:
    """Writes, syncs and renames of loading fail once in turn (all of them nightly): what the manifest names is whole at every moment, and the next writer ends as if nothing had happened."""
    expected = _rows(whole, known)
    for place in itertools.count(0, STRIDE):
        folder = tmp_path / f"{when}-{place}"
        failing = Failing(place, when)
        try:
            with History.open(folder, known, files=failing, **SIZE) as history:
                history.append(log)
        except OSError:
            assert not list(check(folder, read_manifest(folder)))
            assert read_manifest(folder).positions in ((), read_manifest(whole).positions)  # nothing of it, or all
            _append(folder, known, log)
        assert _rows(folder, known) == expected
        assert not [path for path in folder.rglob("*") if path.name.endswith(UNFINISHED)]
        if failing.calls < place:
            break


def test_merging_changes_no_row_and_disturbs_no_reader(whole: Path, log: EmbeddedLog, known: Contracts, tmp_path: Path) -> None:
    """Whoever reads keeps their files until they are done; rows are the same before and after, in one file a bucket."""
    folder = tmp_path / "history"
    _append(folder, known, log)
    before = _rows(folder, known)
    with History.open(folder, known, **SIZE) as history:
        compact(history, few=1)
        file = next(file for file in history.manifest.files if file.table == "claim_person")
        split = [
            history.write_into(history.tables[file.table], file.bucket, f"select * from read_parquet('{folder / file.path}') where \"row\" % 2 = {part}")
            for part in (0, 1)
        ]
        history.commit(history.manifest.changed([file], split))
        with reading(folder, known) as read:
            assert compact(history, few=1) == 2
            assert all((folder / each.path).exists() for each in split)
            con = duckdb.connect()
            read.show(con, Cut())
            assert len(con.execute("select * from claim_person").fetchall()) == len(before["claim_person"])
        assert compact(history, few=1) == 0
        assert not any((folder / each.path).exists() for each in split)
    assert _rows(folder, known) == before
    assert len({(file.table, file.bucket) for file in read_manifest(folder).files}) == len(read_manifest(folder).files)


def test_a_file_that_is_not_what_was_written_is_named_and_made_anew(log: EmbeddedLog, known: Contracts, tmp_path: Path) -> None:
    """Missing, truncated and altered files are told apart; reading refuses a missing one; rebuilt from the log history is what it was."""
    folder = tmp_path / "history"
    _append(folder, known, log)
    expected = _rows(folder, known)
    missing, truncated, altered = (read_manifest(folder).of(name)[0] for name in ("claim_person", "claim_residency", "outcome"))
    (folder / missing.path).unlink()
    os.truncate(folder / truncated.path, truncated.bytes - 1)
    content = bytearray((folder / altered.path).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / altered.path).write_bytes(content)
    assert {fault.file: fault.what for fault in check(folder, read_manifest(folder))} == {missing: "missing", truncated: "truncated", altered: "altered"}
    with reading(folder, known) as read, pytest.raises(HistoryFileFault):
        read.show(duckdb.connect(), Cut())
    _append(folder, known, log, anew=True)
    assert not list(check(folder, read_manifest(folder)))
    assert _rows(folder, known) == expected


def test_a_damaged_manifest_is_told_and_made_anew(log: EmbeddedLog, known: Contracts, tmp_path: Path) -> None:
    """Whatever stands in the manifest's place, or is altered in it, readers and writers say so in one sentence, and history can be made again."""
    folder = tmp_path / "history"
    _append(folder, known, log)
    expected = _rows(folder, known)
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
    _append(folder, known, log, anew=True)
    assert _rows(folder, known) == expected


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
        _append(folder, known, other)
    before = _rows(folder, known)
    with pytest.raises(HistoryOfAnotherLog):
        _append(folder, known, log)
    assert _rows(folder, known) == before
    with History.open(folder, known, anew=True, **SIZE) as history:
        assert _rows(folder, known) == before
        history.append(log)
    _append(tmp_path / "direct", known, log)
    assert _rows(folder, known) == _rows(tmp_path / "direct", known) != before


def test_what_the_log_forgot_before_it_was_read_is_noticed(whole: Path, log: EmbeddedLog, known: Contracts, tmp_path: Path) -> None:
    """A log whose beginning is gone gives no history with a hole in it: it is told, and nothing is added."""
    folder = tmp_path / "history"
    with pytest.raises(HistoryBehindLog):
        _append(folder, known, Shortened(log))
    with pytest.raises(NoHistory):
        _rows(folder, known)


def test_a_rebuild_that_cannot_end_leaves_history_as_it_was(log: EmbeddedLog, known: Contracts, tmp_path: Path) -> None:
    """Where the log becomes another one while history is made anew, or has lost its beginning, nothing that history had is gone, also not after merging."""
    folder = tmp_path / "history"
    _append(folder, known, log)
    expected = _rows(folder, known)
    with History.open(folder, known, anew=True, **SIZE) as history:
        assert history.append(Moving(log)).moved
        compact(history)
    assert _rows(folder, known) == expected and not list(check(folder, read_manifest(folder)))
    with pytest.raises(HistoryBehindLog):
        _append(folder, known, Shortened(log), anew=True)
    assert _rows(folder, known) == expected and not list(check(folder, read_manifest(folder)))


def test_a_dead_reader_holds_no_file(log: EmbeddedLog, known: Contracts, tmp_path: Path) -> None:
    """Another process's lease keeps files; killed, it keeps none, and what it left in the folder for computing is removed."""
    folder = tmp_path / "history"
    _append(folder, known, log)
    old = read_manifest(folder)
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(folder), str(old.sequence)], stdout=subprocess.PIPE, cwd=Path(__file__).parents[2])
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


def test_what_was_altered_is_not_merged(log: EmbeddedLog, known: Contracts, tmp_path: Path) -> None:
    """Merging gives a new digest, so it refuses a file that is not what its own says, and changes nothing."""
    folder = tmp_path / "history"
    _append(folder, known, log)
    with History.open(folder, known, **SIZE) as history:
        file = next(file for file in history.manifest.files if file.table == "claim_person")
        split = [
            history.write_into(history.tables[file.table], file.bucket, f"select * from read_parquet('{folder / file.path}') where \"row\" % 2 = {part}")
            for part in (0, 1)
        ]
        history.commit(history.manifest.changed([file], split))
        content = bytearray((folder / split[0].path).read_bytes())
        content[len(content) // 3] ^= 1
        (folder / split[0].path).write_bytes(content)
        before = history.manifest
        with pytest.raises(HistoryFileFault):
            compact(history, few=1)
        assert read_manifest(folder).of("claim_person") == before.of("claim_person")


def test_later_contracts_than_ours_are_not_written_under(whole: Path, known: Contracts, tmp_path: Path) -> None:
    """A release that does not know a column of history would lose it: it is refused."""
    folder = tmp_path / "history"
    shutil.copytree(whole, folder)
    kind = known.kinds["person"]
    less = replace(known, kinds={**known.kinds, "person": replace(kind, attributes=kind.attributes[:-1])})
    with pytest.raises(HistoryAhead), History.open(folder, less, **SIZE):
        pass


def test_a_folder_may_have_any_name(log: EmbeddedLog, known: Contracts, whole: Path, tmp_path: Path) -> None:
    """Neither a pattern nor a key in the path is taken for one."""
    folder = tmp_path / "area=330302" / "[a]*?" / "it's" / "history"
    _append(folder, known, log)
    assert _rows(folder, known) == _rows(whole, known)


def test_a_column_that_older_files_lack_is_null_there(log: EmbeddedLog, known: Contracts, tmp_path: Path) -> None:
    """Contracts that grew read old files, and merging writes the new attribute, whatever its type, as nothing said."""
    folder = tmp_path / "history"
    _append(folder, known, log)
    kind = known.kinds["person"]
    born = replace(kind.attributes[1], name="since", type="date", code_list=None)
    grown = replace(known, kinds={**known.kinds, "person": replace(kind, attributes=(*kind.attributes, born))})
    for _ in range(2):
        with reading(folder, grown) as read, duckdb.connect() as con:
            read.show(con, Cut())
            assert con.execute("select count(since), typeof(min(since)), count(*) > 30 from claim_person").fetchall() == [(0, "DATE", True)]
        with History.open(folder, grown, **SIZE) as history:
            files = history.manifest.of("claim_person")
            merged = [
                history.write_into(history.tables["claim_person"], file.bucket, rows_sql(folder, [file], history.tables["claim_person"])) for file in files
            ]
            history.commit(history.manifest.changed(files, merged))
    assert {file.columns[-1] for file in read_manifest(folder).of("claim_person")} == {"since"}


def test_files_beyond_a_cut_are_not_opened(log: EmbeddedLog, known: Contracts, tmp_path: Path) -> None:
    """A cut before the first recording opens no file, so that a missing one is not even noticed."""
    folder = tmp_path / "history"
    _append(folder, known, log)
    first = min(file.oldest for file in read_manifest(folder).files)
    for file in read_manifest(folder).files:
        (folder / file.path).unlink()
    with reading(folder, known) as read:
        con = duckdb.connect()
        read.show(con, Cut(recorded=first - timedelta(seconds=1)))
        assert con.execute("select count(*) from claim_person").fetchall() == [(0,)]


def test_a_manifest_written_is_the_manifest_read(whole: Path, tmp_path: Path) -> None:
    """Nothing of it is lost or changed on the way to disk and back."""
    manifest = read_manifest(whole)
    write_manifest(tmp_path, manifest, LocalFiles())
    assert read_manifest(tmp_path) == manifest


class Moving:
    """A log that becomes another one while it is read."""

    def __init__(self, log: EmbeddedLog) -> None:
        self._log = log

    def __getattr__(self, name: str) -> Any:
        return getattr(self._log, name)

    def moved(self) -> bool:
        return True


class Shortened:
    """A log that forgot the first message of every partition."""

    def __init__(self, log: EmbeddedLog) -> None:
        self._log = log

    def __getattr__(self, name: str) -> Any:
        return getattr(self._log, name)

    def read(self, topic: str, partition: int, offset: int, limit: int) -> Any:
        return self._log.read(topic, partition, max(offset, 1), limit)


class Failing(LocalFiles):
    """A disk whose operation number `place` fails, before or after it was done."""

    def __init__(self, place: int, when: str) -> None:
        self.calls = 0
        self._place = place
        self._when = when

    def _failing(self, name: str, *arguments: Path | str) -> None:
        due = self.calls == self._place
        self.calls += 1
        if due and self._when == "before":
            raise OSError("the disk fails")
        getattr(LocalFiles, name)(self, *arguments)
        if due:
            raise OSError("the disk fails")

    def write(self, target: Path, text: str) -> None:
        self._failing("write", target, text)

    def sync(self, path: Path) -> None:
        self._failing("sync", path)

    def replace(self, source: Path, target: Path) -> None:
        self._failing("replace", source, target)

    def remove(self, path: Path) -> None:
        self._failing("remove", path)


def _append(folder: Path, known: Contracts, log: EmbeddedLog, anew: bool = False) -> None:
    with History.open(folder, known, anew=anew, **SIZE) as history:
        history.append(log)


def _rows(folder: Path, known: Contracts) -> dict[str, list[tuple[object, ...]]]:
    """Every table's rows, ordered."""
    with reading(folder, known) as read, duckdb.connect() as con:
        read.show(con, Cut())
        return {name: con.execute(f'select * from "{name}" order by all').fetchall() for name in history_tables(known)}
