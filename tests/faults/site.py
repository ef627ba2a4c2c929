"""One installation under test: a broker of its own, worker nodes with states of their own, one vault, and what the harness may ask of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from kafka import KafkaAdminClient
from kafka.errors import KafkaError

from cabin.broker import Broker
from contracts.read import load
from contracts.topics import Topic, topics
from tests.cabin.kit import ENVIRONMENT, done
from tests.faults.processes import CABIN, Fleet, Role
from tests.faults.reading import ends_now
from vault import Vault

PARTITIONS = 2
LOOK_SECONDS = 0.3
LIFE_SECONDS = 20
GROUP = "cabin"
"""How the names of the workers' consumer groups begin."""


@dataclass(frozen=True, slots=True)
class Cast:
    """Which processes there are: worker nodes by name, and the others."""

    workers: Sequence[str]
    others: Sequence[str] = ()
    lines: Mapping[str, Sequence[str]] = field(default_factory=dict)
    attacks: Sequence[str] = ()
    """The attacks it must withstand."""
    derived: Sequence[str] = ("cabin.claims", "cabin.changes", "cabin.outcomes", "cabin.quarantine")
    """Topics whose tails may be lost."""
    recreatable: Sequence[str] = ("cabin.claims", "cabin.changes", "cabin.outcomes", "cabin.quarantine")


STAND_IN = Cast(
    workers=("worker-a",),
    lines={"worker-a": (*CABIN, "run", "--follow", "--every", "0.2")},
    attacks=("kill", "pause", "restart", "broker_killed", "broker_restarted", "state_lost", "warehouse_lost", "tail_lost", "topic_recreated"),
)
"""One process that does the job of worker and loader, without a group."""


@dataclass(frozen=True, slots=True)
class Site:
    """Folders, broker and processes of one run. `data` belongs to landing, gateway and loader; every worker node has a folder of its own that shares the vault."""

    folder: Path
    broker: Broker
    fleet: Fleet
    cast: Cast
    kept_from: dict[tuple[str, int], int] = field(default_factory=dict)
    """Offsets below which messages of a partition were expired."""

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def data_of(self, role: str) -> Path:
        return self.folder / role if role in self.cast.workers else self.data

    @property
    def published(self) -> Path:
        """Where the snapshot of the process that loads lies."""
        loads = "loader" if "loader" in self.cast.others else self.cast.workers[0]
        return self.data_of(loads) / "published"

    @property
    def derived_places(self) -> list[tuple[str, int]]:
        """Partitions whose tails may be lost."""
        return [(topic, partition) for topic in self.cast.derived for partition in range(PARTITIONS)]

    @property
    def roles(self) -> tuple[str, ...]:
        return (*self.cast.workers, *self.cast.others)

    @property
    def environment(self) -> dict[str, str]:
        return environment_of(self.broker)

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
            self.fleet.up(Role(role, self.cast.lines[role], {"CABIN_DATA": str(folder), "CABIN_NODE": role}))

    def wait(self, arrived: Callable[[], bool], seconds: float = LIFE_SECONDS) -> bool:
        """Until something is so; false where it takes longer."""
        limit = time.monotonic() + seconds
        while not arrived():
            if time.monotonic() > limit:
                return False
            time.sleep(LOOK_SECONDS)
        return True

    def life(self) -> Callable[[], bool]:
        """Asks whether a derived topic has grown since now."""
        before = self._derived()
        return lambda: any(end > before.get(place, 0) for place, end in self._derived().items())

    def members(self) -> int:
        """How many workers the groups have, as the broker knows."""
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

    def _derived(self) -> dict[object, int]:
        return {place: end for place, end in ends_now(self.broker.address).items() if not place.topic.startswith("cabin.raw.")}


def environment_of(broker: Broker) -> dict[str, str]:
    return {**ENVIRONMENT, "CABIN_BROKERS": broker.address, "CABIN_PARTITIONS": str(PARTITIONS)}


@contextmanager
def site(folder: Path, broker: Broker, cast: Cast) -> Iterator[Site]:
    """A site that is up; in the end all its processes are gone. The broker is the caller's."""
    folder.mkdir(parents=True)
    with Fleet(folder / "logs", environment_of(broker)) as fleet:
        made = Site(folder, broker, fleet, cast)
        made.begin()
        yield made
