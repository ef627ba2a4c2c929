"""The golden statement of every kind of the released contracts."""

from __future__ import annotations

import duckdb
import pyarrow as pa
import pytest

from contracts import Contracts, load
from contracts.engine import prepare
from contracts.facts import FACTS, claim_schema, golden_schema
from contracts.golden import Relations, golden_sql, known_sql


@pytest.fixture(scope="module")
def released() -> Contracts:
    return load()


@pytest.mark.parametrize("ascii_row", [False, True], ids=["empty", "one plain row"])
def test_every_kind_gives_its_golden_shape(released: Contracts, ascii_row: bool) -> None:
    """Columns, order and types are those of `golden_schema`, with nothing to say and with one row of plain ASCII (where the engine binds other functions)."""
    with duckdb.connect() as con:
        prepare(con, released, threads=1)
        for fact, schema in FACTS.items():
            con.register("shape", schema.empty_table())
            con.execute(f"create table {fact} as from shape")
        for kind in released.kinds.values():
            schema = claim_schema(kind)
            row = {field.name: "330302/a" for field in schema if field.type == pa.string()} | {"withdraws": False, "listed": False, "own_time": True}
            row |= {"entity": "p@330302/a", "source": released.sources(kind.name)[0], "observed_at": 0, "repair": 0, "contract_version": 1, "content": 1}
            con.register("rows", pa.Table.from_pylist([row], schema) if ascii_row else schema.empty_table())
            con.execute(f"create table claim_{kind.name} as from rows")
            relations = Relations.of(kind.name)
            con.execute(f"create table {relations.touched} as {known_sql(kind, relations)}")
            con.execute(f"create table golden_{kind.name} as {golden_sql(kind, released, relations)}")
            golden = con.sql(f"from golden_{kind.name}").to_arrow_table()
            assert golden.schema.equals(golden_schema(kind, released.sources(kind.name))), kind.name
            assert golden.column("alive").to_pylist() == [True] * ascii_row, kind.name
