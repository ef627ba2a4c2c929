"""One table of raw rows to facts, quarantined rows and accounts."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa

from contracts.database import parsed
from contracts.normalising import CHECKED, RAW, NormalisingSql
from contracts.planning import planned_for
from contracts.quarantined import QUARANTINED
from streams.normalise.held import held, parted
from streams.normalise.poison import UNSOUND, added_accounts, of_data, poisoned
from streams.normalise.schemas import ACCOUNTS

REPEATED_SQL = f'select count(*) from (select 1 from {RAW} group by delivery, "row", repair having count(*) > 1)'
DISTINCT_SQL = f'select __at from {RAW} qualify row_number() over (partition by delivery, "row", repair order by recorded_at, chunk, __at) = 1 order by __at'


@dataclass(frozen=True, slots=True)
class Normalised:
    """Facts by type, each in the schema of `contracts.facts`; quarantined rows; accounts per raw message."""

    facts: dict[str, pa.Table]
    quarantined: pa.Table
    accounts: pa.Table


def normalise(engine: duckdb.DuckDBPyConnection, statements: NormalisingSql, rows: pa.Table) -> Normalised:
    """The facts of `rows`, whose schema is `statements.schema`; the order of facts means nothing.

    A row given twice (same delivery, row and repair) counts once, with its smallest `recorded_at`. A row that breaks the statements is quarantined as
    `poison`; it is found by halving, which changes nothing else, because each fact is made of one row. A fault of the machine is raised.
    A message of which more breaks a rule than the contract's limit is held: those of its rows that would be accepted are set aside for that rule.
    """
    given = _distinct(engine, rows.select(statements.schema.names).cast(statements.schema))
    found = _normalised(engine, statements, given)
    stopped = held(found.accounts, statements.limits)
    if not stopped:
        return found
    rest, by_rule = parted(given, stopped)
    found = _normalised(engine, statements, rest)
    for rule, of_rule in by_rule.items():
        found = _together(found, _normalised(engine, statements.holding(rule), of_rule))
    return found


def _normalised(engine: duckdb.DuckDBPyConnection, statements: NormalisingSql, rows: pa.Table) -> Normalised:
    try:
        return _once(engine, statements, rows)
    except UNSOUND as error:
        if not of_data(error):
            raise
        if rows.num_rows == 1:
            return Normalised({}, *poisoned(statements, rows))
        half = rows.num_rows // 2
        return _together(_normalised(engine, statements, rows.slice(0, half)), _normalised(engine, statements, rows.slice(half)))


def _once(engine: duckdb.DuckDBPyConnection, statements: NormalisingSql, rows: pa.Table) -> Normalised:
    engine.register(RAW, rows)
    try:
        with planned_for(engine, rows.num_rows):
            engine.execute(parsed(engine, f"create or replace temp table {CHECKED} as {statements.checked}")).fetchall()
            facts = {name: engine.sql(select.sql).to_arrow_table().cast(select.schema) for name, select in statements.facts.items()}
        accounts = engine.sql(statements.accounts).to_arrow_table().cast(ACCOUNTS)
        broken = _number(engine, f"select count(*) from {CHECKED} where __broken > 0")
        quarantined = engine.sql(statements.quarantined).to_arrow_table().cast(QUARANTINED) if broken else QUARANTINED.empty_table()
        return Normalised({name: table for name, table in facts.items() if table.num_rows}, quarantined, accounts)
    finally:
        engine.execute(f"drop table if exists {CHECKED}").fetchall()
        engine.unregister(RAW)


def _distinct(engine: duckdb.DuckDBPyConnection, rows: pa.Table) -> pa.Table:
    """Only the columns that name a row are looked at, so that no cell can be in the way."""
    names = ["delivery", "row", "repair", "recorded_at", "chunk"]
    engine.register(RAW, rows.select(names).append_column("__at", pa.array(np.arange(rows.num_rows))))
    try:
        return rows.take(engine.sql(DISTINCT_SQL).to_arrow_table()["__at"]) if _number(engine, REPEATED_SQL) else rows
    finally:
        engine.unregister(RAW)


def _number(engine: duckdb.DuckDBPyConnection, sql: str) -> int:
    row = engine.execute(sql).fetchall()
    return int(row[0][0])


def _together(one: Normalised, other: Normalised) -> Normalised:
    """What two halves of some rows give; a message whose rows lie in both has the sum of both accounts."""
    names = dict.fromkeys([*one.facts, *other.facts])
    facts = {name: pa.concat_tables([half.facts[name] for half in (one, other) if name in half.facts]) for name in names}
    return Normalised(facts, pa.concat_tables([one.quarantined, other.quarantined]), added_accounts([one.accounts, other.accounts]))
