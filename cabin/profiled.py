"""Deliveries that were closed since the last time become profiles: read from the raw topics, counted in memory, kept in the data folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import duckdb
import pyarrow as pa

from contracts.engine import rows_of
from contracts.ipc import number_of
from contracts.model import Contracts, Feed
from contracts.normalising import RAW as RAW_ROWS
from contracts.normalising import raw_schema
from contracts.ports import Log, Message, Sealer
from contracts.profiling import profile_sql
from contracts.topics import RAW
from quality.monitors import Place, ProfileStore, closing_profile
from streams.landing import engine_of
from streams.landing.messages import CLOSING, ROWS
from streams.normalise import note_of
from streams.normalise.sound import Unsound, carried, rows_in
from streams.normalise.wire import machinery

BATCH_ROWS = 100_000
"""Rows that are profiled at once, unless one delivery alone has more."""
READ_BYTES = 16_000_000


@dataclass(frozen=True, slots=True)
class Profiler:
    """What profiling works with. `sealer` is asked for only where there is something to profile."""

    log: Log
    contracts: Contracts
    sealer: Callable[[], Sealer]
    store: ProfileStore


@dataclass(slots=True)
class _Batch:
    """Deliveries of a partition that were closed one after the other: where their messages lie, and how far that is."""

    place: Place
    closings: dict[str, int] = field(default_factory=dict)
    chunks: dict[str, Mapping[int, int]] = field(default_factory=dict)
    rows: int = 0


def bring_up_to_date(profiler: Profiler) -> int:
    """Profiles every delivery that was closed and is not profiled yet; their number. Where the store is of another log, all of it is made anew."""
    log, store = profiler.log, profiler.store
    ends = {
        (topic, partition): (log.topic_id(topic), log.end(topic, partition))
        for topic in log.topics()
        if topic.startswith(RAW)
        for partition in range(log.partitions)
    }
    if not store.read_from(ends):
        store.clear()
    known = {key: each for key, each in ends.items() if key[0].removeprefix(RAW) in profiler.contracts.feeds}
    places = [(store.place(*key, topic_id), end) for key, (topic_id, end) in sorted(known.items())]
    behind = [place for place, end in places if place.next < end]
    if not behind:
        return 0
    with engine_of(profiler.contracts) as engine:
        return sum(_profile(profiler, engine, batch) for place in behind for batch in _batches(log, place))


def _batches(log: Log, place: Place) -> Iterator[_Batch]:
    """The partition from the place on, in pieces that can be profiled at once; each has the place reached with it. Only headers are read."""
    waiting: dict[str, dict[int, int]] = {delivery: dict(chunks) for delivery, chunks in place.waiting.items()}
    rows: dict[str, int] = {}
    batch = _Batch(place)
    for offset, headers in log.headers(place.topic, place.partition, place.next):
        delivery, chunk = headers.get("delivery"), number_of(headers.get("chunk"))
        if delivery and chunk is not None and headers["ce_type"] == ROWS and headers.get("repair", "0") == "0":
            waiting.setdefault(delivery, {}).setdefault(chunk, offset)
            rows[delivery] = rows.get(delivery, 0) + (number_of(headers.get("rows")) or 0)
        elif delivery and headers["ce_type"] == CLOSING and delivery not in batch.closings:
            batch.closings[delivery], batch.chunks[delivery] = offset, waiting.pop(delivery, {})
            batch.rows += rows.pop(delivery, 0)
        batch.place = replace(batch.place, next=offset + 1)
        if batch.rows >= BATCH_ROWS:
            yield _reached(batch, waiting)
            batch = _Batch(batch.place)
    yield _reached(batch, waiting)


def _reached(batch: _Batch, waiting: Mapping[str, Mapping[int, int]]) -> _Batch:
    batch.place = replace(batch.place, waiting={delivery: dict(chunks) for delivery, chunks in waiting.items()})
    return batch


def _profile(profiler: Profiler, engine: duckdb.DuckDBPyConnection, batch: _Batch) -> int:
    feed = profiler.contracts.feeds[batch.place.topic.removeprefix(RAW)]
    fresh = set(batch.closings) - profiler.store.known(feed.name, batch.closings)
    offsets = {offset for delivery in fresh for offset in (batch.closings[delivery], *batch.chunks[delivery].values())}
    messages = list(_read(profiler.log, batch.place, offsets))
    told = [note_of(message.headers["ce_type"], message.value) for message in messages if message.headers["ce_type"] == CLOSING]
    closings: list[Mapping[str, Any]] = [note[0] for note in told if note is not None]
    profiles = [closing_profile(closings)] if closings else []
    for version, members in _by_version(profiler.contracts, [message for message in messages if message.headers["ce_type"] == ROWS]):
        rows = _rows(profiler, version, members)
        profiles += [profile(engine, version, rows)] if rows is not None else []
    profiler.store.add(profiles, batch.place)
    return len(closings)


def _by_version(contracts: Contracts, messages: list[Message]) -> list[tuple[Feed, list[Message]]]:
    """The messages by the version of the feed that they carry, whose columns they have; without those that normalising sets aside."""
    found: dict[int, tuple[Feed, list[Message]]] = {}
    for message in messages:
        try:
            feed = carried(contracts, message.headers)
        except Unsound:
            continue
        found.setdefault(feed.version, (feed, []))[1].append(message)
    return list(found.values())


def profile(engine: duckdb.DuckDBPyConnection, feed: Feed, rows: pa.Table) -> pa.Table:
    """The profile of raw rows, whose schema is `raw_schema` of the feed."""
    engine.register(RAW_ROWS, rows)
    try:
        return rows_of(engine, profile_sql(feed))
    finally:
        engine.unregister(RAW_ROWS)


def _read(log: Log, place: Place, offsets: set[int]) -> Iterator[Message]:
    """The messages at these offsets, in order."""
    while offsets:
        read = log.read(place.topic, place.partition, min(offsets), READ_BYTES)
        if not read:
            return
        yield from (each.message for each in read if each.position.offset in offsets)
        offsets = {offset for offset in offsets if offset > read[-1].position.offset}


def _rows(profiler: Profiler, feed: Feed, messages: list[Message]) -> pa.Table | None:
    """The rows of messages in one table with personal cells opened, in memory only; a message that normalising sets aside has none."""
    found: list[tuple[Message, pa.Table]] = []
    for message in messages:
        try:
            found.append((message, rows_in(profiler.contracts, message)))
        except Unsound:
            continue
    if not found:
        return None
    rows = pa.concat_tables([table for _, table in found])
    added = machinery([message.headers for message, _ in found], [table.num_rows for _, table in found])
    columns = {name: rows[name] for name in rows.schema.names} | added | {"opened": _opened(profiler, rows)}
    schema = raw_schema(feed)
    return pa.table([columns[name] for name in schema.names], schema=schema)


def _opened(profiler: Profiler, rows: pa.Table) -> pa.Array:
    if rows["sealed"].null_count == rows.num_rows:
        return pa.nulls(rows.num_rows, pa.string())
    return profiler.sealer().unseal(rows["subject"].combine_chunks(), rows["sealed"].combine_chunks())
