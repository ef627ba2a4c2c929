"""Running the real statement and the real state over the facts of the laws."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import duckdb

from contracts.engine import prepare
from contracts.facts import FACTS, claim_schema
from contracts.golden import Relations, golden_sql, known_sql
from contracts.model import Contracts
from tests.laws.reference import golden
from tests.laws.tables import expected_rows, golden_rows, tables

Golden = dict[str, dict[str, dict[str, Any]]]
"""Per kind and entity the plain golden row."""


def by_reference(contracts: Contracts, facts: Iterable[Any]) -> Golden:
    return {kind.name: expected_rows(contracts, kind, golden(kind, contracts, facts)) for kind in contracts.kinds.values()}


def by_statement(contracts: Contracts, facts: Iterable[Any]) -> Golden:
    """The statement over all facts at once, without a state."""
    with duckdb.connect() as con:
        prepare(con, contracts, threads=1)
        given = tables(facts)
        shapes = {**FACTS, **{f"claim.{kind.name}": claim_schema(kind) for kind in contracts.kinds.values()}}
        for name, schema in shapes.items():
            con.register("given", given.get(name, schema.empty_table()))
            con.execute(f"create table {name.replace('.', '_')} as from given")
        rows: Golden = {}
        for kind in contracts.kinds.values():
            relations = Relations.of(kind.name)
            con.execute(f"create table {relations.touched} as {known_sql(kind, relations)}")
            rows[kind.name] = golden_rows(contracts, kind, con.sql(golden_sql(kind, contracts, relations)).to_arrow_table())
        return rows
