"""The laws at the level of raw messages: a small demo district landed once, its raw messages in any arrangement, and the marts that come of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

from cabin.demo.generate import generate
from cabin.pipeline import Pipeline, Places
from contracts.model import Contracts
from contracts.ports import Message, Sealer
from streams.landing import Job, Landing, Outcome, Sizes, jobs_in, land_many
from streams.local import OUTCOMES, RAW, Ports, normalise_log
from streams.log import EmbeddedLog
from vault import Vault
from warehouse.hashes import mart_hashes
from warehouse.publish import snapshot_path

PEOPLE = 1_000
RECORDED = datetime(2026, 11, 25, 10, 0)
MEMORY_MB = 1_500
Raw = list[tuple[str, Message]]
"""Raw messages with their topics."""


class Stopped:
    """A clock that shows one moment, so that landing twice records the same."""

    def now(self) -> datetime:
        return RECORDED


@dataclass(frozen=True)
class District:
    """A demo district and where its parts lie."""

    folder: Path
    contracts: Contracts

    @contextmanager
    def vault(self) -> Iterator[Vault]:
        with Vault.open(self.folder / "vault") as vault:
            yield vault

    def jobs(self) -> list[Job]:
        return jobs_in([self.folder / "deliveries"], self.contracts)

    def land(self, name: str, sizes: Sizes) -> tuple[list[Outcome], Path]:
        """Lands every delivery on a log of its own, in messages of the given sizes."""
        path = self.folder / name / "log.sqlite"
        with EmbeddedLog.open(path, 2) as log, self.vault() as vault:

            @contextmanager
            def opened() -> Iterator[Landing]:
                yield Landing(log, vault, Stopped(), self.contracts, path.parent / "spool", sizes=sizes)

            return list(land_many(opened, self.jobs())), path


def make_district(folder: Path, contracts: Contracts) -> District:
    generate(folder, PEOPLE, seed=11)
    return District(folder, contracts)


def raw_messages(path: Path) -> Raw:
    """Every raw message of a log, in order."""
    found: Raw = []
    with EmbeddedLog.open(path) as log:
        for topic in log.topics():
            for partition in range(log.partitions) if topic.startswith(RAW) else ():
                offset = 0
                while read := log.read(topic, partition, offset):
                    found += [(topic, stored.message) for stored in read]
                    offset = read[-1].position.offset + 1
    return found


def rearranged(raw: Raw, chance: Random, repeats: float) -> Raw:
    """In another order, some twice."""
    given = raw + [one for one in raw if chance.random() < repeats]
    chance.shuffle(given)
    return given


def marts_of(contracts: Contracts, vault: Sealer, folder: Path, batches: Sequence[Raw], partitions: int, chance: Random) -> dict[str, str]:
    """The hashes of all marts after the messages arrived batch by batch on random partitions of a new log, everything being derived after each batch."""
    with EmbeddedLog.open(folder / "log.sqlite", partitions) as log:
        places = Places.of(folder)
        for batch in batches:
            for topic, message in batch:
                log.append(topic, chance.randrange(partitions), [message])
            Pipeline(folder, Ports(log, contracts, vault), places, 1, MEMORY_MB, lambda en, zh: None).drain()
        return mart_hashes(snapshot_path(places.published), contracts)


def outcomes_of(contracts: Contracts, vault: Sealer, folder: Path, raw: Raw) -> list[dict[str, Any]]:
    """What normalising says became of each raw message."""
    found: list[dict[str, Any]] = []
    with EmbeddedLog.open(folder / "log.sqlite", 2) as log:
        for number, (topic, message) in enumerate(raw):
            log.append(topic, number % 2, [message])
        normalise_log(Ports(log, contracts, vault), nullcontext, 1)
        for partition in range(log.partitions):
            offset = 0
            while read := log.read(OUTCOMES, partition, offset):
                found += [json.loads(stored.message.value) for stored in read]
                offset = read[-1].position.offset + 1
    return found
