"""A snapshot with the marts that scorecards read, holding the rows that a test writes down; columns that it does not name are null, counts 0."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import duckdb

from contracts.database import connect
from contracts.read import load

MARTS = ("feed_health", "source_fault", "source_quality", "source_reliability", "discrepancy")
MOMENT = datetime(2026, 9, 10, 8, 0)
Rows = Mapping[str, Sequence[Mapping[str, Any]]]


@contextmanager
def snapshot(rows: Rows, moment: datetime = MOMENT) -> Iterator[duckdb.DuckDBPyConnection]:
    con = connect()
    try:
        con.execute("create table moment (known_at timestamp_ms)")
        con.execute("insert into moment values (?)", [moment])
        for mart in MARTS:
            columns = load().marts[mart].columns
            con.execute(f"create table {mart} ({', '.join(f'{each.name} {each.type}' for each in columns)})")
            counted = {each.name: 0 for each in columns if each.type == "BIGINT"}
            for row in rows.get(mart, ()):
                told = {**counted, **row}
                con.execute(f"insert into {mart} ({', '.join(told)}) values ({', '.join('?' * len(told))})", list(told.values()))
        yield con
    finally:
        con.close()
