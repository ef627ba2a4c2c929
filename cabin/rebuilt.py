"""Everything again, in a clean place and compared: from raw, read into a new log and derived anew, or the warehouse from history."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path

from cabin.clock import BeijingClock
from cabin.lock import only_run
from cabin.pipeline import Disk, Pipeline, Places, name_key
from cabin.ports import own_feeds
from cabin.published import retention_of
from cabin.remembered import folder_of
from cabin.session import Session
from contracts.ports import Log
from contracts.read import load
from contracts.topics import RAW
from streams.local import Ports
from streams.log import EmbeddedLog
from warehouse.hashes import mart_hashes
from warehouse.history import restore
from warehouse.load import Current
from warehouse.publish import Published, Publisher, snapshot_path

COPY_BYTES = 32_000_000


def rebuild(session: Session, from_history: bool = False) -> list[tuple[str, str, str]]:
    """Mart, hash as published, hash as computed again.

    Raises: `NoSnapshot`, `AlreadyRunning`; from history also what `restore` raises.
    """
    held = mart_hashes(snapshot_path(session.data / "published"), session.contracts)
    with ExitStack() as stack:
        stack.enter_context(only_run(session.data))
        clean = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=session.data, prefix="rebuild-")))
        made = mart_hashes(_restored(session, clean).path if from_history else _derived(session, clean, stack), session.contracts)
    return [(name, held.get(name, "-"), made.get(name, "-")) for name in sorted({*held, *made})]


def restore_warehouse(session: Session) -> str:
    """The warehouse's own file made anew from history, and published as a whole; the name of the snapshot.

    Raises: `AlreadyRunning`, `WarehouseInUse`, and what `restore` raises: then the file and the snapshot are as they were; `PublishRefused`: then the snapshot is.
    """
    with only_run(session.data):
        return _restored(session, session.data).snapshot


def _restored(session: Session, data: Path) -> Published:
    """The current file below `data` from history, and a whole snapshot of it there."""
    places, settings = Places.of(data), session.settings
    with Current.open(places.warehouse / "current.duckdb", session.contracts, memory_mb=settings.memory_mb // 2, threads=settings.processes) as current:
        restore(current, folder_of(session), session.log, memory_mb=settings.memory_mb // 4)
        current.load(session.log)
        publisher = Publisher(places.published, name_key(session.vault), retention=retention_of(settings, BeijingClock()), gated=data == session.data)
        return publisher.publish(current, whole=True)


def _derived(session: Session, clean: Path, stack: ExitStack) -> Path:
    """The snapshot of a cabin made from the raw messages alone."""
    log = stack.enter_context(EmbeddedLog.open(clean / "log.sqlite", session.log.partitions))
    copy_raw(session.log, log)
    return snapshot_path(_derive(session, log, clean).published)


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
    disk = Disk(gated=False)  # nobody reads it, and what it is compared with may be published in spite of a broken promise
    Pipeline(clean, ports, places, 1, settings.memory_mb, session.out.progress, disk).drain()
    return places
