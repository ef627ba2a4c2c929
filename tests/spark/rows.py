"""Rows of both engines side by side.

Normalised once, here, are only types that Spark lacks or has by another name, and both ways without loss: moments of microseconds to milliseconds (Arrow refuses where any are lost),
`DECIMAL(20, 0)` to unsigned 64 bits, lists and structs with their fields by name and of the same types. Numbers are compared as they are: a decimal digit more or less is a difference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def differing(wanted: pa.Table, found: pa.Table) -> int:
    """How many rows one has and the other has not, as often as it has them; columns by name, in the types of the first."""
    assert sorted(wanted.column_names) == sorted(found.column_names)
    same = found.select(wanted.column_names).cast(wanted.schema.remove_metadata())
    with duckdb.connect() as connection:
        connection.register("wanted", wanted)
        connection.register("found", same)
        sides = ["(from wanted) except all (from found)", "(from found) except all (from wanted)"]
        return sum(connection.execute(f"select count(*) from ({side})").fetchall()[0][0] for side in sides)


def lifted(spark: SparkSession, name: str, table: pa.Table) -> None:
    """A table as a view of Spark; of digests without a sign as decimals, as in an export. In one piece: Spark cannot take lists of no piece at all."""
    fields = [pa.field(each.name, pa.decimal128(20, 0)) if each.type == pa.uint64() else each for each in table.schema]
    whole = table.cast(pa.schema(fields)).combine_chunks()
    pieces = whole.to_batches() or [pa.RecordBatch.from_pylist([], whole.schema)]
    spark.createDataFrame(pa.Table.from_batches(pieces)).createOrReplaceTempView(name)


def spark_columns(spark: SparkSession, view: str) -> list[tuple[str, str]]:
    """Names and types of a view, as `plain` writes them."""
    return [(field.name, plain(field.dataType.simpleString())) for field in spark.sql(f"select * from {view}").schema.fields]


def plain(spark_type: str) -> str:
    """A type of Spark in one spelling."""
    return spark_type.lower().replace(" ", "")
