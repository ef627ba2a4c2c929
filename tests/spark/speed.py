"""How fast Spark computes golden records of many claims, on one thread and on two: an export's claims many times over, each copy about entities of its own.

Units: claims a second of wall time and a processor second of the Java machine; the first statement, which pays for starting and compiling, is made once before over the export as it is.
Wall times of two threads mean something only on a machine that nobody shares.
Run: `.venv-spark/bin/python -m tests.spark.speed EXPORT [--kind residency] [--copies 20] [--threads 2]`; EXPORT is what `cabin export` wrote (its `current`).
"""

from __future__ import annotations

import argparse
import json
import os
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
from pyspark.sql import SparkSession

from contracts.read import load
from tests.bench.bench_ranges import copied_sql
from tests.spark.conftest import OFFLINE
from warehouse.spark.run import SparkWarehouse


def session(threads: int, scratch: str) -> SparkSession:
    builder = SparkSession.builder.master(f"local[{threads}]").config("spark.sql.warehouse.dir", scratch).config("spark.driver.memory", "6g")
    for name, value in {**OFFLINE, "spark.sql.shuffle.partitions": str(2 * threads)}.items():
        builder = builder.config(name, value)
    made = builder.getOrCreate()
    made.sparkContext.setLogLevel("OFF")
    return made


def processor_seconds(spark: SparkSession) -> float:
    """What the Java machine of a session has used of all processors."""
    pid = spark._jvm.java.lang.ProcessHandle.current().pid()
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("export", type=Path)
    parser.add_argument("--kind", default="residency")
    parser.add_argument("--copies", type=int, default=20)
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args()
    kind = load().kinds[given.kind]
    with TemporaryDirectory() as scratch:
        copied = f"{scratch}/claims"
        duckdb.sql(f"copy ({copied_sql(kind, given.export, given.copies)}) to '{copied}' (format parquet, per_thread_output true)")
        claims = duckdb.sql(f"select count(*) from read_parquet('{copied}/*.parquet')").fetchall()[0][0]
        spark = session(given.threads, scratch)
        warm = SparkWarehouse(spark, load())
        warm.facts(given.export)
        warm.golden(kind)
        made = SparkWarehouse(spark, load())
        spark.sql(f"create or replace temporary view claim_{kind.name} using parquet options (path '{copied}')")
        used, begun = processor_seconds(spark), time.perf_counter()
        made.golden(kind)
        wall, used = time.perf_counter() - begun, processor_seconds(spark) - used
        rows = spark.sql(f"select count(*) as n from golden_{kind.name}").toArrow()["n"].to_pylist()[0]
        spark.stop()
    told = {"kind": kind.name, "claims": claims, "golden_rows": rows, "threads": given.threads, "seconds": round(wall, 1), "processor_seconds": round(used, 1)}
    print(json.dumps(told | {"claims_per_second": round(claims / wall), "claims_per_processor_second": round(claims / used)}, indent=1))


if __name__ == "__main__":
    main()
