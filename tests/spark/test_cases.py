"""The case files of marts on Spark: few rows in, the rows out that DuckDB gives; they reach what no generated district holds (bounds, blanks, hidden cells, odd links)."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
import yaml

from contracts.model import Contracts
from tests.spark.rows import differing
from tests.warehouse.samples import contracts
from tests.warehouse.test_marts import CASES, answer, filled
from warehouse.catalogue import mart_files
from warehouse.relations import relations
from warehouse.spark.run import SparkWarehouse, needed

if TYPE_CHECKING:
    import duckdb
    from pyspark.sql import SparkSession

MARTS = mart_files()
WHENEVER = datetime(2026, 1, 1)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_cases_give_duckdbs_rows(path: Path, spark: SparkSession) -> None:
    """Every case of a mart gives the same rows on both engines, and at least one of them gives any."""
    known, file, rows = contracts(), MARTS[path.stem], 0
    for name, case in yaml.safe_load(path.read_text(encoding="utf-8")).items():
        with filled(known, case["given"], case["moment"]) as connection:
            wanted = answer(connection, known, file, case["moment"])
            lifted(connection, known, spark, file.reads)
        made = SparkWarehouse(spark, known)
        made.related(case["moment"], file.reads)
        assert differing(wanted, made.unhidden(file)) == 0, name
        rows += wanted.num_rows
    assert rows > 0


def lifted(connection: duckdb.DuckDBPyConnection, known: Contracts, spark: SparkSession, reads: tuple[str, ...]) -> None:
    """The tables that something reads, directly or through relations, as views of Spark."""
    compiled = needed(relations(known, WHENEVER), reads)
    named = {name for relation in compiled.values() for name in relation.reads} | set(reads)
    for name in named - compiled.keys() - {"moment"}:
        spark.createDataFrame(plain(connection.sql(f'from "{name}"').to_arrow_table())).createOrReplaceTempView(name)


def plain(table: pa.Table) -> pa.Table:
    """Digests without a sign become decimals, as in an export that Spark opens."""
    return table.cast(pa.schema([pa.field(each.name, pa.decimal128(20, 0)) if each.type == pa.uint64() else each for each in table.schema]))
