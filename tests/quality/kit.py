"""Small tables under check: a suite of a few checks over rows that a test writes down."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import duckdb

from contracts.database import connect
from contracts.engine import prepare
from contracts.model import Allowance, Label, Severity
from contracts.read import load
from quality.promises.checks import Check, Suite
from quality.promises.evidence import Evidence

LABEL = Label("承诺", "a promise")


def check(name: str, type_: str, limit: Allowance | None = None, severity: Severity = Severity.ERROR, **kwargs: Any) -> Check:
    return Check(name, type_, kwargs, severity, LABEL, limit or Allowance())


def suite(*checks: Check, key: tuple[str, ...] = ("id",), relation: str = "judged_rows") -> Suite:
    return Suite("marts", "judged_rows", "1.0.0", relation, key, checks)


@contextmanager
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    """A database with the macros and code lists of the contracts."""
    con = connect()
    try:
        prepare(con, load())
        yield con
    finally:
        con.close()


@contextmanager
def table(sql: str, key: tuple[str, ...] = ("id",)) -> Iterator[Evidence]:
    """The evidence of a table `judged_rows` that a select gives."""
    with engine() as con:
        con.execute(f"create table judged_rows as {sql}")
        yield Evidence(con, "judged_rows", key)
