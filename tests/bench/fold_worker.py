"""Faust workers over the contracts of `bench_fold`, under the cabin's own supervisor: what `cabin worker` does, with another job and other sizes.

Run by `bench_kafka_fold`: `python -m tests.bench.fold_worker supervise SETTLE_ROWS TOLD` (`told` or `quiet`: whether subscribers are told too), which runs `... child SETTLE_ROWS TOLD INDEX PULSE`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import faust
import structlog
from kafka import KafkaAdminClient

from cabin.clock import BeijingClock
from cabin.logs import logged
from cabin.metrics import metered
from cabin.ports import open_vault
from cabin.settings import Settings
from cabin.supervisor import Supervisor
from cabin.worker import Child, sibling_ended
from contracts.ports import Meter, QuietMeter
from contracts.topics import topics
from streams.agents.desk import Desk
from streams.agents.work import Sizes, Work
from streams.app import Member, build
from streams.landing import Landing
from streams.local import Ports
from streams.log.fenced import FencedProducer
from streams.log.kafka import KafkaLog
from streams.log.topics import create
from tests.bench.bench_fold import contracts

PROCESSES = 2


class Quiet(Desk):
    """Tells subscribers nothing: what is measured is the fold alone."""

    async def announce(self) -> None:
        return


def open_log(addresses: str, partitions: int) -> KafkaLog:
    return KafkaLog.open(addresses, topics(contracts(), partitions))


def make_topics(addresses: str, partitions: int) -> None:
    """The topics of the bench's contracts."""
    admin = KafkaAdminClient(bootstrap_servers=addresses)
    create(admin, topics(contracts(), partitions))
    admin.close()


@contextmanager
def open_ports(data: Path, addresses: str, partitions: int) -> Iterator[Ports]:
    with open_log(addresses, partitions) as log, open_vault(data, log) as vault:
        yield Ports(log, contracts(), vault)


@contextmanager
def open_landing(data: Path, addresses: str, partitions: int) -> Iterator[Landing]:
    with open_log(addresses, partitions) as log, open_vault(data, log) as vault:
        yield Landing(log, vault, BeijingClock(), contracts(), data / "spool")


def child(settings: Settings, sizes: Sizes, told: bool, who: Child, meter: Meter) -> None:
    """As `cabin.worker.work`."""
    brokers = settings.named_brokers
    place = (brokers.addresses, brokers.partitions)
    log = structlog.get_logger()
    desk = (Desk if told else Quiet)(
        Work(
            open_ports=partial(open_ports, settings.data, *place),
            open_log=partial(open_log, *place),
            open_landing=partial(open_landing, settings.data, *place),
            open_fenced=partial(FencedProducer, brokers.addresses),
            holder_gone=sibling_ended,
            state=settings.data / "state",
            told=log.info,
            failed=lambda error: log.error("worker.failed", exc_info=error),
            meter=meter,
            sizes=sizes,
        )
    )
    desk.open()
    folder = settings.data / "state" / f"faust-{who.index}"
    folder.mkdir(parents=True, exist_ok=True)
    app = build(Member(brokers.addresses, f"bench-{who.index}", folder, sizes), desk, topics(contracts(), brokers.partitions), who.beat)
    faust.Worker(app, loglevel="WARNING", redirect_stdouts=False, override_logging=False, quiet=True).execute_from_commandline()


def main(role: str, settle_rows: str, told: str, index: str = "0", pulse: str = "0") -> int:
    settings = Settings.from_mapping(os.environ)
    if role == "supervise":

        def command(index: int, pulse: int) -> Sequence[str]:
            return [sys.executable, "-m", "tests.bench.fold_worker", "child", settle_rows, told, str(index), str(pulse)]

        with logged():
            return Supervisor(PROCESSES, command, os.environ, QuietMeter()).run()
    sizes = Sizes(settle_rows=int(settle_rows), memory_mb=settings.memory_mb // settings.partitions)
    with metered("127.0.0.1", settings.metrics_port + 1 + int(index)) as meter, logged("info", meter):
        child(settings, sizes, told == "told", Child(int(index), int(pulse)), meter)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
