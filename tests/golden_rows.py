"""Golden rows for tests, written and read with the parts of each unit's basis by name (`use__status`, `use__source`, `use__agree`, `use__differ`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

import duckdb
import pyarrow as pa

from contracts.facts import golden_schema
from contracts.golden.basis import STATUSES, VISIT, basis, packed_sql, shown_sql
from contracts.model import Kind

PARTS = {"status": pa.string(), "source": pa.string(), "agree": pa.int32(), "differ": pa.int32()}


def golden_table(kind: Kind, sources: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Golden rows as the fold makes them; what a row leaves out is null."""
    schema = golden_schema(kind, sources)
    parts = [pa.field(f"{unit.name}__{part}", type_) for unit in kind.units for part, type_ in PARTS.items()]
    plain = [field for field in schema if not field.name.endswith("__basis")]
    shape = pa.schema([*plain, *parts])
    held = [dict(row) for row in rows]
    unknown = {column for row in held for column in row} - set(shape.names)
    assert not unknown, f"golden rows of {kind.name} have no {unknown}"
    given = pa.Table.from_pylist(held, shape)
    made = {basis(unit.name): f"case when {_said(unit.name)} then {_packed(unit.name, sources)} end" for unit in kind.units}
    columns = ", ".join(made.get(f'"{name}"', f'"{name}"') + f' as "{name}"' for name in schema.names)
    return _asked(given, f"select {columns} from given").cast(schema)


def shown_rows(kind: Kind, sources: Sequence[str], rows: pa.Table) -> list[dict[str, Any]]:
    """Golden rows with every part by name."""
    return _asked(rows, f"from {shown_sql(kind, sources, 'given')}").to_pylist()


@cache
def _engine() -> duckdb.DuckDBPyConnection:
    """One for all tests of a process: opening one takes longer than what is asked of it."""
    return duckdb.connect(config={"threads": 1})


def _asked(given: pa.Table, sql: str) -> pa.Table:
    with _engine().cursor() as con:
        con.register("given", given)
        return con.sql(sql).to_arrow_table()


def _said(unit: str) -> str:
    return " or ".join(f"{unit}__{part} is not null" for part in PARTS)


def _packed(unit: str, sources: Sequence[str]) -> str:
    """A part that a test leaves out is none."""
    status = f"coalesce(list_position({list(STATUSES)}, {unit}__status), 0)"
    winner = f"coalesce(list_position({[VISIT, *sources]}, {unit}__source), 0) - 2"
    return packed_sql(status, f"({winner})", f"coalesce({unit}__agree, 0)", f"coalesce({unit}__differ, 0)")
