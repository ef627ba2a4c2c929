"""One table of raw rows to facts, quarantined rows and accounts."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import pyarrow as pa

from contracts.facts import MOMENT
from contracts.normalising import CHECKED, RAW, NormalisingSql

QUARANTINED = pa.schema(
    [
        ("source", pa.string()),
        ("delivery", pa.string()),
        ("row", pa.int32()),
        ("chunk", pa.int32()),
        ("recorded_at", MOMENT),
        ("reason", pa.string()),
        ("column", pa.string()),
        ("cells", pa.string()),
        ("subject", pa.string()),
        ("sealed", pa.binary()),
    ]
)
"""A row that broke a promise: `cells` is the JSON of its plain cells, the personal ones stay in `sealed` under `subject`'s key.
A message that is set aside whole is one row with number 0, its bytes in `sealed` as base64 (see `streams.sealed`)."""

ACCOUNTS = pa.schema(
    [
        ("delivery", pa.string()),
        ("chunk", pa.int32()),
        ("repair", pa.int16()),
        ("rows", pa.int32()),
        ("accepted", pa.int32()),
        ("unkeyed", pa.int32()),
        ("quarantined", pa.string()),
        ("flags", pa.string()),
    ]
)
"""Per raw message: rows = accepted + the numbers in `quarantined` (JSON, reason to count). `unkeyed`: quarantined without readable entity or record."""

REPEATED_SQL = f'select count(*) from (select 1 from {RAW} group by delivery, "row", repair having count(*) > 1)'
DISTINCT_SQL = f'select * from {RAW} qualify row_number() over (partition by delivery, "row", repair order by recorded_at, chunk) = 1'


@dataclass(frozen=True, slots=True)
class Normalised:
    """Facts by type, each in the schema of `contracts.facts`; quarantined rows; accounts per raw message."""

    facts: dict[str, pa.Table]
    quarantined: pa.Table
    accounts: pa.Table


def normalise(engine: duckdb.DuckDBPyConnection, statements: NormalisingSql, rows: pa.Table) -> Normalised:
    """The facts of `rows`, whose schema is `statements.schema`; the order of facts means nothing.

    A row given twice (same delivery, row and repair) counts once, with its smallest `recorded_at`.
    """
    engine.register(RAW, rows.select(statements.schema.names).cast(statements.schema))
    if _number(engine, REPEATED_SQL):
        engine.register(RAW, engine.sql(DISTINCT_SQL).to_arrow_table())
    try:
        engine.execute(f"create or replace temp table {CHECKED} as {statements.checked}").fetchall()
        facts = {name: engine.sql(select.sql).to_arrow_table().cast(select.schema) for name, select in statements.facts.items()}
        accounts = engine.sql(statements.accounts).to_arrow_table().cast(ACCOUNTS)
        broken = _number(engine, f"select count(*) from {CHECKED} where __broken > 0")
        quarantined = engine.sql(statements.quarantined).to_arrow_table().cast(QUARANTINED) if broken else QUARANTINED.empty_table()
        return Normalised({name: table for name, table in facts.items() if table.num_rows}, quarantined, accounts)
    finally:
        engine.execute(f"drop table if exists {CHECKED}").fetchall()
        engine.unregister(RAW)


def _number(engine: duckdb.DuckDBPyConnection, sql: str) -> int:
    row = engine.execute(sql).fetchall()
    return int(row[0][0])
