"""The quarantine desk of one cabin: its ports. Raw rows are opened and made by landing, judged by normalising, and lie on the log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cabin.clock import BeijingClock
from cabin.session import Session
from contracts.ipc import number_of, read_table
from contracts.model import Contracts, Feed
from contracts.partition import partition_of
from contracts.ports import Log, Message, Position, Sealer, Stored
from contracts.topics import RAW
from quality.desk import ask
from quality.desk.index import opened
from quality.desk.ports import Mended, Numbered, Opened
from quality.desk.steps import Rows
from quality.desk.work import Desk
from streams.aliases import released
from streams.landing import engine_of
from streams.landing.convert import key_columns
from streams.landing.repair import Kept, Numbers, clear_cells, conformed, landed_fields, mended_rows, repair_message, unsealed
from streams.normalise import normalise_messages
from streams.normalise.sound import Unsound, carried

PLACE = ("__delivery", "__chunk", "__row")


def desk_of(session: Session) -> Desk:
    """The desk as a command works with it; the vault is opened with it."""
    settings = session.settings
    raw = RawRows(session.data / "desk", session.log, session.vault, session.contracts)
    session.stack.callback(raw.close)
    return Desk(session.data / "desk", session.log, session.vault, BeijingClock(), session.contracts, raw, settings.actor, settings.desk_rows)


@dataclass(slots=True)
class RawRows:
    """Implements `quality.desk.ports.Raw` over one log; the engine is made when it is needed first."""

    folder: Path
    log: Log
    sealer: Sealer
    contracts: Contracts
    _engine: duckdb.DuckDBPyConnection | None = None

    def keys(self, feed: Feed) -> Sequence[str]:
        return [column.name for column in key_columns(feed)]

    def open(self, feed: str, rows: Sequence[Rows]) -> Opened:
        """Reads each raw message once, in log order."""
        with opened(self.folder, self.log) as con:
            places = ask.places(con, rows)
        found: list[tuple[Rows, Feed | None, Message]] = []
        for each in sorted((each for each in rows if (each.delivery, each.chunk) in places), key=lambda each: places[each.delivery, each.chunk]):
            message = self.log.read(*places[each.delivery, each.chunk], limit_bytes=1)[0].message
            found.append((each, _version(self.contracts, message.headers), message))
        declared = max((version for _, version, _ in found if version), key=lambda version: version.version, default=self.contracts.feeds[feed])
        older = frozenset((each.delivery, row) for each, version, _ in found if version is not declared for row in each.rows)
        return self._opened(declared, [(each, message) for each, version, message in found if version is declared], older)

    def _opened(self, declared: Feed, found: Sequence[tuple[Rows, Message]], older: frozenset[tuple[str, int]]) -> Opened:
        """Rows of messages of one version."""
        taken: list[pa.Table] = []
        parents: dict[tuple[str, int], Mapping[str, str]] = {}
        for each, message in found:
            table = conformed(declared, read_table(message.value))
            table = table.filter(pc.is_in(table["row"], value_set=pa.array(each.rows, pa.int32())))
            parents[each.delivery, each.chunk] = message.headers
            for name, value in (("__delivery", pa.array([each.delivery] * table.num_rows)), ("__chunk", pa.array([each.chunk] * table.num_rows, pa.int32()))):
                table = table.append_column(name, value)
            taken.append(table)
        raw = pa.concat_tables(taken).combine_chunks() if taken else _no_rows(declared)
        raw, texts, locked = unsealed(self.sealer, raw)
        cells = clear_cells(declared, self.engine, raw, texts)
        for name, column in (("__delivery", raw["__delivery"]), ("__chunk", raw["__chunk"]), ("__row", raw["row"])):
            cells = cells.append_column(name, column)
        destroyed = frozenset((each["__delivery"], each["row"]) for each in locked.select(["__delivery", "row"]).to_pylist())
        return Opened(declared, cells, raw, parents, destroyed, older)

    def mend(self, opened: Opened, cells: pa.Table, numbered: Numbered) -> Mended:
        """Delivery by delivery, because each has a key and dates of its own."""
        declared = opened.declared
        messages: dict[tuple[str, int], Message] = {}
        refused: dict[tuple[str, int], str] = {}
        for delivery, places in _runs(opened.raw["__delivery"]):
            raw, before, after = opened.raw.take(places), opened.cells.take(places), cells.take(places)
            first = opened.parents[delivery, raw["__chunk"][0].as_py()]
            made, reasons = mended_rows(declared, self.engine, self.sealer, Kept(raw, before, first), after)
            refused |= {(delivery, row): reason for row, reason in reasons.items()}
            kept = raw.filter(pc.invert(pc.is_in(raw["row"], value_set=pa.array(list(reasons), pa.int32())))) if reasons else raw
            for chunk, within in _runs(kept["__chunk"]):
                number = Numbers(numbered.step, *numbered.numbers[delivery, chunk], datetime.fromisoformat(numbered.recorded_at))
                parent = opened.parents[delivery, chunk]
                messages[delivery, chunk] = repair_message(declared, made.take(within).combine_chunks(), parent, number, self.sealer.sequence)
        return Mended(messages, refused)

    def check(self, messages: Sequence[Message]) -> Mapping[tuple[str, int], tuple[str, str | None]]:
        """What normalising makes of the messages, as if they lay on the log."""
        stored = [Stored(Position(RAW + each.headers["feed"], 0, place), each) for place, each in enumerate(messages)]
        aliases = released(self.log, self.contracts.address_feeds)
        derived = normalise_messages(self.engine, self.contracts, self.sealer, stored, self.log.partitions, {}, aliases)
        found = [row for listed in derived.quarantine.values() for each in listed for row in read_table(each.value).drop_columns(["sealed"]).to_pylist()]
        return {(row["delivery"], row["row"]): (row["reason"], row["column"]) for row in found}

    def present(self, feed: str, deliveries: Sequence[str]) -> set[tuple[str, int]]:
        wanted, topic = set(deliveries), RAW + feed
        found: set[tuple[str, int]] = set()
        for partition in sorted({partition_of(each, self.log.partitions) for each in wanted}):
            for _, headers in self.log.headers(topic, partition, 0):
                chunk = number_of(headers.get("chunk"))
                if headers.get("delivery") in wanted and chunk is not None and headers.get("repair", "0") != "0":
                    found.add((headers["delivery"], chunk))
        return found

    def append(self, feed: str, messages: Sequence[Message]) -> None:
        if messages:
            self.log.append(RAW + feed, partition_of(messages[0].headers["delivery"], self.log.partitions), messages)

    @property
    def engine(self) -> duckdb.DuckDBPyConnection:
        """One engine for landing's statements and normalising's."""
        self._engine = self._engine or engine_of(self.contracts)
        return self._engine

    def close(self) -> None:
        if self._engine is not None:
            self._engine.close()
            self._engine = None


def _version(contracts: Contracts, headers: Mapping[str, str]) -> Feed | None:
    """The version of the contract that a message follows; None where it is not kept."""
    try:
        return carried(contracts, headers)
    except Unsound:
        return None


def _no_rows(feed: Feed) -> pa.Table:
    fields = [pa.field("__delivery", pa.string()), pa.field("__chunk", pa.int32())]
    return pa.schema([*landed_fields(feed), *fields]).empty_table()


def _runs(column: pa.ChunkedArray) -> list[tuple[Any, pa.Array]]:
    """The places of each value, in order of value."""
    coded = pc.dictionary_encode(column).combine_chunks()
    codes = np.asarray(coded.indices)
    order = np.argsort(codes, kind="stable")
    ends = np.flatnonzero(np.diff(codes[order])) + 1
    parts = np.split(order, ends) if len(order) else []
    return sorted(((coded.dictionary[int(codes[part[0]])].as_py(), pa.array(part)) for part in parts), key=lambda each: str(each[0]))
