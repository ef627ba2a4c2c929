"""The golden statement by key range: what one of the partitions of a city has to do, done for every partition in turn, and whether together they are the whole.

The claims of an export are taken `copies` times over, each copy about entities of its own, and the statement of a kind runs once over all of them and once for each range of keys, each
time on one thread, as a worker's partition does. The rows of all ranges together must be those of the whole: then nothing but disks and networks keeps ranges from lying on as many machines.
Beside it: how evenly ten million keys fall on as many partitions as a province needs.
Units: claims a processor second, which others on the machine do not change much; the largest share of a partition beside the mean (1: even). Too uneven: 1.05, because the slowest partition is the time of all.
Run: `python -m tests.bench.bench_ranges EXPORT [--kind residency] [--copies 200] [--ranges 12]`; EXPORT is what `cabin export` wrote (its `current`).
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import duckdb

from contracts.engine import prepare_golden
from contracts.golden import Relations, golden_sql, known_sql
from contracts.model import Contracts, Kind
from contracts.partition import partition_key, partition_sql
from contracts.read import load
from warehouse.history.layout import history_tables

KEYS, PARTITIONS = 10_000_000, 144


def copied_sql(kind: Kind, export: Path, copies: int) -> str:
    """The claims of a kind as often as told, the first copy as it is, in further ones every entity under another name."""
    renamed = {"entity": "entity || mark"}
    if kind.name == "residency":
        renamed = {"person": "person || mark", "dwelling": "dwelling || mark", "entity": "person || mark || '@' || dwelling || mark"}
    replaced = ", ".join(f'{sql} as "{name}"' for name, sql in {**renamed, "record": "record || mark"}.items())
    marks = f"(select case when i = 0 then '' else '~' || i end as mark from range({copies}) as numbers (i))"
    return f"select * exclude (mark) replace ({replaced}) from read_parquet('{export}/history/claim_{kind.name}/*.parquet', union_by_name = true), {marks}"


def prepared(known: Contracts, export: Path, kind: Kind, copies: int) -> duckdb.DuckDBPyConnection:
    """A database of one thread with the copied claims of the kind and the other facts as they are."""
    connection = duckdb.connect()
    prepare_golden(connection, known, threads=1)
    for name in history_tables(known):
        if not name.startswith("claim_"):
            connection.execute(f"create table \"{name}\" as from read_parquet('{export}/history/{name}/*.parquet', union_by_name = true)")
    connection.execute(f"create table claim_{kind.name} as {copied_sql(kind, export, copies)}")
    return connection


def golden(connection: duckdb.DuckDBPyConnection, known: Contracts, kind: Kind, table: str, where: str) -> tuple[int, float]:
    """Makes the golden rows of the entities inside a condition; gives how many claims were asked, and the processor seconds."""
    names = Relations.of(kind.name)
    key = "split_part(entity, '@', 1)" if kind.name == "residency" else "entity"
    connection.execute(f"create or replace table {names.touched} as select entity from ({known_sql(kind, names)}) where {where.format(key=key)}")
    connection.execute(f"create or replace table mine_only as from claim_{kind.name} where {where.format(key=partition_key(kind.name))}")
    claims = connection.execute("select count(*) from mine_only").fetchall()[0][0]
    begun = time.process_time()
    connection.execute(f"create or replace table {table} as {golden_sql(kind, known, Relations('mine_only', names.touched))}")
    return claims, time.process_time() - begun


def ranges(export: Path, name: str, copies: int, count: int) -> dict[str, object]:
    """The whole at once and by ranges. Fails where they differ."""
    known = load()
    kind = known.kinds[name]
    with prepared(known, export, kind, copies) as connection:
        claims, whole = golden(connection, known, kind, "whole", "true")
        parts: list[tuple[int, float]] = []
        for place in range(count):
            parts.append(golden(connection, known, kind, "part", partition_sql("{key}", count) + f" = {place}"))
            connection.execute("create or replace table parts as from part" if place == 0 else "insert into parts from part")
        sides = ("(from whole except all from parts)", "(from parts except all from whole)")
        differing = sum(connection.execute(f"select count(*) from {side}").fetchall()[0][0] for side in sides)
        rows = connection.execute("select count(*) from whole").fetchall()[0][0]
    assert differing == 0, f"{differing} rows differ"
    shares, seconds = [share for share, _ in parts], [spent for _, spent in parts]
    return {
        "kind": name,
        "claims": claims,
        "golden_rows": rows,
        "whole_claims_per_second": round(claims / whole),
        "ranges": count,
        "range_claims_per_second": round(claims / sum(seconds)),
        "slowest_range_claims_per_second": round(min(share / spent for share, spent in parts)),
        "largest_share_beside_mean": round(max(shares) * count / claims, 3),
        "differing_rows": differing,
    }


def balance(keys: int, partitions: int) -> float:
    """The largest number of keys of a partition beside the mean."""
    where = partition_sql("'p' || i", partitions)
    found = duckdb.sql(f"select max(n) * {partitions} / sum(n) from (select count(*) as n from range({keys}) as keys (i) group by {where})").fetchall()
    return round(float(found[0][0]), 4)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("export", type=Path)
    parser.add_argument("--kind", default="residency")
    parser.add_argument("--copies", type=int, default=200)
    parser.add_argument("--ranges", type=int, default=12)
    given = parser.parse_args()
    found = ranges(given.export, given.kind, given.copies, given.ranges)
    print(json.dumps(found | {"keys": KEYS, "partitions": PARTITIONS, "fullest_partition_beside_mean": balance(KEYS, PARTITIONS)}, indent=1))


if __name__ == "__main__":
    main()
