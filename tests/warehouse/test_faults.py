"""A mart whose SQL fails while it runs: named, told without a value, and nothing of it is published."""

from __future__ import annotations

import dataclasses
import logging
from pathlib import Path

import duckdb
import pytest

from streams.log import EmbeddedLog
from tests.warehouse.publishing import marts, publisher
from tests.warehouse.samples import add_households
from warehouse.catalogue import MartFile, mart_file, mart_files
from warehouse.errors import MartFails
from warehouse.faults import in_mart, without_values
from warehouse.load import Current
from warehouse.publish import pointed

SECRETS = ("王小明", "O'Brien", 'Anna "x" Li', "33030219900101123X", "a\nb 王", "it's a\n\nLINE 1: 王小明", "13800001234", "2026-13-41")
PIECES = ("王", "小明", "Brien", "Anna", "Li", "330302", "1990", "138000", "2026-13", "b ", "130", "131", "1234")
FAILING = (
    "select secret::integer from t where secret !~ '^[0-9]+$'",
    "select secret::utinyint from t",
    "select secret::date from t",
    "select secret::decimal(3, 1) from t",
    "select secret::timestamp from t",
    "select secret::interval from t",
    "select secret::uuid from t",
    "select secret::integer[] from t",
    "select secret::struct(a integer) from t",
    "select secret::enum('a') from t",
    "select strptime(secret, '%Y年') from t",
    "select json(secret) from t",
    "select error(secret) from t",
    "select date_trunc(secret, now()) from t",
    "select regexp_matches('a', secret || '(') from t",
    "select (9223372036854775807 - length(secret)) * 1234567890 from t",
    "select make_date(1990, 13, length(secret) + 101) from t",
    "select 1380000123::integer * 1380000123::integer from t",
)


def failed(connection: duckdb.DuckDBPyConnection, sql: str) -> MartFails | None:
    """What becomes of a statement in a mart."""
    try:
        with in_mart("household"):
            connection.execute(sql).fetchall()
    except MartFails as fault:
        return fault
    return None


@pytest.mark.parametrize("sql", FAILING)
def test_no_value_of_a_row_is_told(sql: str) -> None:
    """Whatever the engine says about a value it failed on, no piece of the value is in the sentence; the engine's own error is not behind it either."""
    with duckdb.connect() as connection:
        for secret in SECRETS:
            connection.execute("create or replace table t as select ? as secret", [secret])
            fault = failed(connection, sql)
            if fault is None:  # some of them can be read as something
                continue
            told = str(fault)
            assert fault.__cause__ is None and fault.__suppress_context__
            assert [piece for piece in PIECES if piece in told] == []
            assert told.startswith("the mart household cannot be made: ") and "\n" not in told


def test_most_statements_of_this_test_fail() -> None:
    """The statements above do bring the engine to quote values: else nothing would be tested."""
    with duckdb.connect() as connection:
        connection.execute("create table t as select '王小明' as secret")
        said = []
        for sql in FAILING:
            try:
                connection.execute(sql).fetchall()
            except duckdb.Error as fault:
                said.append(str(fault))
    assert len(said) >= len(FAILING) - 2 and sum("王小明" in each for each in said) >= 10


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("select nope from t", 'Binder Error: Referenced column "nope" not found in FROM clause!'),
        ("select * from nowhere", "Catalog Error: Table with name nowhere does not exist!"),
        ("selec", 'Parser Error: syntax error at or near "selec"'),
        ("select secret::integer from t", "Conversion Error: Could not convert string … to INT32 when casting from source column secret"),
        ("select json(secret) from t", "Invalid Input Error"),
    ],
)
def test_what_helps_the_author_is_told(sql: str, told: str) -> None:
    """Of the statement everything; of a value what it could not become, and the column it came from."""
    with duckdb.connect() as connection:
        connection.execute("create table t as select '王小明' as secret")
        with pytest.raises(duckdb.Error) as fault:
            connection.execute(sql).fetchall()
    assert without_values(fault.value) == told


def test_faults_of_the_machine_are_not_the_marts() -> None:
    """A full disk, a lost file, too little memory pass as they are: other words are said of them."""
    for kind in (duckdb.IOException, duckdb.OutOfMemoryException, duckdb.FatalException):
        with pytest.raises(kind), in_mart("household"):
            raise kind("No space left on device")


def failing(condition: str) -> dict[str, MartFile]:
    """Marts of which `household` casts a name to a number, for some residents."""
    sql = mart_files()["household"].sql
    assert sql.count("residents.area::varchar as area") == 1
    broken = sql.replace("residents.area::varchar as area", f"(case when {condition} then residents.name else '1' end)::integer::varchar as area")
    return {**marts(), "household": mart_file("household", broken)}


def test_a_mart_that_fails_on_a_value_is_not_published(tmp_path: Path, log: EmbeddedLog, current: Current, caplog: pytest.LogCaptureFixture) -> None:
    """In a whole build and in one by what changed: the old snapshot stays, the sentence names the mart and no name, and the corrected mart is published next."""
    caplog.set_level(logging.DEBUG)
    add_households(log, current.contracts, [1])
    current.load(log)
    assert publisher(tmp_path).publish(current).snapshot == "000001"
    for whole in (True, False):
        broken = failing("true" if whole else "residents.person like '%7'")
        if not whole:  # it fits what is there, and stands as the snapshot that the next one grows from
            assert dataclasses.replace(publisher(tmp_path), marts=broken).publish(current).whole
            add_households(log, current.contracts, [7])
            current.load(log)
        before = pointed(tmp_path / "published")
        with pytest.raises(MartFails, match=r"household.*Conversion Error") as fault:
            dataclasses.replace(publisher(tmp_path), marts=broken).publish(current)
        assert "王" not in str(fault.value) and "欧阳" not in str(fault.value) + caplog.text
        assert pointed(tmp_path / "published") == before
    with duckdb.connect(str(publisher(tmp_path).publish(current).path), read_only=True) as snapshot:
        assert snapshot.sql("select count(*) from household").fetchall() == [(2,)]
