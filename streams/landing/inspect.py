"""The first pass over a delivery: everything that could refuse it as a whole is found here, before anything is made or written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from contracts.ban import banned_columns
from contracts.model import Feed
from streams.errors import BannedColumns, EmptyDelivery, MissingColumns, NoHeader, WrongRowCount
from streams.landing.anothers import refuse_anothers
from streams.landing.blocks import Seen, blocks
from streams.landing.digest import CellDigest
from streams.landing.header import Matched, cleaned, match, shown, words
from streams.landing.model import Declared, Drift, Landing, Progress, Total
from streams.landing.read import read
from streams.landing.source import Source
from streams.landing.swapped import Swaps
from streams.landing.totals import judged_totals


@dataclass(frozen=True, slots=True)
class Inspected:
    """A delivery that may land: its name's input, its counts, and its blocks for the second pass."""

    named: bytes
    delivered: int
    layout: int
    fixes: dict[str, int]
    drift: tuple[Drift, ...]
    totals: tuple[Total, ...]
    source: Source
    matched: Matched
    kept: tuple[pa.RecordBatch, ...] | None

    def blocks(self, feed: Feed) -> Iterator[pa.RecordBatch]:
        """The blocks again: those kept in memory, or read anew."""
        return iter(self.kept) if self.kept is not None else blocks(feed, self.source, self.matched, Seen())


def inspect(landing: Landing, feed: Feed, file: Path, declared: Declared, engine: duckdb.DuckDBPyConnection) -> Inspected:
    """Raises every error of `streams.errors` that refuses a delivery."""
    source, matched = _matched(landing, feed, file, engine)
    seen, digest, swaps = Seen(), CellDigest([column.name for column in feed.columns]), Swaps(feed, landing.contracts, engine)
    kept = _Kept(landing.sizes.kept_bytes)
    for block in blocks(feed, source, matched, seen):
        digest.add(block)
        swaps.add(block)
        kept.add(block)
        landing.progress(Progress(file, "checked", seen.rows, declared.rows))
    if seen.rows == seen.layout:
        raise EmptyDelivery(file=file.name)
    _refuse_wrong_count(file, declared, seen)
    swaps.refuse(file)
    totals = judged_totals(feed, source, matched) if seen.layout else ()
    return Inspected(digest.of(feed, declared), seen.rows, seen.layout, source.fixes, seen.drift(feed, matched), totals, source, matched, kept.blocks)


def _matched(landing: Landing, feed: Feed, file: Path, engine: duckdb.DuckDBPyConnection) -> tuple[Source, Matched]:
    try:
        source = read(feed, file, landing.sizes, engine)
        _refuse_banned(feed, file, source)
        return source, match(feed, file, source.header)
    except (NoHeader, MissingColumns):
        refuse_anothers(landing, feed, file, engine)
        raise


class _Kept:
    """Keeps blocks as long as they fit; then none."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._blocks: list[pa.RecordBatch] | None = []

    @property
    def blocks(self) -> tuple[pa.RecordBatch, ...] | None:
        return None if self._blocks is None else tuple(self._blocks)

    def add(self, block: pa.RecordBatch) -> None:
        self._size += block.nbytes
        if self._size > self._limit:
            self._blocks = None
        elif self._blocks is not None:
            self._blocks.append(block)


def _refuse_banned(feed: Feed, file: Path, source: Source) -> None:
    known = words(feed)
    banned = banned_columns([header for header in source.header if cleaned(header) not in known])
    if banned:
        raise BannedColumns(file=file.name, columns=", ".join(f"{shown(header, 0)} ({rule})" for header, rule in banned))


def _refuse_wrong_count(file: Path, declared: Declared, seen: Seen) -> None:
    """The declared number may count total rows or leave them out."""
    if declared.rows is not None and declared.rows not in (seen.rows, seen.rows - seen.layout):
        raise WrongRowCount(file=file.name, declared=declared.rows, delivered=seen.rows - seen.layout)
