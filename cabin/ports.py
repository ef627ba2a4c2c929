"""Opening the ports of one data folder, in whatever process: module functions, so that they can be sent to helpers by name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from cabin.clock import BeijingClock
from cabin.settings import Brokers
from contracts.ports import Log
from contracts.read import load
from contracts.topics import topics
from streams.errors import VaultBehindLog
from streams.landing import Landing, Progress, newest_vault, refuse_older_vault
from streams.landing.model import quiet
from streams.local import Ports
from streams.log import EmbeddedLog
from vault import Vault

if TYPE_CHECKING:
    from streams.log.kafka import KafkaLog


def own_feeds(data: Path) -> tuple[Path, ...]:
    """The data folder's own contracts, added to the shipped ones."""
    folder = data / "feeds"
    return (folder,) if folder.is_dir() else ()


def open_log(data: Path, brokers: Brokers | None = None, wanted: int | None = None) -> EmbeddedLog | KafkaLog:
    """The log, to be closed: behind brokers where they are named, else the folder's file, made with `wanted` partitions where it is missing.

    Raises: `BrokerUnreachable`, `TopicsMissing`, `PartitionCountFixed`, `LogUnreadable`.
    """
    if brokers is None:
        return EmbeddedLog.open(data / "log.sqlite", wanted)
    from streams.log.kafka import KafkaLog

    return KafkaLog.open(brokers.addresses, topics(load(extra=own_feeds(data)), brokers.partitions))


def open_vault(data: Path, log: Log) -> Vault:
    """The folder's vault, to be closed; made only where no raw message exists yet.

    Raises: `VaultBehindLog` where the log knows a later state of it, or where it is gone.
    """
    newest, folder = newest_vault(log), data / "vault"
    if newest is not None and not Vault.lies_in(folder):
        raise VaultBehindLog(vault=0, log=newest)
    vault = Vault.open(folder)
    try:
        refuse_older_vault(log, vault)
    except VaultBehindLog:
        vault.close()
        raise
    return vault


@contextmanager
def open_landing(data: Path, told: bool = False, brokers: Brokers | None = None) -> Iterator[Landing]:
    """What landing needs; `told`: long files report their progress on standard error."""
    with open_log(data, brokers) as log, open_vault(data, log) as vault:
        yield Landing(log, vault, BeijingClock(), load(extra=own_feeds(data)), data / "spool", progress=_tell if told else quiet)


@contextmanager
def open_ports(data: Path, brokers: Brokers | None = None) -> Iterator[Ports]:
    """What normalising needs."""
    with open_log(data, brokers) as log, open_vault(data, log) as vault:
        yield Ports(log, load(extra=own_feeds(data)), vault)


def _tell(progress: Progress) -> None:
    import sys

    share = f" of {progress.total:,}" if progress.total else ""
    print(f"{progress.file.name}: {progress.step} {progress.done:,}{share}", file=sys.stderr)
