"""History: every fact of the log once, committed by one rename, merged beside readers, and found out where a file is not what was written."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from contracts.model import Contracts
from contracts.read import load
from streams.log import EmbeddedLog
from warehouse.errors import HistoryFileLost, HistoryInUse, HistoryUnreadable
from warehouse.files import UNFINISHED, LocalFiles
from warehouse.history import Cut, History, check, compact, read_manifest, reading
from warehouse.history.layout import history_tables
from warehouse.history.manifest import NAME, write_manifest
from warehouse.schema import UNUSED

SIZE = {"memory_mb": 500}


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
        history.commit(replace(history.manifest, places=(), sequence=history.manifest.sequence + 1))
        assert not history.append(log).rows
    assert _rows(folder, known) == _rows(whole, known)


@pytest.mark.parametrize("when", ["before", "after"])
def test_whatever_operation_fails_history_is_the_one_before_or_the_one_after(
    whole: Path, log: EmbeddedLog, known: Contracts, tmp_path: Path, when: str
) -> None:
    """Each write, sync, rename and removal fails once in turn: what the manifest names is whole at every moment, and the next writer ends as if nothing had happened."""
    expected = _rows(whole, known)
    for place in itertools.count(0, 37):  # a prime stride reaches every kind of operation within the time of a test
        folder = tmp_path / f"{when}-{place}"
        failing = Failing(place, when)
        try:
            with History.open(folder, known, files=failing, **SIZE) as history:
                history.append(log)
        except OSError:
            assert not list(check(folder, read_manifest(folder)))
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
            history.write(history.tables[file.table], file.bucket, f"select * from read_parquet('{folder / file.path}') where \"row\" % 2 = {part}")
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
    with reading(folder, known) as read, pytest.raises(HistoryFileLost):
        read.show(duckdb.connect(), Cut())
    History.forget(folder)
    _append(folder, known, log)
    assert not list(check(folder, read_manifest(folder)))
    assert _rows(folder, known) == expected


def test_a_damaged_manifest_is_told_and_made_anew(log: EmbeddedLog, known: Contracts, tmp_path: Path) -> None:
    """Whatever stands in the manifest's place, readers and writers say so in one sentence, and history can be made again."""
    folder = tmp_path / "history"
    _append(folder, known, log)
    expected = _rows(folder, known)
    for damage in ("", "{", "[]", '{"format": 99}', '{"format": 1, "files": [{}], "places": []}', '{"format": 1, "files": [], "places": [], "else": 1}'):
        (folder / NAME).write_text(damage)
        with pytest.raises(HistoryUnreadable):
            read_manifest(folder)
        with pytest.raises(HistoryUnreadable), History.open(folder, known, **SIZE):
            pass
    History.forget(folder)
    _append(folder, known, log)
    assert _rows(folder, known) == expected


def test_there_is_one_writer_at_a_time(known: Contracts, tmp_path: Path) -> None:
    """A second writer is refused; after the first ended the next may write."""
    folder = tmp_path / "history"
    with History.open(folder, known, **SIZE):
        with pytest.raises(HistoryInUse), History.open(folder, known, **SIZE):
            pass
        with pytest.raises(HistoryInUse):
            History.forget(folder)
    with History.open(folder, known, **SIZE):
        pass


def test_another_log_begins_history_anew(log: EmbeddedLog, known: Contracts, tmp_path: Path) -> None:
    """What was read from a log that is gone does not stay beside what the new one says."""
    folder = tmp_path / "history"
    with EmbeddedLog.open(tmp_path / "other.sqlite", log.partitions) as other:
        _append(folder, known, other)
        copied = log.read("cabin.claims", 0, 0, 1_000_000)[:1]
        other.append("cabin.claims", 0, [each.message for each in copied])
        _append(folder, known, other)
    expected = _rows(folder, known)
    with History.open(folder, known, **SIZE) as history:
        assert history.append(log).anew
    with History.open(tmp_path / "direct", known, **SIZE) as history:
        assert not history.append(log).anew
    assert _rows(folder, known) == _rows(tmp_path / "direct", known) != expected


def test_a_column_that_older_files_lack_is_null_there(whole: Path, known: Contracts, tmp_path: Path) -> None:
    """Contracts that grew read old files: the new attribute says nothing in them, and merging writes it."""
    kind = known.kinds["venue"]
    grown = replace(known, kinds={**known.kinds, "venue": replace(kind, attributes=(*kind.attributes, replace(kind.attributes[1], name="new")))})
    with reading(whole, grown) as read:
        con = duckdb.connect()
        read.show(con, Cut())
        assert con.execute("select count(*) filter (new is not null) from claim_venue").fetchall() == [(0,)]


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


def _append(folder: Path, known: Contracts, log: EmbeddedLog) -> None:
    with History.open(folder, known, **SIZE) as history:
        history.append(log)


def _rows(folder: Path, known: Contracts) -> dict[str, list[tuple[object, ...]]]:
    """Every table's rows, ordered."""
    with reading(folder, known) as read, duckdb.connect() as con:
        read.show(con, Cut())
        return {name: con.execute(f'select * from "{name}" order by all').fetchall() for name in history_tables(known)}
