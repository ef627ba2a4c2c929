"""Exports: what other engines read is what the cabin has, over files that history has too, and a reader sees one export or another, never a mix."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import os
import shutil
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import unquote

import deltalake
import duckdb
import pyarrow as pa
import pytest

from contracts.model import Contracts
from contracts.read import load
from streams.log import EmbeddedLog
from tests.cabin.kit import done
from tests.warehouse.exports import READERS, DiskDied, FailingFiles, by_deltalake, by_duckdb, cabins_own, differing, exported_tables
from warehouse.errors import ExportFailed, ExportInUse, HistoryFileFault, NoExport, NoSnapshot, SnapshotOutdated, TypeNotExported
from warehouse.export import Export, Exporter, exported
from warehouse.export.delta import delta_type, epoch_ms
from warehouse.export.place import MANIFEST, manifest_of, only_exporter
from warehouse.export.write import Writer
from warehouse.files import UNFINISHED, LocalFiles
from warehouse.history import History, compact, read_manifest
from warehouse.publish import snapshot_path

AT = datetime(2026, 9, 1, 8)
STRIDE = 1 if os.environ.get("CABIN_TEST_PROFILE") == "nightly" else 101
"""A prime stride reaches every kind of operation within the time of an ordinary test."""
LAST = 9
"""So many operations at the end are those that commit, and are all tried."""


@pytest.fixture(scope="module")
def known() -> Contracts:
    return load()


@pytest.fixture(scope="module")
def few(known: Contracts) -> Contracts:
    """The contracts of three kinds and a mart: an export of them has all that any has, in less time."""
    kinds = {name: known.kinds[name] for name in ("person", "dwelling", "residency")}
    return dataclasses.replace(known, kinds=kinds, marts={"household": known.marts["household"]})


@pytest.fixture(scope="module")
def data(small_cabin: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small cabin with its history; read only."""
    copied = shutil.copytree(small_cabin, tmp_path_factory.mktemp("exported") / "data")
    done(copied, "history", "load")
    return copied


