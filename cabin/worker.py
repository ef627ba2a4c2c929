"""One worker process: the Faust application over this installation's ports, until it is stopped or cannot go on."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import structlog

from cabin.clock import BeijingClock
from cabin.ports import open_landing, open_log, open_ports, own_feeds
from cabin.settings import Settings
from contracts.ports import Meter
from contracts.read import load
from contracts.topics import topics
from streams.agents.desk import Desk
from streams.agents.runs import Session
from streams.agents.work import MOVED, Sizes, Work
from streams.app import Member, build
from streams.local import renew_renamed
from streams.log.errors import BrokerUnreachable
from streams.log.fenced import FencedProducer

LEAST_MEGABYTES = 300
"""An engine with less cannot settle; with very many partitions on one machine the setting is exceeded."""


@dataclass(frozen=True, slots=True)
class Child:
    """Which of a supervisor's workers this is, and the pipe on which it shows that it lives; a worker of its own has neither."""

    index: int = 0
    pulse: int | None = None

    def beat(self) -> None:
        """Tells the supervisor that the event loop turns. Without a supervisor to hear it, a child has no reason to go on."""
        if self.pulse is None:
            return
        try:
            os.write(self.pulse, b".")
        except BrokenPipeError:
            os._exit(0)


def work(settings: Settings, child: Child, meter: Meter) -> None:
    """Runs until it is told to stop, then ends the process.

    Raises: `BrokersUnset`, `BrokerUnreachable`, `TopicsMissing`, `PartitionCountFixed`, `VaultBehindLog`.
    """
    import faust

    brokers = settings.named_brokers
    sizes = Sizes(memory_mb=max(LEAST_MEGABYTES, settings.memory_mb // (brokers.partitions + 2)))
    log = structlog.get_logger()
    told = log.info

    def failed(error: BaseException) -> None:
        log.error("worker.failed", exc_info=error)

    def untold(count: int) -> None:
        log.warning("lineage.untold", count=count)

    note = settings.data / "lineage" / f"worker-{node(settings)}-{child.index}.json"
    runs = Session(BeijingClock(), note, untold=untold)
    desk = Desk(replace(_work(settings, sizes, told, failed, meter), runs=runs))
    try:
        desk.open()
    except BrokerUnreachable as error:
        failed(error)
        os._exit(MOVED)
    folder = settings.data / "state" / f"faust-{child.index}"
    folder.mkdir(parents=True, exist_ok=True)
    declared = topics(load(extra=own_feeds(settings.data)), brokers.partitions)
    app = build(Member(brokers.addresses, f"{node(settings)}-{child.index}", folder, sizes), desk, declared, child.beat)
    told("worker.started", child=child.index)
    worker = faust.Worker(app, loglevel="WARNING", redirect_stdouts=False, override_logging=False, quiet=True)
    worker.spinner = None  # it writes commands for a terminal between the lines of the log, also where there is none
    worker.execute_from_commandline()


def prepare(settings: Settings) -> None:
    """Before workers start: the broker answers, the topics are there, and nothing is left that was derived under another version of the alias table.

    Raises: `BrokerUnreachable`, `TopicsMissing`, `PartitionCountFixed`, `VaultBehindLog`.
    """
    with open_ports(settings.data, settings.named_brokers) as ports:
        renew_renamed(ports)


def _work(settings: Settings, sizes: Sizes, told: Callable[..., None], failed: Callable[[BaseException], None], meter: Meter) -> Work:
    brokers = settings.named_brokers
    return Work(
        open_ports=partial(open_ports, settings.data, brokers),
        open_log=partial(open_log, settings.data, brokers),
        open_landing=partial(open_landing, settings.data, brokers=brokers),
        open_fenced=partial(FencedProducer, brokers.addresses),
        holder_gone=sibling_ended,
        state=settings.data / "state",
        told=told,
        failed=failed,
        meter=meter,
        sizes=sizes,
    )


def node(settings: Settings) -> str:
    """The name of this machine among the workers."""
    return settings.node or socket.gethostname()


def sibling_ended(holder: str) -> bool:
    """Kills a process that is a child of our own supervisor; false where it is none of ours. It was stopped or hangs, or it would have let go."""
    if not holder.isdecimal() or int(holder) == os.getpid():
        return False
    try:
        parent = Path(f"/proc/{holder}/stat").read_text().rpartition(")")[2].split()[1]
        if int(parent) != os.getppid():
            return False
        os.kill(int(holder), signal.SIGKILL)
    except OSError:
        return False
    return True
