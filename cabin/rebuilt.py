"""Everything again from raw: the raw topics are read into a new log in a clean place, and all that is derived is derived anew."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path

from cabin.lock import only_run
from cabin.pipeline import Pipeline, Places
from cabin.ports import own_feeds
from cabin.session import Session
from contracts.ports import Log
from contracts.read import load
from contracts.topics import RAW
from streams.local import Ports
from streams.log import EmbeddedLog
from warehouse.hashes import mart_hashes
from warehouse.publish import snapshot_path

COPY_BYTES = 32_000_000


def rebuild(session: Session) -> list[tuple[str, str, str]]:
    """Mart, hash as published, hash as computed again.

    Raises: `NoSnapshot`, `AlreadyRunning`.
    """
    held = mart_hashes(snapshot_path(session.data / "published"), session.contracts)
    with ExitStack() as stack:
        stack.enter_context(only_run(session.data))
        clean = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=session.data, prefix="rebuild-")))
        log = stack.enter_context(EmbeddedLog.open(clean / "log.sqlite", session.log.partitions))
        copy_raw(session.log, log)
        places = _derive(session, log, clean)
        made = mart_hashes(snapshot_path(places.published), session.contracts)
    return [(name, held.get(name, "-"), made.get(name, "-")) for name in sorted({*held, *made})]


def copy_raw(source: Log, target: Log) -> None:
    """Every raw message in its order."""
    for topic in source.topics():
        if topic.startswith(RAW):
            for partition in range(source.partitions):
                offset = 0
                while read := source.read(topic, partition, offset, COPY_BYTES):
                    target.append(topic, partition, [stored.message for stored in read])
                    offset = read[-1].position.offset + 1


def _derive(session: Session, log: EmbeddedLog, clean: Path) -> Places:
    places = Places.of(clean)
    ports = Ports(log, load(extra=own_feeds(session.data)), session.vault)
    settings = session.settings
    Pipeline(clean, ports, places, 1, settings.memory_mb, session.out.progress).drain()
    return places