@pytest.fixture(scope="module")
def made(data: Path, known: Contracts, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An export of it; read only."""
    return _exported(data, Exporter(tmp_path_factory.mktemp("export") / "out", known)).path


def _exported(data: Path, exporter: Exporter, at: datetime = AT) -> Export:
    return exporter.export(data / "published", data / "history", at)


@pytest.mark.parametrize("reader", READERS)
def test_every_reader_gets_the_rows_the_cabin_has(data: Path, made: Path, known: Contracts, reader: str) -> None:
    """Row for row, of every mart, wide table and table of history, as often as it is there; empty tables have their columns."""
    own = cabins_own(data, known)
    assert set(own) == {table.place for table in exported_tables(known)} and sum(table.num_rows for table in own.values()) > 1000
    assert [place for place, table in own.items() if differing(table, READERS[reader](made / place))] == []


def test_comparing_finds_a_difference(made: Path) -> None:
    """What the other tests compare with tells a row more, a row less and a value changed."""
    table = by_duckdb(made / "marts/household")
    changed = table.set_column(table.column_names.index("area"), "area", pa.array(["x"] * table.num_rows))
    assert (differing(table, table), differing(table, table.slice(1)), differing(table.slice(1), table)) == (0, 1, 1)
    assert differing(table, changed) == 2 * table.num_rows


def test_history_is_not_copied(data: Path, made: Path) -> None:
    """Every file of history lies in the export as the same file under a second name, and Delta's log names exactly the files that lie there."""
    for file in read_manifest(data / "history").files:
        assert (made / "history" / file.table / Path(file.path).name).samefile(data / "history" / file.path)
    for listed in manifest_of(made)["tables"]:
        home = made / listed["part"] / listed["name"]
        delta = deltalake.DeltaTable(home)
        lying = {path.name for path in home.glob("*.parquet")}
        assert {Path(unquote(uri)).name for uri in delta.file_uris()} == lying == set(listed["files"])
        counted = sum(delta.get_add_actions(flatten=True).column("num_records").to_pylist())
        assert (counted, sum((home / name).stat().st_size for name in lying)) == (listed["rows"], listed["bytes"])


def test_what_history_removes_stays_in_an_export(data: Path, known: Contracts, few: Contracts, tmp_path: Path) -> None:
    """Merging files and removing the old ones takes nothing from an export made before."""
    copied = shutil.copytree(data, tmp_path / "data")
    export = _exported(copied, Exporter(tmp_path / "out", few))
    before = by_deltalake(export.path / "history/claim_person")
    with History.open(copied / "history", known, memory_mb=500) as history:
        assert compact(history, few=1) >= 0
        shutil.rmtree(copied / "history" / "claim_person")
    assert before.num_rows > 30 and differing(before, by_deltalake(export.path / "history/claim_person")) == 0


def test_what_an_older_release_kept_has_nulls_for_later_attributes(small_cabin: Path, data: Path, known: Contracts, tmp_path: Path) -> None:
    """History loaded before a kind had an attribute: Delta has the column, null in every row; nothing is written anew."""
    person = known.kinds["person"]
    older = dataclasses.replace(known, kinds={**known.kinds, "person": dataclasses.replace(person, attributes=person.attributes[:-1])})
    with EmbeddedLog.open(small_cabin / "log.sqlite") as log, History.open(tmp_path / "history", older, memory_mb=500) as history:
        history.append(log)
    export = Exporter(tmp_path / "out", known).export(data / "published", tmp_path / "history", AT)
    found = by_deltalake(export.path / "history/claim_person")
    assert found.num_rows > 30 and found.column(person.attributes[-1].name).null_count == found.num_rows


def test_large_unsigned_integers_are_kept(data: Path, made: Path) -> None:
    """Digests of claims go beyond what 63 bits hold: Delta's decimals have them exactly."""
    found = by_deltalake(made / "history/claim_person").column("content").to_pylist()
    assert max(found) > 2**63 and sorted(found) == sorted(by_duckdb(made / "history/claim_person").column("content").to_pylist())


def test_moments_are_beijing_time_without_a_zone(made: Path) -> None:
    """No reader shifts them; only what Delta itself keeps as an instant, when the table was made, is one."""
    schema = json.loads(deltalake.DeltaTable(made / "history/claim_person").schema().to_json())
    types = {field["name"]: field["type"] for field in schema["fields"]}
    assert types["recorded_at"] == types["observed_at"] == "timestamp_ntz"
    assert deltalake.DeltaTable(made / "marts/household").metadata().created_time == epoch_ms(AT) == 1788220800000


def test_delta_tables_say_what_their_columns_mean(made: Path, known: Contracts) -> None:
    """Every column of a Delta table carries its meaning, both labels and its class from the contract."""
    for table in exported_tables(known):
        fields = json.loads(deltalake.DeltaTable(made / table.place).schema().to_json())["fields"]
        told = {column.name: (column.description, column.label.zh, column.classification.value) for column in table.promise.columns}
        assert {each["name"]: tuple(each["metadata"][name] for name in ("comment", "cabin.label.zh", "cabin.class")) for each in fields} == told


def test_the_dictionary_tells_every_column_that_lies_there(made: Path, known: Contracts) -> None:
    """One line a column, in the files' own order, with type, class, both labels and both meanings; a spreadsheet and DuckDB can read it, people have a page in each language."""
    lines = list(csv.DictReader(io.StringIO((made / "dictionary.csv").read_text(encoding="utf-8-sig"))))
    for table in exported_tables(known):
        told = [line for line in lines if (line["part"], line["table"]) == (table.part, table.name)]
        held = json.loads(deltalake.DeltaTable(made / table.place).schema().to_json())["fields"]
        assert [line["column"] for line in told] == [each["name"] for each in held]
        with duckdb.connect() as connection:
            types = dict(connection.execute(f"select column_name, column_type from (describe from read_parquet('{made / table.place}/*.parquet'))").fetchall())
        assert {line["column"]: _parquet(line["type"]) for line in told} == {name: _parquet(type_) for name, type_ in types.items()}
    assert {line["class"] for line in lines} == {"plain", "personal", "identifier"} or {line["class"] for line in lines} == {"plain", "personal"}
    assert all(line[name] for line in lines for name in ("type", "class", "label_zh", "label_en", "meaning_zh", "meaning_en"))
    for lang, word in (("zh", "数据字典"), ("en", "Data dictionary")):
        page = (made / f"dictionary.{lang}.md").read_text(encoding="utf-8")
        assert word in page and all(f"### {table.name} {table.promise.label.get(lang)}" in page for table in exported_tables(known))
        assert page.count("\n| `") == len(lines)
    with duckdb.connect() as connection:
        assert connection.sql(f"select count(part) from read_csv('{made / 'dictionary.csv'}')").fetchall() == [(len(lines),)]


def _parquet(type_: str) -> str:
    """A type as it comes back from Parquet, which keeps milliseconds as microseconds."""
    return type_.replace("TIMESTAMP_MS", "TIMESTAMP").replace('"', "").upper()


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_whatever_operation_fails_readers_see_the_old_or_the_new_export(data: Path, few: Contracts, tmp_path: Path, after: bool) -> None:
    """Operations on the disk fail in turn: `current` then names a whole old or new export, and the next one gives the new one and leaves nothing unfinished."""
    folder = tmp_path / "out"
    _exported(data, Exporter(folder, few, kept=1))
    _make_stale(folder)
    counting = FailingFiles()
    _exported(data, Exporter(folder, few, files=counting, kept=1))
    whole = len(counting.calls)
    first = {table: by_duckdb(exported(folder) / table) for table in ("marts/household", "history/claim_person")}
    for place in [*range(0, whole - LAST, STRIDE), *range(whole - LAST, whole + 2)]:
        before = exported(folder).name
        files = FailingFiles(place, after)
        _make_stale(folder)
        if place < whole:
            with pytest.raises(ExportFailed) as failed:
                _exported(data, Exporter(folder, few, files=files, kept=1))
            assert isinstance(failed.value.__cause__, DiskDied)
        else:
            _exported(data, Exporter(folder, few, files=files, kept=1))
        seen = exported(folder)
        assert seen.name in (before, f"{int(before) + 1:06d}")
        _whole(seen)
        _make_stale(folder)
        _exported(data, Exporter(folder, few, kept=1))
        newest = exported(folder)
        _whole(newest)
        assert sorted(path.name for path in folder.iterdir()) == sorted([newest.name, "current", "export.lock"])
    assert not [table for table, rows in first.items() if differing(rows, by_duckdb(newest / table))]
    assert {"link", "point", "replace", "sync", "write", "clear"} <= set(files.calls)


def _make_stale(folder: Path) -> None:
    """Makes the current export look as if it were made from something else, so that the next one is made."""
    path = exported(folder) / MANIFEST
    document = json.loads(path.read_text(encoding="utf-8"))
    document["made_from"]["snapshot"]["moment"] = "earlier"
    path.write_text(json.dumps(document), encoding="utf-8")


def _whole(place: Path) -> None:
    """Every file the manifest names is there in its whole length, with its log, and nothing else."""
    for listed in manifest_of(place)["tables"]:
        home = place / listed["part"] / listed["name"]
        assert {path.name for path in home.iterdir()} == {*listed["files"], "_delta_log"}
        assert sum((home / name).stat().st_size for name in listed["files"]) == listed["bytes"]
    assert {path.name for path in place.iterdir()} == {
        "marts",
        "history",
        "dictionary.csv",
        "dictionary.zh.md",
        "dictionary.en.md",
        "openlineage.json",
        MANIFEST,
    }


def test_readers_are_not_disturbed(data: Path, few: Contracts, tmp_path: Path) -> None:
    """Who resolved `current` goes on reading the same export, also files it had not opened yet, while others are made; the oldest beyond those kept go."""
    exporter = Exporter(tmp_path / "out", few, kept=2)
    first = _exported(data, exporter).path
    assert exported(tmp_path / "out") == first
    for _ in range(2):
        assert by_deltalake(first / "marts/household").num_rows > 0
        _make_stale(tmp_path / "out")
        _exported(data, exporter)
    assert exported(tmp_path / "out").name == "000003"
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["000002", "000003", "current", "export.lock"]


def test_nothing_is_written_where_nothing_is_new(data: Path, few: Contracts, tmp_path: Path) -> None:
    """The same snapshot and the same history make no second export; without history it is another one."""
    exporter = Exporter(tmp_path / "out", few)
    first = _exported(data, exporter)
    again = _exported(data, exporter, AT + timedelta(hours=1))
    assert (first.fresh, again.fresh, again.path) == (True, False, first.path)
    assert dataclasses.replace(again, fresh=True) == first
    alone = exporter.export(data / "published", None, AT)
    assert (alone.fresh, alone.history, alone.name) == (True, False, "000002") and not (alone.path / "history").exists()


def test_an_export_is_its_owners_alone(made: Path) -> None:
    """History's files hold names in clear: the folder of exports, and that of each, is closed to other accounts, whatever the process's own mask."""
    assert [path.stat().st_mode & 0o077 for path in (made, made.parent)] == [0, 0]


def test_a_second_exporter_is_refused(data: Path, few: Contracts, tmp_path: Path) -> None:
    """One exporter works on a folder at a time; the other one waits its turn."""
    with only_exporter(tmp_path), pytest.raises(ExportInUse):
        _exported(data, Exporter(tmp_path, few))
    assert _exported(data, Exporter(tmp_path, few)).fresh


def test_what_cannot_be_exported_is_told_and_leaves_the_old(data: Path, few: Contracts, tmp_path: Path) -> None:
    """No snapshot, one of other contracts, a file of history that is gone, no export: each by its name; the export before stays current."""
    exporter = Exporter(tmp_path / "out", few)
    with pytest.raises(NoExport):
        exported(tmp_path / "out")
    first = _exported(data, exporter)
    with pytest.raises(NoSnapshot):
        exporter.export(tmp_path / "nowhere", None, AT)
    with pytest.raises(SnapshotOutdated):
        _exported(data, Exporter(tmp_path / "out", dataclasses.replace(few, fingerprint="others")))
    copied = shutil.copytree(data, tmp_path / "data")
    lost = read_manifest(copied / "history").of("claim_person")[0].path
    (copied / "history" / lost).unlink()
    _make_stale(tmp_path / "out")
    with pytest.raises(HistoryFileFault) as told:
        _exported(copied, exporter)
    assert lost in told.value.render("en")[0] and exported(tmp_path / "out") == first.path
    assert _exported(data, exporter).fresh and not list((tmp_path / "out").glob(f"*{UNFINISHED}"))


@pytest.mark.parametrize("type_", [pa.time64("us"), pa.timestamp("ns"), pa.month_day_nano_interval(), pa.null()], ids=str)
def test_types_without_a_place_in_delta_are_refused(type_: pa.DataType) -> None:
    """Nothing is stored as something near it."""
    with pytest.raises(TypeError):
        delta_type(pa.list_(type_))


def test_a_type_that_parquet_would_round_is_refused(data: Path, known: Contracts, tmp_path: Path) -> None:
    """The engine writes 128-bit integers as floating point numbers: a mart that has one is named."""
    table = next(each for each in exported_tables(known) if each.place == "marts/household")
    columns = tuple(dataclasses.replace(column, type="HUGEINT") for column in table.promise.columns)
    wrong = dataclasses.replace(table, promise=dataclasses.replace(table.promise, columns=columns))
    with duckdb.connect(str(snapshot_path(data / "published")), read_only=True) as connection, pytest.raises(TypeNotExported) as told:
        Writer(tmp_path, LocalFiles(), AT).mart(connection, wrong)
    assert "household" in told.value.render("en")[0] and list(tmp_path.iterdir()) == []


def test_a_file_system_without_second_names_gets_copies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the export lies on another file system, history's files are copied; another fault is not taken for that."""
    (tmp_path / "a").write_text("text", encoding="utf-8")

    def refuse(source: Path, target: Path) -> None:
        raise OSError(18, "another file system")

    monkeypatch.setattr(os, "link", refuse)
    LocalFiles().link(tmp_path / "a", tmp_path / "b")
    assert (tmp_path / "b").read_text(encoding="utf-8") == "text" and not (tmp_path / "b").samefile(tmp_path / "a")
    with pytest.raises(FileNotFoundError):
        LocalFiles().link(tmp_path / "gone", tmp_path / "c")
