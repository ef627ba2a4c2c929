"""Rows that break a statement: which faults are theirs, and how such a row is kept and counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import duckdb
import orjson
import pyarrow as pa

from contracts.normalising import NormalisingSql
from contracts.normalising.accounts import FIRST_ROWS
from contracts.quarantined import QUARANTINED
from streams.normalise.schemas import ACCOUNTS

POISON = "poison"
UNSOUND = (duckdb.DataError, duckdb.IntegrityError, duckdb.InvalidInputException, pa.ArrowException)
"""What is wrong with rows (see `of_data`); everything else is wrong with the machine, and ends the process."""
KEY = ("delivery", "chunk", "repair")
COUNTED = ("quarantined", "flags")
LISTED = "flagged"


def of_data(error: Exception) -> bool:
    """Whether one of `UNSOUND` is really about rows: that there is no memory is none of their faults."""
    return not isinstance(error, MemoryError)


def poisoned(statements: NormalisingSql, rows: pa.Table) -> tuple[pa.Table, pa.Table]:
    """Rows that the engine cannot compute, as quarantined rows with their plain and sealed cells, and their accounts."""
    quarantined = [{**each, "source": statements.source, "reason": POISON, "column": None, "cells": _cells(statements, each)} for each in rows.to_pylist()]
    counts = {"rows": 1, "accepted": 0, "unkeyed": 1, "quarantined": _json({POISON: 1}), "flags": "{}", LISTED: "{}"}
    accounts = pa.Table.from_pylist([each | counts for each in rows.select(KEY).to_pylist()], ACCOUNTS)
    return pa.Table.from_pylist(quarantined, QUARANTINED), added_accounts([accounts])


def added_accounts(tables: Iterable[pa.Table]) -> pa.Table:
    """Accounts of parts of the same messages added up, one row per message."""
    sums: dict[tuple[Any, ...], dict[str, Any]] = {}
    for each in pa.concat_tables(tables).to_pylist():
        key = tuple(each[name] for name in KEY)
        found = sums.setdefault(key, {"rows": 0, "accepted": 0, "unkeyed": 0, **{name: Counter() for name in COUNTED}, LISTED: {}})
        for name in ("rows", "accepted", "unkeyed"):
            found[name] += each[name]
        for name in COUNTED:
            found[name].update(orjson.loads(each[name]))
        for flag, rows in orjson.loads(each[LISTED]).items():
            found[LISTED][flag] = sorted({*found[LISTED].get(flag, ()), *rows})[:FIRST_ROWS]
    added = [dict(zip(KEY, key, strict=True)) | found | {name: _json(found[name]) for name in (*COUNTED, LISTED)} for key, found in sums.items()]
    return pa.Table.from_pylist(added, ACCOUNTS)


def _cells(statements: NormalisingSql, row: Mapping[str, Any]) -> str:
    return _json({name: str(row[name]) for name in statements.plain if row.get(name) is not None})


def _json(members: Mapping[str, Any]) -> str:
    return orjson.dumps(dict(members), option=orjson.OPT_SORT_KEYS).decode()
