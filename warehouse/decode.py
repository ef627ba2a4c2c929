"""Messages of the log as Arrow tables, by the table they belong to. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import pyarrow as pa

from contracts.ipc import read_table
from contracts.ports import Message, Stored
from warehouse.schema import OUTCOME, table_of

UNFIT = (ValueError, TypeError, KeyError, AttributeError, OverflowError, pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError)
"""What is said about a message that is not what its type says."""
NAMING = frozenset({"source", "delivery", "row", "version"})
"""Columns without which a row of the log belongs to nothing."""


def gathered(stored: Iterable[Stored], schemas: Mapping[str, pa.Schema], unreadable: list[Stored]) -> dict[str, pa.Table]:
    """The rows of many messages, one table per target; message types without a table are left out, messages that nobody can read are added to `unreadable`."""
    parts: dict[str, list[pa.Table]] = {}
    for each in stored:
        name = table_of(each.message.headers["ce_type"])
        if name not in schemas:
            continue
        try:
            parts.setdefault(name, []).append(_rows(name, each.message, schemas[name]))
        except UNFIT:
            unreadable.append(each)
    return {name: pa.concat_tables(tables) for name, tables in parts.items() if tables}


def _rows(name: str, message: Message, schema: pa.Schema) -> pa.Table:
    return outcome_table([json.loads(message.value)]) if name == "outcome" else _narrowed(read_table(message.value), schema)


def outcome_table(outcomes: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Outcomes, a few thousand a district, as a table."""
    return pa.Table.from_pylist([_outcome(each) for each in outcomes], OUTCOME)


def _outcome(value: Mapping[str, Any]) -> dict[str, Any]:
    counts = {name: json.dumps(value.get(name) or {}, sort_keys=True) for name in ("quarantined", "flags", "flagged")}
    numbers = {name: int(value[name]) for name in ("chunk", "repair", "rows", "accepted", "unkeyed") if value.get(name) is not None}
    times = {name: datetime.fromisoformat(value[name]) for name in ("moment", "recorded_at") if value.get(name)}
    words = {name: value.get(name) for name in ("delivery", "mode", "area", "type", "outcome")}
    return {"source": value.get("feed"), **words, **counts, **numbers, **times}


def _narrowed(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """The columns that are kept, in the order and types of the table; a missing column is null, unless rows are named by it."""
    if any(field.name in NAMING and (field.name not in table.column_names or table.column(field.name).null_count) for field in schema):
        raise ValueError("rows of nothing")
    columns = [table.column(field.name).cast(field.type) if field.name in table.column_names else pa.nulls(table.num_rows, field.type) for field in schema]
    return pa.Table.from_arrays(columns, schema=schema)
