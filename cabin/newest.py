"""The newest landed rows of a feed, as the log holds them: tokens for numbers, nothing of sealed cells."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from contracts.model import Contracts
from contracts.ports import Log
from contracts.topics import RAW
from streams.normalise.sound import Unsound, rows_in

ROWS = "raw.rows"


@dataclass(frozen=True, slots=True)
class Newest:
    """The delivery, and all its landed rows that can be read; `delivery` stands beside the number of each row."""

    delivery: str
    rows: pa.Table


def newest(log: Log, contracts: Contracts, feed: str) -> Newest | None:
    """The delivery recorded last, as it was delivered: without repairs; None where none has landed. Only its own messages are read."""
    topic = f"{RAW}{feed}"
    found = [
        (headers, partition, offset)
        for partition in range(log.partitions)
        for offset, headers in log.headers(topic, partition, 0)
        if headers.get("ce_type") == ROWS and headers.get("repair", "0") == "0"
    ]
    if not found:
        return None
    last, _, _ = max(found, key=lambda each: (each[0]["ce_time"], each[0].get("delivery", "")))
    delivery = last.get("delivery", "")
    mine = {(partition, offset) for headers, partition, offset in found if headers.get("delivery") == delivery}
    tables = [table for place in sorted(mine) if (table := _rows(log, contracts, topic, place)) is not None]
    return Newest(delivery, _with_delivery(pa.concat_tables(tables), delivery)) if tables else None


def _rows(log: Log, contracts: Contracts, topic: str, place: tuple[int, int]) -> pa.Table | None:
    """The rows of one message; None of one that normalising sets aside, too."""
    try:
        return rows_in(contracts, log.read(topic, place[0], place[1], limit_bytes=1)[0].message)
    except Unsound:
        return None


def _with_delivery(rows: pa.Table, delivery: str) -> pa.Table:
    return rows.append_column("delivery", pa.array([delivery] * rows.num_rows, pa.string()))
