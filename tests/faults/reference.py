"""The reference: a fresh cabin on a file's log that is given the same raw messages and runs once, in one go, undisturbed."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from cabin.pipeline import Pipeline, Places
from cabin.rebuilt import copy_raw
from contracts.ports import Log
from contracts.read import load
from contracts.topics import topics
from streams.local import Ports
from streams.log import EmbeddedLog
from streams.log.kafka import KafkaLog
from tests.faults.reading import Record
from vault import Vault
from warehouse.hashes import mart_hashes
from warehouse.publish import snapshot_path

MEMORY_MB = 2000


@dataclass(frozen=True, slots=True)
class Reference:
    """What the raw messages come to: the snapshot with its marts' hashes, and the claims."""

    snapshot: Path
    hashes: Mapping[str, str]
    claims: tuple[Record, ...]


def reference(folder: Path, brokers: str, vault: Path, partitions: int) -> Reference:
    """Computed in `folder` from the raw topics as they are now."""
    contracts = load()
    folder.mkdir()
    with ExitStack() as stack:
        log = stack.enter_context(EmbeddedLog.open(folder / "log.sqlite", partitions))
        copy_raw(stack.enter_context(KafkaLog.open(brokers, topics(contracts, partitions))), log)
        ports = Ports(log, contracts, stack.enter_context(Vault.open(vault)))
        Pipeline(folder, ports, Places.of(folder), 1, MEMORY_MB, lambda en, zh: None).drain()
        snapshot = snapshot_path(folder / "published")
        return Reference(snapshot, mart_hashes(snapshot, contracts), tuple(_claims(log)))


def _claims(log: Log) -> list[Record]:
    found = []
    for partition in range(log.partitions):
        offset = 0
        while read := log.read("cabin.claims", partition, offset):
            found += [Record("cabin.claims", partition, each.position.offset, "", each.message.value, dict(each.message.headers)) for each in read]
            offset = read[-1].position.offset + 1
    return found
