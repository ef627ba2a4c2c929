"""What the log holds beyond a state of history, in batches that are worth files of their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product

import pyarrow as pa

from contracts.ports import Log
from warehouse.ahead import ahead
from warehouse.errors import HistoryBehindLog
from warehouse.history.manifest import Manifest, Reached
from warehouse.slices import SLICE_ROWS, Slice, Taking, slices

TOPICS = ("cabin.claims", "cabin.outcomes", "cabin.quarantine", "cabin.releases")


class LogMoved(Exception):
    """The log became another one while it was read: what was read may stand where something read before was lost."""


@dataclass(slots=True)
class Batch:
    """Rows by table, and how far the partitions they come from are read with them."""

    tables: dict[str, pa.Table] = field(default_factory=dict)
    reached: list[Reached] = field(default_factory=list)

    @property
    def rows(self) -> int:
        return sum(table.num_rows for table in self.tables.values())

    def add(self, arrived: Slice) -> None:
        for name, rows in arrived.tables.items():
            self.tables[name] = pa.concat_tables([self.tables[name], rows]) if name in self.tables else rows
        self.reached.append(Reached(arrived.topic, arrived.partition, arrived.after, arrived.digest))


def batches(log: Log, begun: Manifest, taking: Taking) -> Iterator[Batch]:
    """All that lies beyond the positions of `begun`, a few rows of many partitions together.

    Raises: `HistoryBehindLog` where the log does not begin where the state ends; `LogMoved`.
    """
    batch = Batch()
    for arrived in _arriving(log, begun, taking):
        if batch.reached and batch.rows + _rows(arrived.tables) > SLICE_ROWS:
            yield batch
            batch = Batch()
        batch.add(arrived)
    if batch.reached:
        yield batch


def _arriving(log: Log, begun: Manifest, taking: Taking) -> Iterator[Slice]:
    for topic, partition in product(TOPICS, range(log.partitions)):
        start = begun.start(topic, partition)
        for arrived in ahead(slices(log, topic, partition, start, taking)):
            if log.moved():
                raise LogMoved
            if arrived.first > start:
                raise HistoryBehindLog(topic=topic, partition=partition)
            start = arrived.after
            yield arrived


def _rows(tables: Mapping[str, pa.Table]) -> int:
    return sum(table.num_rows for table in tables.values())
