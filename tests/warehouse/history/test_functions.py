"""The past as functions of SQL beside the published snapshot."""

from __future__ import annotations

import gc
import shutil
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

import warehouse
from contracts.model import Contracts
from streams.log import EmbeddedLog
from tests.warehouse.history.kit import appended
from warehouse.errors import NoHistory
from warehouse.history import AsOf, Cut, Means
from warehouse.history.lock import oldest_lease


@pytest.fixture(scope="module")
def data(small_cabin: Path, known: Contracts, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small cabin with its history; read it only."""
    folder = Path(shutil.copytree(small_cabin, tmp_path_factory.mktemp("past") / "data"))
    with EmbeddedLog.open(folder / "log.sqlite") as log:
        appended(folder / "history", known, log)
    return folder


@pytest.mark.parametrize("kind", ["person", "residency", "dwelling"])
def test_a_function_gives_what_was_believed(data: Path, known: Contracts, kind: str) -> None:
    """At any cut the rows are those of `cabin asof`; uncut those of the published table; a date means its end, nothing and null no cut."""
    with warehouse.open(data, past=True) as con:
        now = con.sql(f"from {kind}_current order by entity").fetchall()
        assert now and con.sql(f"from {kind}_asof() order by entity").fetchall() == now
        (last,) = con.sql(f"select max(observed_at) from {kind}_current").fetchall()[0]
        day = (last - timedelta(days=30)).date()
        asked = {
            f"observed := '{day}'": Cut(observed=_end(day)),
            f"date '{day}', null": Cut(observed=_end(day)),
            f"recorded := timestamp '{datetime(2020, 1, 1)}'": Cut(recorded=datetime(2020, 1, 1)),
        }
        for arguments, cut in asked.items():
            with AsOf.open(data / "history", known, cut, Means(threads=1, memory_mb=500)) as asof:
                expected = asof.kind(kind).order("entity").fetchall()
            assert con.sql(f"from {kind}_asof({arguments}) order by entity").fetchall() == expected, arguments


def test_nothing_but_history_is_reached(data: Path, tmp_path: Path) -> None:
    """No other file, no setting, no writing: it is the published snapshot otherwise."""
    (tmp_path / "other.csv").write_text("a\n1\n")
    with warehouse.open(data, past=True) as con:
        for hostile in (
            f"from '{tmp_path / 'other.csv'}'",
            "set enable_external_access = true",
            "create table x as select 1",
            f"copy (select 1) to '{tmp_path / 'out.csv'}'",
        ):
            with pytest.raises(duckdb.Error):
                con.execute(hostile)
    assert not (tmp_path / "out.csv").exists()


def test_its_files_stay_while_it_lives(data: Path) -> None:
    """History keeps the files that a connection could ask for until nobody has it any more."""
    connection = warehouse.open(data, past=True)
    assert oldest_lease(data / "history") == 1
    connection.close()
    del connection
    gc.collect()
    assert oldest_lease(data / "history") is None


def test_without_history_it_is_told(small_cabin: Path) -> None:
    """One sentence that says how to fill it."""
    with pytest.raises(NoHistory):
        warehouse.open(small_cabin, past=True)


def _end(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time()) + timedelta(days=1) - timedelta(milliseconds=1)
