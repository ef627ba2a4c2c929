"""Repair messages: rows of raw messages that were quarantined, opened, and made anew as landing makes rows, with the same checks, tokens and seals.

A repair names its parent and keeps the delivery, row numbers, mode, moment and area of it, so its origin and snapshot stay; only its chunk number, its repair number
and its `recorded_at` are its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from contracts.model import Feed, Mode
from contracts.normalising import raw_schema
from contracts.ports import Message, Sealer
from streams.landing.bans import bans_of
from streams.landing.blocks import LONG_TEXT, PADDED, ROW, WIDE
from streams.landing.convert import Converter
from streams.landing.messages import ROWS, Envelope, arrow_bytes
from streams.landing.model import Declared
from streams.landing.rows_sql import judged_sql, quoted

ERASED = "erased"


@dataclass(frozen=True, slots=True)
class Numbers:
    """What a repair message says of itself: the step that made it, its chunk and repair numbers, and when."""

    step: str
    chunk: int
    repair: int
    recorded_at: datetime


def conformed(feed: Feed, table: pa.Table) -> pa.Table:
    """The landed columns of the feed's present contract, absent ones blank."""
    fields = landed_fields(feed)
    return pa.table(
        [table[each.name].cast(each.type) if each.name in table.column_names else pa.nulls(table.num_rows, each.type) for each in fields], schema=fields
    )


def landed_fields(feed: Feed) -> pa.Schema:
    """What a raw message of rows holds, in order."""
    schema = raw_schema(feed)
    return pa.schema(list(schema)[: schema.get_field_index("flags") + 1])


def clear_cells(feed: Feed, engine: duckdb.DuckDBPyConnection, rows: pa.Table, opened: pa.StringArray) -> pa.Table:
    """Every contract column as the text that was landed, row by row; null where it is blank or became a token. `opened` are the sealed cells of each row as JSON."""
    shape = "{" + ",".join(f'"{column.name}":"VARCHAR"' for column in feed.columns) + "}"
    cells = []
    for column in feed.columns:
        name, sealed = quoted(column.name), f"__open.{quoted(column.name)}"
        if column.identifier:
            cells.append(f"case when {quoted(f'{column.name}_check')} is null then coalesce({name}, {sealed}) end as {name}")
        else:
            cells.append(f"{sealed} as {name}" if column.sealed else f"coalesce({name}, {sealed}) as {name}")
    engine.register("repaired", rows.append_column("__opened", opened))
    try:
        sql = f"select {', '.join(cells)} from (select *, from_json(__opened, '{shape}') as __open from repaired)"
        return engine.sql(sql).to_arrow_table()
    finally:
        engine.unregister("repaired")


def unsealed(sealer: Sealer, rows: pa.Table) -> tuple[pa.Table, pa.StringArray, pa.Table]:
    """The rows whose sealed cells can be opened, those cells as JSON, and the rows sealed under a key that was destroyed."""
    opened = sealer.unseal(_one(rows["subject"]), _one(rows["sealed"]))
    locked = pc.and_(pc.is_valid(_one(rows["sealed"])), pc.is_null(opened))
    if not locked.true_count:
        return rows, opened, rows.slice(0, 0)
    return rows.filter(pc.invert(locked)).combine_chunks(), opened.filter(pc.invert(locked)), rows.filter(locked)


@dataclass(frozen=True, slots=True)
class Kept:
    """Rows of one delivery as they were landed: `rows` raw, `cells` in clear, `parent` what a message of theirs says in its headers."""

    rows: pa.Table
    cells: pa.Table
    parent: Mapping[str, str]


def mended_rows(feed: Feed, engine: duckdb.DuckDBPyConnection, sealer: Sealer, kept: Kept, cells: pa.Table) -> tuple[pa.Table, dict[int, str]]:
    """Raw rows made of mended `cells`, in order, and the rows that landing would not take with the reason.

    What became a token at landing stays that token, what was put right then stays told.
    """
    parent, rows = kept.parent, _unjudged(feed, kept, cells)
    recorded = _moment(parent["ce_time"]) or datetime.min
    at, today = (_moment(parent.get("moment")) or recorded).date(), recorded.date()
    converter = _converter(feed, engine, sealer, parent, at, today)
    count = cells.num_rows
    marks = {name: pa.array(np.zeros(count, np.bool_)) for name in (WIDE, PADDED, LONG_TEXT)}
    block = pa.table({ROW: _one(rows["row"]), **{column.name: _one(cells[column.name]) for column in feed.columns}, **marks})
    made, refusals = converter.again(block.combine_chunks().to_batches()[0], rows)
    return conformed(feed, made), refusals


def repair_message(feed: Feed, table: pa.Table, parent: Mapping[str, str], numbers: Numbers, sequence: int) -> Message:
    """The rows as one raw message that names its parent."""
    dated = parent.get("moment") or parent["ce_time"]  # rows without a time of their own stay as old as they were when they were delivered
    declared = Declared(moment=_moment(dated), area=parent.get("area"), mode=cast(Mode, parent.get("mode", "increment")))
    named = {"ce_source": "cabin/desk", "repair": str(numbers.repair), "parent": parent["ce_id"], "step": numbers.step}
    envelope = Envelope(feed, parent["delivery"], declared, numbers.recorded_at, named)
    return envelope.message(ROWS, numbers.chunk, table.num_rows, sequence, arrow_bytes(table))


def _unjudged(feed: Feed, kept: Kept, cells: pa.Table) -> pa.Table:
    """The landed rows; whether a number agrees with a sex or birth date that is another now, nobody but the vault could say."""
    rows = kept.rows
    for column in feed.columns:
        for given, agrees in ((column.sex_column, f"{column.name}_sex_agrees"), (column.birth_column, f"{column.name}_birth_agrees")):
            if column.identifier == "subject" and given:
                before, after = _one(kept.cells[given]), _one(cells[given])
                same = pc.or_(pc.fill_null(pc.equal(before, after), pa.scalar(False)), pc.and_(pc.is_null(before), pc.is_null(after)))
                place = rows.schema.get_field_index(agrees)
                rows = rows.set_column(place, rows.schema.field(place), pc.if_else(same, _one(rows[agrees]), pa.scalar(None, pa.bool_())))
    return rows


def _converter(feed: Feed, engine: duckdb.DuckDBPyConnection, sealer: Sealer, parent: Mapping[str, str], at: date, today: date) -> Converter:
    plain, with_codes = (judged_sql(feed, at, today, codes) for codes in (False, True))
    return Converter(feed, engine, sealer, parent["delivery"], parent.get("mode", "increment"), plain, with_codes, bans_of(feed))


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _one(column: pa.ChunkedArray | pa.Array) -> Any:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
