"""The Faust application: agents registered over the topics, membership and buffers set. Built in `build`, never at import.

Faust moves messages and spreads partitions over workers; it keeps no state, no table and no position that anything depends on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import faust
from mode.supervisors import CrashingSupervisor

from contracts.ports import Position, Stored
from contracts.topics import CLAIMS, INBOX, MESSAGE_BYTES, RAW, Topic
from streams.agents import agents
from streams.agents.desk import SWEEP_SECONDS, Desk
from streams.agents.work import Sizes
from streams.log.kafka import message_of

GROUP = "cabin"
"""The consumer group of all workers of an installation."""
SESSION_SECONDS, HEARTBEAT_SECONDS, REQUEST_SECONDS = 6.0, 2.0, 20.0
ANNOUNCE_SECONDS = 0.2
BUFFERED = 64
"""Messages waiting per stream; a derived one has about two megabytes."""


@dataclass(frozen=True, slots=True)
class Member:
    """A worker in the group: `name` is the same after a restart, so that its partitions wait for it; `folder` is for Faust's own use and stays empty."""

    brokers: str
    name: str
    folder: Path
    sizes: Sizes


def build(member: Member, desk: Desk, declared: Sequence[Topic], beat: Callable[[], None] = lambda: None) -> faust.App:
    """An application that hands everything to `desk` and calls `beat` once a second while its event loop lives."""
    app = faust.App(
        GROUP,
        broker=[f"kafka://{address.strip()}" for address in member.brokers.split(",")],
        broker_session_timeout=SESSION_SECONDS,
        broker_heartbeat_interval=HEARTBEAT_SECONDS,
        broker_request_timeout=REQUEST_SECONDS,
        broker_max_poll_interval=3600.0,
        consumer_group_instance_id=member.name,
        consumer_auto_offset_reset="earliest",
        consumer_max_fetch_size=2 * MESSAGE_BYTES,
        producer_max_request_size=2 * MESSAGE_BYTES,
        stream_buffer_maxsize=BUFFERED,
        stream_wait_empty=True,
        topic_disable_leader=True,
        topic_allow_declare=False,
        web_enabled=False,
        autodiscover=False,
        datadir=str(member.folder),
        store="memory://",
        agent_supervisor=CrashingSupervisor,
    )
    partitions = declared[0].partitions
    raw = sorted(topic.name for topic in declared if topic.name.startswith(RAW))
    inboxes = sorted(topic.name for topic in declared if topic.name.startswith(INBOX))
    for name, topics, make in (("inbox", inboxes, agents.inbox), ("normalise", raw, agents.normalise), ("reconcile", [CLAIMS], agents.reconcile)):
        if not topics:
            continue
        topic = app.topic(*topics, partitions=partitions, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw")
        app.agent(topic, name=name, concurrency=1)(make(desk, stored_of, member.sizes.messages))
    _follow_ownership(app, desk, beat)
    return app


def stored_of(event: Any) -> Stored:
    """The message of an event. Its own headers are read, because those of the event keep one of several with the same name."""
    record = event.message
    return Stored(Position(record.topic, record.partition, record.offset), message_of(_Record(record)), int((record.timestamp or 0) * 1000))


class _Record:
    """Faust's message with the names of a broker's record."""

    def __init__(self, message: Any) -> None:
        self.topic, self.partition, self.offset = message.topic, message.partition, message.offset
        self.key, self.value = message.key, message.value
        self.timestamp = int((message.timestamp or 0) * 1000)
        headers = message.headers or ()
        self.headers = list(headers.items()) if isinstance(headers, dict) else list(headers)


def _follow_ownership(app: faust.App, desk: Desk, beat: Callable[[], None]) -> None:
    waiting: set[asyncio.Task[None]] = set()

    async def assigned(app: Any, /, *given: Any, **_: Any) -> None:
        """Opening a state can take longer than a rebalance may."""
        task = asyncio.ensure_future(desk.own({(place.topic, place.partition) for place in given[0]}))
        waiting.add(task)
        task.add_done_callback(waiting.discard)

    async def ended(app: Any, /, *given: Any, **_: Any) -> None:
        await desk.close()

    async def sweep(app: Any) -> None:
        while not app.should_stop:
            await asyncio.sleep(SWEEP_SECONDS)
            await desk.sweep()

    async def announce(app: Any) -> None:
        while not app.should_stop:
            await asyncio.sleep(ANNOUNCE_SECONDS)
            await desk.announce()

    async def live(app: Any) -> None:
        while not app.should_stop:
            beat()
            await asyncio.sleep(SWEEP_SECONDS)

    app.on_partitions_assigned.connect(assigned)
    app.on_before_shutdown.connect(ended)
    app.task(sweep)
    app.task(announce)
    app.task(live)
