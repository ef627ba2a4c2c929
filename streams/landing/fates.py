"""Why rows of a delivery did not land: asked together and in halves, by what landing asks of whole blocks."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from contracts.model import Feed
from streams.landing.blocks import ROW
from streams.landing.convert import Converter, Tally
from streams.landing.inspect import inspect
from streams.landing.manifest import declared_for
from streams.landing.messages import Envelope
from streams.landing.model import UNDECLARED, Declared, Landing
from streams.landing.write_spool import converter_of


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a row that did not land: `refused` with the rule of the ban, `reduced` (a person under 14), or `layout` (a title or total)."""

    row: int
    fate: str
    rule: str | None = None


def fates(landing: Landing, feed: Feed, file: Path, rows: Collection[int], engine: duckdb.DuckDBPyConnection, declared: Declared = UNDECLARED) -> list[Fate]:
    """Of those `rows` (counted from 1 below the header) that do not land, why; in row order. Nothing is appended.

    Raises: what `land` raises for the file.
    """
    complete = declared_for(feed, file, declared)
    inspected = inspect(landing, feed, file, complete, engine)
    converter = converter_of(landing, Envelope(feed, "sample", complete, landing.clock.now(), landing.headers), engine)
    wanted, found = set(rows), list[Fate]()
    for block in inspected.blocks(feed):
        at = block.schema.get_field_index(ROW)
        asked = block.filter(pc.is_in(block.column(at), pa.array(sorted(wanted), pa.int32())))
        wanted -= set(asked.column(at).to_pylist())
        found += _asked(converter, asked, at)
    return sorted([*found, *(Fate(row, "layout") for row in wanted if row <= inspected.delivered)], key=lambda each: each.row)


def _asked(converter: Converter, block: pa.RecordBatch, at: int) -> list[Fate]:
    """The fates of a block's rows that do not land; a block of which not all have one fate is halved."""
    if not block.num_rows:
        return []
    tally = Tally()
    converter.convert(block, tally)
    if tally.landed == block.num_rows:
        return []
    if tally.reduced == block.num_rows:
        return [Fate(row, "reduced") for row in block.column(at).to_pylist()]
    if tally.refused == block.num_rows and len(tally.refusals) == 1:
        return [Fate(row, "refused", next(iter(tally.refusals))) for row in block.column(at).to_pylist()]
    half = block.num_rows // 2
    return [*_asked(converter, block.slice(0, half), at), *_asked(converter, block.slice(half), at)]
