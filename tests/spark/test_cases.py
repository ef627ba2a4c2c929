"""The case files of marts on Spark: few rows in, the rows out that DuckDB gives; they reach what no generated district holds (bounds, blanks, hidden cells, odd links)."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from contracts.model import Contracts
from tests.spark.rows import differing, lifted
from tests.warehouse.samples import contracts
from tests.warehouse.test_marts import CASES, answer, filled
from warehouse.catalogue import mart_files
from warehouse.relations import relations
from warehouse.spark.run import SparkWarehouse, needed

if TYPE_CHECKING:
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
            for table in read_by(known, file.reads):
                lifted(spark, table, connection.sql(f'from "{table}"').to_arrow_table())
        made = SparkWarehouse(spark, known, {file.name: file})
        made.related(case["moment"], file.reads)
        assert differing(wanted, made.unhidden(file)) == 0, name
        rows += wanted.num_rows
    assert rows > 0


def read_by(known: Contracts, reads: tuple[str, ...]) -> set[str]:
    """The tables that something reads, directly or through relations."""
    compiled = needed(relations(known, WHENEVER), reads)
    named = {name for relation in compiled.values() for name in relation.reads} | set(reads)
    return named - compiled.keys() - {"moment"}
