"""One installation under test: a broker of its own, worker nodes with states of their own, one vault, and what the harness may ask of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from kafka import KafkaAdminClient, TopicPartition
from kafka.errors import KafkaError

from cabin.broker import Broker
from contracts.read import load
from contracts.topics import Topic, topics
from tests.broker import free_port
from tests.cabin.kit import ENVIRONMENT, done
from tests.faults.credulous import CREDULOUS
from tests.faults.processes import CABIN, Fleet, Role
from tests.faults.reading import answers, ends_now
from vault import Vault

PARTITIONS = 2
LOOK_SECONDS = 0.3
LIFE_SECONDS = 20
RATE = 100_000
"""Requests of a department in a minute: nobody waits here."""
TRUNCATED = "log-truncated"
GROUP = "cabin"
"""How the names of the workers' consumer groups begin."""


@dataclass(frozen=True, slots=True)
class Cast:
    """Which processes there are: worker nodes by name, and the others."""

    workers: Sequence[str]
    others: Sequence[str] = ()
    lines: Mapping[str, Sequence[str]] = field(default_factory=dict)
    derived: Sequence[str] = (
        *("cabin.claims", "cabin.changes", "cabin.outcomes", "cabin.quarantine"),
        *("cabin.discrepancies", "cabin.entity.person", "cabin.entity.residency"),
    )
    """Topics whose tails may be lost, or that may be made anew."""


NODES = ("worker-a", "worker-b")
WORKER = ("worker", "--processes", "1")
CABIN_ON_KAFKA = Cast(
    workers=NODES,
    others=("loader", "gateway"),
    lines={**dict.fromkeys(NODES, (*CABIN, *WORKER)), "loader": (*CABIN, "loader"), "gateway": (*CABIN, "gateway")},
)
"""Two machines with one worker each, the loader and the gateway."""
CONTROL = Cast(workers=NODES[:1], others=("gateway",), lines={NODES[0]: (*CREDULOUS, *WORKER), "gateway": (*CABIN, "gateway")})
"""One worker whose position checks are taken away."""


@dataclass(frozen=True, slots=True)
class Site:
    """Folders, broker and processes of one run. `data` belongs to landing, gateway and loader; every worker node has a folder of its own that shares the vault."""

    folder: Path
    broker: Broker
    fleet: Fleet
    cast: Cast
    gateway_port: int
    kept_from: dict[tuple[str, int], int] = field(default_factory=dict)
    """Offsets below which messages of a partition were expired."""
    read_to: dict[str, int] = field(default_factory=dict)
    """How far the operator has read what each role says."""

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def data_of(self, role: str) -> Path:
        return self.folder / role if role in self.cast.workers else self.data

    @property
    def published(self) -> Path:
        return self.data / "published"

    @property
    def derived_places(self) -> list[tuple[str, int]]:
        """Their partitions."""
        return [(topic, partition) for topic in self.cast.derived for partition in range(PARTITIONS)]

    @property
    def roles(self) -> tuple[str, ...]:
        return (*self.cast.workers, *self.cast.others)

    @property
    def environment(self) -> dict[str, str]:
        """That of commands for the installation as a whole."""
        return {**environment_of(self.broker), "CABIN_DATA": str(self.data)}

    @property
    def gateway(self) -> str:
        return f"http://127.0.0.1:{self.gateway_port}"

    @property
    def declared(self) -> Mapping[str, Topic]:
        return {topic.name: topic for topic in topics(load(), PARTITIONS)}

    def begin(self) -> None:
        """Topics, vault and every process."""
        done(self.data, "topics", "apply", **self.environment)
        Vault.open(self.data / "vault").close()
        for role in self.roles:
            folder = self.data_of(role)
            folder.mkdir(parents=True, exist_ok=True)
            if folder != self.data:
                (folder / "vault").symlink_to(self.data / "vault")
            own = {"CABIN_DATA": str(folder), "CABIN_NODE": role, "CABIN_GATEWAY_PORT": str(self.gateway_port), "CABIN_GATEWAY_RATE": str(RATE)}
            self.fleet.up(Role(role, self.cast.lines[role], own))

    def wait(self, arrived: Callable[[], bool], seconds: float = LIFE_SECONDS) -> bool:
        """Until something is so; false where it takes longer."""
        limit = time.monotonic() + seconds
        while not arrived():
            if time.monotonic() > limit:
                return False
            time.sleep(LOOK_SECONDS)
        return True

    def operate(self) -> str:
        """What a person does who watches the workers' logs and follows the hint of `log-truncated`; empty where there is nothing to do."""
        said = {role: self.fleet.said(role) for role in self.cast.workers}
        refused = [role for role in said if f'"{TRUNCATED}"' in said[role][self.read_to.get(role, 0) :]]
        self.read_to.update({role: len(text) for role, text in said.items()})
        if not refused or not self.kept_from:
            return ""
        done(self.data, "topics", "renew", **self.environment)
        self.kept_from.clear()
        return f"renewed what was derived, because claims are missing to {', '.join(refused)}"

    def life(self) -> Callable[[], bool]:
        """Asks whether somebody has written to a derived topic since now; one that was cut or made anew meanwhile counts once it holds something."""
        before = self._derived()
        return lambda: any(end and end != before.get(place, 0) for place, end in self._derived().items())

    def grown(self) -> bool:
        """Whether workers have derived something that can be lost."""
        return any(end for place, end in self._derived().items() if place.topic == "cabin.changes")

    def members(self) -> int:
        """How many workers the groups have, as the broker knows; -1 where it does not answer."""
        if not answers(self.broker.address):
            return -1
        with suppress(KafkaError), self.admin() as admin:
            return sum(len(group["members"]) for group in admin.describe_groups(self.groups(admin)).values())
        return -1

    def groups(self, admin: KafkaAdminClient) -> list[str]:
        return [str(each["group_id"]) for each in admin.list_groups() if str(each["group_id"]).startswith(GROUP)]

    @contextmanager
    def admin(self) -> Iterator[KafkaAdminClient]:
        admin = KafkaAdminClient(bootstrap_servers=self.broker.address)
        try:
            yield admin
        finally:
            admin.close()

    def _derived(self) -> dict[TopicPartition, int]:
        return {place: end for place, end in ends_now(self.broker.address).items() if not place.topic.startswith("cabin.raw.")}


def environment_of(broker: Broker) -> dict[str, str]:
    return {**ENVIRONMENT, "CABIN_BROKERS": broker.address, "CABIN_PARTITIONS": str(PARTITIONS)}


@contextmanager
def site(folder: Path, broker: Broker, cast: Cast) -> Iterator[Site]:
    """A site that is up; in the end all its processes are gone. The broker is the caller's."""
    folder.mkdir(parents=True)
    with Fleet(folder / "logs", environment_of(broker)) as fleet:
        made = Site(folder, broker, fleet, cast, free_port())
        made.begin()
        yield made
