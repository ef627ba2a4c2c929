"""The warehouse on Apache Spark, from exported Parquet alone: all rows are DuckDB's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
import pytest

from contracts.engine import prepare_golden
from contracts.golden import Relations, golden_sql, known_sql
from contracts.model import Contracts
from contracts.read import load
from tests.spark.rows import differing, plain, spark_columns
from warehouse.catalogue import mart_files, with_relations
from warehouse.engine import speak
from warehouse.history.layout import history_tables
from warehouse.relations import relations
from warehouse.spark.run import SparkWarehouse
from warehouse.spark.types import spark_type
from warehouse.wide import wide_name

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

KNOWN = load()
MARTS = mart_files()
SPARSE = {"switch", "request"}
"""Tables of history that a district without recalls and correction requests leaves empty."""


@pytest.fixture(scope="module")
def known() -> Contracts:
    return KNOWN


@pytest.fixture(scope="module")
def built(spark: SparkSession, known: Contracts, export: Path) -> SparkWarehouse:
    """Golden records of all kinds and everything marts read, made by Spark from the exported history."""
    made = SparkWarehouse(spark, known)
    made.facts(export)
    for kind in known.kinds.values():
        made.golden(kind)
    made.related(made.moment())
    return made


@pytest.fixture(scope="module")
def duck(known: Contracts, export: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The same golden statements by DuckDB, over the same files."""
    with duckdb.connect() as connection:
        prepare_golden(connection, known, threads=2)
        speak(connection, known.rules_sql)
        for name in history_tables(known):
            connection.execute(f"create view \"{name}\" as from read_parquet('{export}/history/{name}/*.parquet', union_by_name = true)")
        yield connection


def test_the_district_says_something_of_everything(duck: duckdb.DuckDBPyConnection, known: Contracts) -> None:
    """Comparing nothing with nothing would prove nothing: every kind has claims, and visits left findings, rosters and verifications."""
    empty = {name for name in history_tables(known) if duck.sql(f'select count(*) from "{name}"').fetchall()[0][0] == 0}
    assert empty <= SPARSE


@pytest.mark.parametrize("kind", list(KNOWN.kinds))
def test_golden_records_are_duckdbs(built: SparkWarehouse, spark: SparkSession, duck: duckdb.DuckDBPyConnection, known: Contracts, kind: str) -> None:
    """The golden statement of a kind gives every row, in every column, on both engines."""
    names = Relations.of(kind)
    duck.execute(f"create or replace table {names.touched} as {known_sql(known.kinds[kind], names)}")
    wanted = duck.sql(golden_sql(known.kinds[kind], known, names)).to_arrow_table()
    assert wanted.num_rows > 10
    assert differing(wanted, spark.sql(f"select * from golden_{kind}").toArrow()) == 0


@pytest.mark.parametrize("kind", list(KNOWN.kinds))
def test_wide_tables_are_the_published_ones(built: SparkWarehouse, spark: SparkSession, export: Path, kind: str) -> None:
    """`<kind>_current` from history on Spark is the table that the cabin published and exported."""
    wanted = exported(export, wide_name(kind))
    assert differing(wanted, spark.sql(f"select * from {wide_name(kind)}").toArrow()) == 0


@pytest.fixture(scope="module")
def made(built: SparkWarehouse) -> dict[str, pa.Table]:
    """All marts in building order, as Spark makes them."""
    return {name: built.mart(file) for name, file in MARTS.items()}


@pytest.mark.parametrize("mart", list(MARTS))
def test_marts_are_the_published_ones(made: dict[str, pa.Table], export: Path, mart: str) -> None:
    """Every row of a mart that the cabin published is Spark's too, hidden cells included, and Spark has no other."""
    assert differing(exported(export, mart), made[mart]) == 0


@pytest.mark.parametrize("mart", list(MARTS))
def test_marts_have_the_promised_types(made: dict[str, pa.Table], spark: SparkSession, known: Contracts, mart: str) -> None:
    """Columns stand in the contract's order, and each has the type that stands for the promised one, so that nothing is lost where it is read."""
    assert spark_columns(spark, mart) == [(column.name, plain(spark_type(column.type))) for column in known.marts[mart].columns]


@pytest.mark.parametrize("mart", [name for name, file in MARTS.items() if file.suppress])
def test_numbers_under_hidden_cells_are_duckdbs(built: SparkWarehouse, duck: duckdb.DuckDBPyConnection, export: Path, known: Contracts, mart: str) -> None:
    """A small district hides nearly every cell of its marts by area: what stands under them is the same on both engines, too, and counts somebody."""
    wanted = unhidden(duck, export, known, mart, built.moment())
    assert differing(wanted, built.unhidden(MARTS[mart])) == 0
    assert all(sum(filter(None, wanted[count].to_pylist())) > 0 for count in MARTS[mart].suppress.counts[:1])


def test_comparing_finds_a_difference(export: Path) -> None:
    """A value changed by the smallest step, a row more or less: each is told."""
    table = exported(export, "household")
    changed = table.set_column(table.column_names.index("area"), "area", pa.array([f"{area}0" for area in table["area"].to_pylist()]))
    assert (differing(table, table), differing(table, table.slice(1)), differing(table.slice(1), table)) == (0, 1, 1)
    assert differing(table, changed) == 2 * table.num_rows


def exported(export: Path, name: str) -> pa.Table:
    """A mart as it was published."""
    return duckdb.sql(f"from read_parquet('{export}/marts/{name}/*.parquet')").to_arrow_table()


def unhidden(duck: duckdb.DuckDBPyConnection, export: Path, known: Contracts, name: str, moment: datetime) -> pa.Table:
    """What DuckDB makes of the select of a mart, from the wide tables of the export."""
    for kind in known.kinds:
        duck.execute(f"create or replace view {wide_name(kind)} as from read_parquet('{export}/marts/{wide_name(kind)}/*.parquet')")
    duck.execute("create or replace table moment as select ?::timestamp_ms as known_at", [moment])
    return duck.sql(with_relations(MARTS[name].sql, MARTS[name].reads, relations(known, moment))).to_arrow_table()
