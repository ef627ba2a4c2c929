"""The address alias table on the log: released versions lie on the raw topics of the address feeds, beside the deliveries they were made from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import orjson
import pyarrow as pa

from contracts.aliases import UNALIASED, Aliases, Proposal
from contracts.database import connect
from contracts.engine import prepare
from contracts.facts import NAMING
from contracts.ipc import number_of
from contracts.model import Contracts, Feed
from contracts.ports import Log, Message, Sealer, Stored
from streams.normalise import naming, proposed
from streams.normalise.notes import aliases_of

RELEASED = "aliases"
READ_BYTES = 16_000_000
MEMORY_LIMIT = "2GB"


def topic_of(feed: Feed) -> str:
    return f"cabin.raw.{feed.name}"


def released(log: Log, feeds: Iterable[Feed]) -> Aliases:
    """The newest released version among the topics of the address feeds; of one version released twice the earlier counts."""
    found = [
        (-version, headers["ce_time"], topic, partition, offset)
        for topic in map(topic_of, feeds)
        for partition in range(log.partitions)
        for offset, headers in log.headers(topic, partition, 0)
        if headers["ce_type"] == RELEASED and (version := number_of(headers.get("version"))) is not None
    ]
    for _, _, topic, partition, offset in sorted(found):
        table = aliases_of(log.read(topic, partition, offset, limit_bytes=1)[0].message.value)
        if table is not None:
            return table
    return UNALIASED


def proposal_of(log: Log, contracts: Contracts, opener: Sealer, off: frozenset[str]) -> Proposal:
    """The table that everything landed from the address feeds gives now; feeds and deliveries in `off` do not count."""
    with connect() as engine:
        prepare(engine, contracts, threads=1, memory_limit=MEMORY_LIMIT)
        kept = [naming(engine, contracts, opener, stored) for feed in contracts.address_feeds if feed.name not in off for stored in _rows_of(log, feed, off)]
        return proposed(engine, pa.concat_tables([NAMING.empty_table(), *kept]))


def released_message(fact: dict[str, object], recorded_at: str, feed: Feed) -> Message:
    """The one message that releases a version."""
    headers = {
        "ce_id": f"{RELEASED}/{fact['version']}",
        "ce_source": "cabin/alias",
        "ce_type": RELEASED,
        "ce_time": recorded_at,
        "content-type": "application/json",
        "feed": feed.name,
        "version": str(fact["version"]),
        "rows": "0",
    }
    return Message(orjson.dumps(fact), headers, RELEASED.encode())


def _rows_of(log: Log, feed: Feed, off: frozenset[str]) -> Iterator[list[Stored]]:
    for partition in range(log.partitions):
        offset = 0
        while read := log.read(topic_of(feed), partition, offset, READ_BYTES):
            offset = read[-1].position.offset + 1
            yield [each for each in read if each.message.headers.get("delivery") not in off]
