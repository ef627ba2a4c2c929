"""Recording which contracts are in force: whoever runs under other ones than were recorded last puts them on the log, once."""

from __future__ import annotations

from pathlib import Path

from cabin.ledger import messages
from cabin.ports import own_feeds
from contracts.ipc import Unreadable, read_table
from contracts.ports import Clock, Log, Message
from contracts.read import load, texts
from contracts.releases import name_of, parts_of, release_table
from contracts.topics import RELEASES
from streams.aliases import released
from streams.reconcile.batches import encoded
from warehouse.catalogue import mart_texts


def record_release(log: Log, data: Path, clock: Clock) -> str | None:
    """The name of the release that is recorded by this, None where the newest one on the log is the one in force."""
    extra = own_feeds(data)
    parts = parts_of(texts(extra=extra), mart_texts(), released(log, load(extra=extra).address_feeds))
    newest = [headers.get("release") for _, headers in log.headers(RELEASES, 0, max(0, log.end(RELEASES, 0) - 1))]
    if newest[-1:] == [name_of(parts)]:
        return None
    moment = clock.now()
    table = release_table(parts, moment, _known(log))
    at = moment.isoformat(timespec="milliseconds")
    headers = {"ce_id": f"release/{name_of(parts)}/{at}", "ce_source": "cabin/run", "ce_type": "release", "ce_time": at, "rows": str(table.num_rows)}
    log.append(RELEASES, 0, [Message(encoded(table), {**headers, "content-type": "application/vnd.apache.arrow.stream", "release": name_of(parts)})])
    return name_of(parts)


def _known(log: Log) -> frozenset[str]:
    """Digests of the texts that some release on the log tells."""
    found: set[str] = set()
    for stored in messages(log, RELEASES, 0):
        try:
            rows = read_table(stored.message.value).select(["digest", "text"]).to_pylist()
        except (Unreadable, KeyError):
            continue
        found |= {row["digest"] for row in rows if row["text"] is not None}
    return frozenset(found)
