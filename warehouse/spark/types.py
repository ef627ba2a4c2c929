"""Types of ours in Spark, and the tables of an export as Spark opens them. Pure."""

from __future__ import annotations

from pathlib import Path

from sqlglot import exp

from warehouse.history.layout import Table
from warehouse.spark.dialect import read, written
from warehouse.spark.gaps import closed


def spark_type(sql_type: str) -> str:
    """The type that values of one of our SQL types have in Spark: `TIMESTAMP_MS` is `TIMESTAMP_NTZ`, `UBIGINT` is `DECIMAL(20, 0)`, `INTEGER[]` is `ARRAY<INT>`."""
    cast = closed(read(f"cast(null as {sql_type})")).find(exp.Cast)
    assert cast is not None
    return written(cast.args["to"])


def facts_sql(table: Table, folder: Path) -> str:
    """A temporary view over the Parquet files of a table of history; columns that older files do not have are null."""
    columns = ", ".join(f"`{name}` {spark_type(table.sql_type(name))}" for name in table.schema.names)
    return f"create or replace temporary view `{table.name}` ({columns}) using parquet options (path '{quoted(folder)}')"


def quoted(folder: Path) -> str:
    """A path inside quotes of Spark's SQL."""
    return str(folder).replace("\\", "\\\\").replace("'", "\\'")
