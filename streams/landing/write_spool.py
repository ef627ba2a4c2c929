"""The second pass: blocks are converted and their messages written into the spool, the closing one last."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from contracts.ports import Message
from streams.landing.bans import bans_of
from streams.landing.blocks import ROW
from streams.landing.convert import Converter, Tally
from streams.landing.inspect import Inspected
from streams.landing.messages import MINORS, PRESENCE, ROWS, Envelope, Rechunked, arrow_bytes
from streams.landing.model import Landing, Progress
from streams.landing.rows_sql import judged_sql
from streams.landing.spool import SpoolWriter


@dataclass(slots=True)
class _Delivery:
    """One delivery on its way into the spool."""

    landing: Landing
    envelope: Envelope
    inspected: Inspected
    converter: Converter
    message_rows: int
    tally: Tally = field(default_factory=Tally)
    chunks: int = 0
    reduced: list[pa.Table] = field(default_factory=list)
    presences: list[pa.Table] = field(default_factory=list)

    def messages(self, file: Path) -> Iterator[Message]:
        """All messages in order; the tally is complete when the last one comes."""
        pieces = Rechunked(self.message_rows)
        done = 0
        for block in self.inspected.blocks(self.envelope.feed):
            converted = self.converter.convert(block, self.tally)
            self.reduced += [converted.reduced] if converted.reduced is not None else []
            self.presences += [converted.presences] if converted.presences is not None else []
            yield from (self._chunk(ROWS, piece) for piece in pieces.add(converted.rows))
            done += block.num_rows
            self.landing.progress(Progress(file, "spooled", done, self.inspected.delivered))
        yield from (self._chunk(ROWS, piece) for piece in pieces.rest())
        yield from self._late(MINORS, self._minors())
        yield from self._late(PRESENCE, pa.concat_tables(self.presences) if self.presences else None)
        yield self._closing()

    def _chunk(self, kind: str, table: pa.Table) -> Message:
        message = self.envelope.message(kind, self.chunks, table.num_rows, self.landing.sealer.sequence, arrow_bytes(table))
        self.chunks += 1
        return message

    def _late(self, kind: str, table: pa.Table | None) -> Iterator[Message]:
        if table is not None and table.num_rows:
            pieces = Rechunked(self.message_rows)
            yield from (self._chunk(kind, piece) for piece in pieces.add(table))
            yield from (self._chunk(kind, piece) for piece in pieces.rest())

    def _minors(self) -> pa.Table | None:
        """A full list counts its reduced rows per kept cells; other modes drop them."""
        feed = self.envelope.feed
        if feed.minors is None or not feed.minors.keep or not self.reduced or self.envelope.declared.mode != "snapshot":
            return None
        keep = list(feed.minors.keep)
        table = pa.concat_tables(self.reduced).select([ROW, *keep]).group_by(keep).aggregate([(ROW, "min"), (ROW, "count")])
        table = pa.table({"row": table[f"{ROW}_min"], **{name: table[name] for name in keep}, "minors": table[f"{ROW}_count"].cast(pa.int32())})
        return self.converter.seal_kept(table.sort_by("row"))

    def _closing(self) -> Message:
        tally, inspected, declared = self.tally, self.inspected, self.envelope.declared
        counts = {
            "declared": inspected.delivered if declared.rows is not None else None,
            "delivered": inspected.delivered,
            "refused": tally.refused,
            "reduced": tally.reduced,
            "layout": inspected.layout,
            "landed": tally.landed,
            "unkeyed": tally.unkeyed,
            "wrong_totals": sum(not total.agrees for total in inspected.totals) if inspected.totals else None,
        }
        assert inspected.delivered == tally.refused + tally.reduced + inspected.layout + tally.landed
        return self.envelope.closing(counts, self.chunks, self.landing.sealer.sequence, self._for_people())

    def _for_people(self) -> dict[str, Any]:
        return {
            "refusals": dict(sorted(self.tally.refusals.items())),
            "fixes": dict(sorted((self.tally.fixes + type(self.tally.fixes)(self.inspected.fixes)).items())),
            "faults": dict(sorted(self.tally.faults.items())),
            "drift": [dataclasses.asdict(drift) for drift in self.inspected.drift],
            "totals": [dataclasses.asdict(total) for total in self.inspected.totals],
        }


def write_spool(
    landing: Landing, envelope: Envelope, inspected: Inspected, engine: duckdb.DuckDBPyConnection, path: Path, file: Path, message_rows: int
) -> None:
    """Makes the delivery's tokens, seals its cells and writes all its messages; complete and durable on return."""
    delivery = _Delivery(landing, envelope, inspected, converter_of(landing, envelope, engine), message_rows)
    with SpoolWriter(landing.files, path) as spool:
        for message in delivery.messages(file):
            spool.add(message)
        spool.finish()


def converter_of(landing: Landing, envelope: Envelope, engine: duckdb.DuckDBPyConnection) -> Converter:
    """What turns the delivery's blocks into raw rows."""
    feed = envelope.feed
    at = (envelope.declared.moment or envelope.recorded_at).date()
    plain, with_codes = (judged_sql(feed, at, envelope.recorded_at.date(), codes) for codes in (False, True))
    return Converter(feed, engine, landing.sealer, envelope.delivery, str(envelope.declared.mode), plain, with_codes, bans_of(feed))
