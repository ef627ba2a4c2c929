"""Why rows of a delivery did not land: each asked alone, by what landing asks of whole blocks."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import duckdb

from contracts.model import Feed
from streams.landing.blocks import ROW
from streams.landing.convert import Tally
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
    wanted, found = set(rows), []
    for block in inspected.blocks(feed):
        numbers = block.column(block.schema.get_field_index(ROW)).to_pylist()
        for place, row in enumerate(numbers):
            if row in wanted:
                tally = Tally()
                converter.convert(block.slice(place, 1), tally)
                wanted.remove(row)
                found += [Fate(row, "refused", next(iter(tally.refusals), None))] if tally.refused else [Fate(row, "reduced")] if tally.reduced else []
    return sorted([*found, *(Fate(row, "layout") for row in wanted if row <= inspected.delivered)], key=lambda each: each.row)
