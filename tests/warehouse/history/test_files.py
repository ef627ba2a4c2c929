"""History holds every fact of the log once, in files that are merged beside readers and read under contracts that grew."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from contracts.model import Contracts
from streams.log import EmbeddedLog
from tests.warehouse.history.kit import SIZE, appended, rows_of
from warehouse.errors import HistoryAhead, HistoryFileFault
from warehouse.files import LocalFiles
from warehouse.history import Cut, History, compact, read_manifest, reading
from warehouse.history.layout import BUCKETS, MIXED, history_tables
from warehouse.history.manifest import write_manifest
from warehouse.history.parquet import rows_sql
from warehouse.schema import UNUSED


def test_history_has_the_rows_that_the_warehouse_loaded(small_cabin: Path, whole: Path, known: Contracts) -> None:
    """Every table but that of releases holds row for row what the current file, loaded by other code, holds of the same log, and each file's bounds hold its recordings."""
    with reading(whole, known) as read, duckdb.connect(str(small_cabin / "warehouse" / "current.duckdb"), read_only=True) as current:
        for name, table in history_tables(known).items():
            if name == "release":  # no fact of the fold: see test_released
                continue
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
    appended(folder, known, log)
    with History.open(folder, known, **SIZE) as history:
        assert not history.append(log).rows
        history.commit(replace(history.manifest, positions=(), sequence=history.manifest.sequence + 1))
        assert not history.append(log).rows
    assert rows_of(folder, known) == rows_of(whole, known)


def test_merging_changes_no_row_and_disturbs_no_reader(whole: Path, log: EmbeddedLog, known: Contracts, tmp_path: Path) -> None:
    """Whoever reads keeps their files until they are done; rows are the same before and after, in one file a bucket."""
    folder = tmp_path / "history"
    appended(folder, known, log)
    before = rows_of(folder, known)
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
    assert rows_of(folder, known) == before
    assert len({(file.table, file.bucket) for file in read_manifest(folder).files}) == len(read_manifest(folder).files)


def test_what_was_altered_is_not_merged(log: EmbeddedLog, known: Contracts, tmp_path: Path) -> None:
    """Merging gives a new digest, so it refuses a file that is not what its own says, and changes nothing."""
    folder = tmp_path / "history"
    appended(folder, known, log)
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
    appended(folder, known, log)
    assert rows_of(folder, known) == rows_of(whole, known)


def test_a_column_that_older_files_lack_is_null_there(log: EmbeddedLog, known: Contracts, tmp_path: Path) -> None:
    """Contracts that grew read old files, and merging writes the new attribute, whatever its type, as nothing said."""
    folder = tmp_path / "history"
    appended(folder, known, log)
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
    appended(folder, known, log)
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


def test_few_rows_lie_in_one_file_and_are_divided_when_merged(log: EmbeddedLog, whole: Path, known: Contracts, tmp_path: Path) -> None:
    """A load writes one file a table until there are rows enough; merging divides them by bucket, each bucket holds its own, and whoever asks for a key reads its bucket and the undivided."""
    assert {file.bucket for file in read_manifest(whole).files if history_tables(known)[file.table].key} == {MIXED}
    folder = tmp_path / "history"
    appended(folder, known, log)
    with History.open(folder, known, split_rows=10, **SIZE) as history:
        compact(history, few=1)
        table = history.tables["claim_person"]
    assert rows_of(folder, known) == rows_of(whole, known)
    files = read_manifest(folder).of("claim_person")
    assert {file.bucket for file in files} == {file.bucket for file in read_manifest(folder).of("claim_residency")} == set(range(BUCKETS))
    everyone = {row[0] for row in rows_of(whole, known)["claim_person"]}
    with reading(folder, known) as read, duckdb.connect() as con:
        for entity in everyone:
            near = {row[0] for row in con.execute(f"select entity from ({read.select(table, Cut(), entity)})").fetchall()}
            assert entity in near and near < everyone
    appended(tmp_path / "direct", known, log, split_rows=10)
    assert rows_of(tmp_path / "direct", known) == rows_of(whole, known)
    assert {file.bucket for file in read_manifest(tmp_path / "direct").of("claim_person")} == set(range(BUCKETS))
