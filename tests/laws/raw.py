"""The laws at the level of raw messages: a demo district, or a few households of it, landed once; its raw messages in any arrangement, and the marts that come of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

from cabin.demo.generate import generate
from cabin.pipeline import Disk, Pipeline, Places
from contracts.model import Contracts
from contracts.ports import Message, Sealer
from contracts.topics import OUTCOMES, RAW
from streams.landing import Job, Landing, Outcome, Sizes, jobs_in, land_many
from streams.local import Ports, normalise_log
from streams.log import EmbeddedLog
from tests.cabin.kit import small_set
from vault import Vault
from warehouse.hashes import mart_hashes
from warehouse.publish import snapshot_path

PEOPLE = 1_000
RECORDED = datetime(2026, 11, 25, 10, 0)
MEMORY_MB = 1_500
Raw = list[tuple[str, Message]]
"""Raw messages with their topics."""


STEPS: tuple[Callable[[Pipeline], object], ...] = (lambda job: normalise_log(job.ports, nullcontext, 1), Pipeline.fold, Pipeline.publish)
FEW_FEEDS = ("ps_resident", "rental", "visit")


@dataclass(frozen=True, slots=True)
class RawWay:
    """One way for raw messages to become marts. `restarts`: everything is closed and opened between any two steps, and further messages may arrive there."""

    partitions: int = 1
    restarts: bool = False
    pruned: bool = True

    def __str__(self) -> str:
        words = [f"{self.partitions} partitions", "pruned" if self.pruned else "unpruned"]
        return ", ".join(words + (["restarted"] if self.restarts else []))


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


def make_few(folder: Path, contracts: Contracts) -> District:
    """Some households of a demo district as three departments know them: a full list, a later one that lacks a quarter, leases and visits; their feeds alone."""
    deliveries = small_set(generate(folder / "demo", PEOPLE, seed=11), folder / "deliveries")
    first = deliveries / "1_ps_resident.csv"
    header, *lines = first.read_text("gb18030").splitlines()
    kept = [line for number, line in enumerate(lines) if number % 4]
    (deliveries / "4_ps_resident.csv").write_bytes("\r\n".join([header, *kept, ""]).encode("gb18030"))
    told = json.loads(first.with_name(first.name + ".manifest.json").read_text("utf-8"))
    later = {**told, "moment": "2026-03-01T06:00:00", "rows": len(kept)}
    (deliveries / "4_ps_resident.csv.manifest.json").write_text(json.dumps(later), "utf-8")
    return District(folder, replace(contracts, feeds={name: contracts.feeds[name] for name in FEW_FEEDS}, fingerprint="few"))


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


def marts_of(contracts: Contracts, vault: Sealer, folder: Path, batches: Sequence[Raw], way: RawWay, chance: Random) -> dict[str, str]:
    """The hashes of all marts after the messages arrived batch by batch on random partitions of a new log.

    Everything is derived after each batch; with restarts after all but the last only some of the steps.
    """
    for number, batch in enumerate(batches, 1):
        with EmbeddedLog.open(folder / "log.sqlite", way.partitions) as log:
            for topic, message in batch:
                log.append(topic, chance.randrange(way.partitions), [message])
        steps = STEPS[: chance.randint(0, len(STEPS))] if way.restarts and number < len(batches) else STEPS
        for together in [(step,) for step in steps] if way.restarts else [steps]:
            with EmbeddedLog.open(folder / "log.sqlite", way.partitions) as log:
                job = Pipeline(folder, Ports(log, contracts, vault), Places.of(folder), 1, MEMORY_MB, lambda en, zh: None, Disk(pruned=way.pruned))
                for step in together:
                    step(job)
    return mart_hashes(snapshot_path(Places.of(folder).published), contracts)


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
