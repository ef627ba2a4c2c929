"""Topics on a broker against the declared ones: what is missing, what differs; creating, never altering. Over kafka-python's admin client."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import KafkaTimeoutError

from contracts.topics import IN_SYNC, REPLICAS, Topic

WAIT_SECONDS = 30
PAUSE_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Difference:
    """One setting of one topic that is not as declared; `partitions` counts as a setting."""

    topic: str
    setting: str
    declared: str
    held: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What a broker lacks: topics to create, and differences that only a person may mend, because altering can lose data."""

    missing: tuple[Topic, ...] = ()
    differences: tuple[Difference, ...] = ()
    undeclared: tuple[str, ...] = field(default=())


def plan(admin: KafkaAdminClient, declared: Sequence[Topic]) -> Plan:
    """The declared topics beside those of the broker whose names begin with `cabin.`."""
    held = partitions_of(admin)
    names = {topic.name for topic in declared}
    there = [topic for topic in declared if topic.name in held]
    settings = settings_of(admin, [topic.name for topic in there])
    return Plan(
        missing=tuple(topic for topic in declared if topic.name not in held),
        differences=tuple(found for topic in there for found in _differences(topic, held[topic.name], settings[topic.name])),
        undeclared=tuple(sorted(name for name in held if name.startswith("cabin.") and name not in names)),
    )


def create(admin: KafkaAdminClient, declared: Iterable[Topic], replication: int = 1) -> None:
    """Makes topics and waits until every partition has its leader. Three or more replicas must be in sync on two brokers to acknowledge."""
    wanted = {
        topic.name: {"num_partitions": topic.partitions, "replication_factor": replication, "configs": _configs(topic, replication)} for topic in declared
    }
    if wanted:
        admin.create_topics(wanted, wait_for_metadata=True)


def delete(admin: KafkaAdminClient, names: Sequence[str]) -> None:
    """Removes topics with all they hold and waits until they are gone."""
    there = [name for name in names if name in partitions_of(admin)]
    if there:
        admin.delete_topics(there)
        _await_gone(admin, there)


def partitions_of(admin: KafkaAdminClient) -> dict[str, int]:
    """Every topic and its number of partitions."""
    return {str(each["name"]): len(each["partitions"]) for each in admin.describe_topics() if not each["is_internal"]}


def settings_of(admin: KafkaAdminClient, names: Sequence[str]) -> dict[str, dict[str, str]]:
    """Every setting of some topics that was given to them, the broker's defaults left out."""
    if not names:
        return {}
    told: Mapping[str, Mapping[str, Mapping[str, object]]] = admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name) for name in names])["topic"]
    return {name: {key: str(value["value"]) for key, value in told.get(name, {}).items()} for name in names}


def copies(admin: KafkaAdminClient) -> int:
    """How many copies of each topic these brokers can keep safely: with too few of them, one."""
    return REPLICAS if len(admin.describe_cluster()["brokers"]) >= REPLICAS else 1


def _configs(topic: Topic, replication: int) -> dict[str, str]:
    return {**topic.settings, **({"min.insync.replicas": str(IN_SYNC)} if replication >= REPLICAS else {})}


def _differences(topic: Topic, partitions: int, held: Mapping[str, str]) -> Iterable[Difference]:
    if partitions != topic.partitions:
        yield Difference(topic.name, "partitions", str(topic.partitions), str(partitions))
    for name, value in sorted(topic.settings.items()):
        if held.get(name) != value:
            yield Difference(topic.name, name, value, held.get(name, "-"))


def _await_gone(admin: KafkaAdminClient, names: Sequence[str]) -> None:
    """A broker answers before it has removed a topic, and refuses to make one of the same name meanwhile."""
    for _ in range(int(WAIT_SECONDS / PAUSE_SECONDS)):
        if not set(names) & partitions_of(admin).keys():
            return
        time.sleep(PAUSE_SECONDS)
    raise KafkaTimeoutError(", ".join(names))
