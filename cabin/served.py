"""Serving the gateway: its ports, its address, its log lines, its end."""

from __future__ import annotations

import shutil
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import structlog
import uvicorn

from cabin.clock import BeijingClock
from cabin.errors import AddressUnusable, GatewayRunning
from cabin.ports import open_landing
from cabin.service import serving
from cabin.session import Session
from cabin.settings import Brokers, Listening
from contracts.errors import disk_fault
from contracts.lock import only_one
from contracts.ports import Meter
from streams.gateway import Berths, Departments, Gateway, Keys, Limits, Watch, build

TOKENS = "departments.json"
BACKLOG = 128
LANDING_MB = 1_000
"""What landing a delivery of a million rows takes at most (measured: 970 MB with all else of the process)."""
GRACE_SECONDS = 60
"""How long a body may still go on coming once the gateway is told to end. Landings under way are always finished."""


def serve_gateway(session: Session) -> int:
    """Serves until a signal ends it. Raises: `GatewayRunning`, `AddressUnusable`, `MetricsPortTaken`, and what opening the embedded log raises."""
    if session.settings.brokers is None:
        session.log.end("", 0)  # made here, with the settings' partitions; a broker may still be away
    with only_gateway(session.data / "gateway") as folder, _listening(session.settings.gateway) as sock, serving(session.settings) as meter:
        host, port = sock.getsockname()[:2]
        structlog.get_logger().info("gateway.listening", host=host, port=port)
        session.out.say(f"the gateway listens at http://{host}:{port}", f"网关正在监听 http://{host}:{port}", address=f"http://{host}:{port}")
        sys.stdout.flush()
        config = uvicorn.Config(
            build(gateway_of(session, folder, meter)),
            http="h11",
            ws="none",
            access_log=False,
            log_config=None,
            server_header=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
        server = uvicorn.Server(config)
        # the server passes a signal on when it has ended, and hears none before it begins
        signal.signal(signal.SIGTERM, lambda *_: setattr(server, "should_exit", True))
        server.run(sockets=[sock])
    return 0


def gateway_of(session: Session, folder: Path, meter: Meter) -> Gateway:
    """What the routes work with, over the session's data folder."""
    settings, clock = session.settings, BeijingClock()
    landings = max(1, min(settings.processes, settings.memory_mb // LANDING_MB))
    limits = Limits(megabytes=settings.gateway.megabytes, rate=settings.gateway.rate, landings=landings)
    opener = partial(open_landing, session.data, False, settings.brokers)
    watch = _watch(settings.brokers) if settings.brokers else Watch()
    return Gateway(
        contracts=session.contracts,
        departments=Departments(session.data / TOKENS),
        keys=Keys(folder / "keys.sqlite", clock),
        landing=Berths(opener, limits.landings, watch),
        reading=Berths(opener, 1, watch, lands=False),
        uploads=folder / "uploads",
        limits=limits,
        lang=settings.lang,
        meter=meter,
    )


@contextmanager
def only_gateway(folder: Path) -> Iterator[Path]:
    """Holds the gateway's folder, with an empty folder for uploads: what is in there comes from a gateway that was killed. Raises: `GatewayRunning`."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with only_one(folder / "lock", GatewayRunning):
        shutil.rmtree(folder / "uploads", ignore_errors=True)
        (folder / "uploads").mkdir(mode=0o700)
        yield folder


@contextmanager
def _listening(where: Listening) -> Iterator[socket.socket]:
    """The address is taken, and connections wait there, before anything is said about it. Raises: `AddressUnusable`."""
    family = socket.AF_INET6 if ":" in where.host else socket.AF_INET
    sock = socket.socket(family)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind((where.host, where.port))
            sock.listen(BACKLOG)
        except (OSError, OverflowError) as error:
            detail = disk_fault(error) if isinstance(error, OSError) else "port"
            raise AddressUnusable(address=f"{where.host}:{where.port}", detail=detail) from error
        yield sock
    finally:
        sock.close()


def _watch(brokers: Brokers) -> Watch:
    """Knocks before each use, and asks whether a broker began again since."""
    from streams.log.kafka import KafkaLog, knock

    return Watch(partial(knock, brokers.addresses), lambda landing: isinstance(landing.log, KafkaLog) and landing.log.moved())
