"""Counts the rows that break promises of tables: all that is asked in one statement, one scan a table."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

import duckdb
import pyarrow as pa

from contracts.checks import METRICS
from contracts.conditions import condition, spelled_out
from contracts.engine import codes_of, divisions_of, macros_sql
from contracts.engine_words import ABOUT_MACHINE
from contracts.model import Contracts, Promise
from warehouse.engine import run, speak
from warehouse.faults import without_values

ROW_COUNT = METRICS["rowCount"]
WORD = re.compile(r"\w+")
FAULTS = (duckdb.Error, LookupError, TypeError, ValueError)
"""What a promise that cannot be asked raises: its SQL fails, an argument is missing, or is of another kind than the check takes."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Promises of one table, to be judged over `rows`: SQL that stands behind `from`, all rows of the table or those that matter. `table`: the mart or kind."""

    table: str
    promises: tuple[Promise, ...]
    rows: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """How many rows a promise is about, and how many break it; both None, and `fault` the engine's words without any value, where it cannot be computed."""

    table: str
    promise: Promise
    about: int | None
    broken: int | None
    fault: str = ""

    @property
    def name(self) -> str:
        """As people name it: `household.main-residence-twice`."""
        return f"{self.table}.{self.promise.name}"

    @property
    def asked(self) -> str:
        """A digest of what is asked: another check, condition or limit under the same name is another promise."""
        asked = (self.promise.check, sorted(self.promise.arguments.items()), self.promise.limit.rows, self.promise.limit.share)
        return sha256(repr(asked).encode()).hexdigest()[:16]

    @property
    def kept(self) -> bool:
        """Within what the contract allows; never where it could not be computed."""
        return self.broken is not None and self.promise.limit.allows(self.broken, self.about or 0)


def judge(connection: duckdb.DuckDBPyConnection, asked: Sequence[Asked], contracts: Contracts) -> list[Verdict]:
    """A verdict for each promise, in the order asked. One that cannot be computed spoils no other: each is asked alone then. To be called outside a transaction, which a failing statement would end."""
    wanted = [each for each in asked if each.promises]
    try:
        return _together(connection, wanted, contracts)
    except ABOUT_MACHINE:
        raise
    except FAULTS:
        return [verdict for each in wanted for promise in each.promises for verdict in _alone(connection, Asked(each.table, (promise,), each.rows), contracts)]


def _together(connection: duckdb.DuckDBPyConnection, asked: Sequence[Asked], contracts: Contracts) -> list[Verdict]:
    if not asked:
        return []
    selects = [_counts_sql(number, each, contracts) for number, each in enumerate(asked)]
    statement = "\nunion all\n".join(selects)
    _equip(connection, contracts, statement)
    found = {number: (about, broken) for number, about, broken in run(connection, statement)}
    return [
        Verdict(each.table, promise, int(about), int(broken))
        for number, each in enumerate(asked)
        for promise, about, broken in zip(each.promises, *found[number], strict=True)
    ]


def _alone(connection: duckdb.DuckDBPyConnection, asked: Asked, contracts: Contracts) -> list[Verdict]:
    try:
        return _together(connection, [asked], contracts)
    except ABOUT_MACHINE:
        raise
    except duckdb.Error as fault:
        return [Verdict(asked.table, asked.promises[0], None, None, without_values(fault))]
    except FAULTS as fault:
        return [Verdict(asked.table, asked.promises[0], None, None, type(fault).__name__)]


def _counts_sql(number: int, asked: Asked, contracts: Contracts) -> str:
    """Conditions first, counts over them: an aggregate may not look up by itself."""
    told, about, broken = ["true as told"], [], []
    for place, promise in enumerate(asked.promises):
        kwargs = spelled_out(promise.arguments, contracts.code_lists)
        if promise.check == ROW_COUNT:
            least, most = kwargs.get("min_value", 0), kwargs.get("max_value", "count(*)")
            about.append("count(*)")
            broken.append(f"(count(*) not between {least} and {most})::bigint")
            continue
        asks = condition(promise.check, kwargs, asked.rows)
        told += [f"({asks.about}) as about_{place}", f"({asks.broken}) as broken_{place}"]
        about.append(f"count(*) filter (where about_{place})")
        broken.append(f"count(*) filter (where broken_{place})")
    return f"select {number} as number, [{', '.join(about)}] as about, [{', '.join(broken)}] as broken from (select {', '.join(told)} from {asked.rows})"


def _equip(connection: duckdb.DuckDBPyConnection, contracts: Contracts, statement: str) -> None:
    """The macros, divisions and code lists that the statement names, for this connection only; what marts are made with is there already."""
    words = set(WORD.findall(statement))
    macros = macros_sql(contracts.rules_sql, words)
    named = words | set(WORD.findall(macros))
    if "divisions" in named:
        _temporary(connection, "divisions", divisions_of(contracts.divisions.items()))
    for name in sorted(named & {f"code_{name}" for name in contracts.code_lists}):
        _temporary(connection, name, codes_of([contracts.code_lists[name.removeprefix("code_")]]))
    if macros:
        speak(connection, contracts.rules_sql, words)


def _temporary(connection: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> None:
    connection.register("_given", rows)
    run(connection, f'create or replace temp table "{name}" as from _given')
    connection.unregister("_given")
