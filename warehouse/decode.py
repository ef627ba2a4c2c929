"""Messages of the log as Arrow tables, by the table they belong to. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import pyarrow as pa

from contracts.ports import Message, Stored
from warehouse.schema import OUTCOME, table_of


def arrow_of(message: Message) -> pa.Table:
    """The rows of an Arrow IPC stream."""
    with pa.ipc.open_stream(message.value) as reader:
        return reader.read_all()


def gathered(stored: Iterable[Stored], schemas: Mapping[str, pa.Schema]) -> dict[str, pa.Table]:
    """The rows of many messages, one table per target; message types without a table are left out."""
    parts: dict[str, list[pa.Table]] = {}
    outcomes: list[dict[str, Any]] = []
    for each in stored:
        name = table_of(each.message.headers["ce_type"])
        if name == "outcome":
            outcomes.append(json.loads(each.message.value))
        elif name in schemas:
            parts.setdefault(name, []).append(_narrowed(arrow_of(each.message), schemas[name]))
    found = {name: pa.concat_tables(tables) for name, tables in parts.items()}
    return found | ({"outcome": outcome_table(outcomes)} if outcomes else {})


def outcome_table(outcomes: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Outcomes, a few thousand a district, as a table."""
    return pa.Table.from_pylist([_outcome(each) for each in outcomes], OUTCOME)


def _outcome(value: Mapping[str, Any]) -> dict[str, Any]:
    counts = {name: json.dumps(value.get(name) or {}, sort_keys=True) for name in ("quarantined", "flags")}
    numbers = {name: int(value[name]) for name in ("chunk", "repair", "rows", "accepted", "unkeyed") if value.get(name) is not None}
    times = {name: datetime.fromisoformat(value[name]) for name in ("moment", "recorded_at") if value.get(name)}
    words = {name: value.get(name) for name in ("delivery", "mode", "area", "type", "outcome")}
    return {"source": value.get("feed"), **words, **counts, **numbers, **times}


def _narrowed(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """The columns that are kept, in the order and types of the table; a missing column is null."""
    columns = [table.column(field.name).cast(field.type) if field.name in table.column_names else pa.nulls(table.num_rows, field.type) for field in schema]
    return pa.Table.from_arrays(columns, schema=schema)
