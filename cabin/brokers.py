"""The topics of the broker that the settings name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from kafka import KafkaAdminClient

from cabin.session import Session
from contracts.topics import DERIVED, Topic, topics
from streams.log.kafka import knock, reached
from streams.log.topics import Plan, copies, create, plan


def planned(session: Session) -> Plan:
    """The declared topics beside the broker's. Raises: `BrokersUnset`, `BrokerUnreachable`."""
    with _admin(session) as admin:
        return plan(admin, declared(session))


def applied(session: Session) -> tuple[tuple[Topic, ...], Plan]:
    """Creates what is missing; what was created, and what is still not as declared. With too few brokers nothing can be replicated safely: one copy of every topic."""
    with _admin(session) as admin:
        missing = plan(admin, declared(session)).missing
        create(admin, missing, copies(admin))
        return missing, plan(admin, declared(session))


def renewed(session: Session) -> None:
    """Everything derived is taken away, to be derived anew from raw by workers or `cabin run`; raw topics keep every message."""
    session.settings.named_brokers  # noqa: B018 - raises where the log is a file, of which nothing can go missing
    session.log.renew(DERIVED)


def declared(session: Session) -> tuple[Topic, ...]:
    return topics(session.contracts, session.settings.partitions)


@contextmanager
def _admin(session: Session) -> Iterator[KafkaAdminClient]:
    brokers = session.settings.named_brokers.addresses
    knock(brokers)
    with reached(brokers):
        admin = KafkaAdminClient(bootstrap_servers=brokers)
        try:
            yield admin
        finally:
            admin.close()
