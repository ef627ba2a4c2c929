"""Forwarding lineage for a person: once, or at an interval until stopped."""

from __future__ import annotations

import signal
from datetime import datetime
from threading import Event

import structlog

from cabin.clock import BeijingClock
from cabin.forwarding import Forwarder, target_of, tell_release
from cabin.rhythm import Rhythm, interval_of
from cabin.service import serving
from cabin.session import Session
from contracts.errors import CabinError


def send_once(session: Session, to: str) -> int:
    """Raises: `TargetUnusable`, `LineageNotTaken`, and what reading the log raises."""
    sent = _send(session, to, BeijingClock().now(), Event())
    session.out.say(f"forwarded {sent:,} events", f"已转发 {sent:,} 个事件", forwarded=sent)
    return 0


def send_every(session: Session, to: str, every: str) -> int:
    """Goes on until it is told to end (SIGTERM, Ctrl+C), also where an event is not taken: the next beat tries again. Raises: `IntervalUnreadable`, `TargetUnusable`."""
    interval, ending = interval_of(every), Event()
    target_of(to, None, ending.wait)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda given, frame: ending.set())
    with serving(session.settings):
        Rhythm(interval, BeijingClock(), ending.wait).keep(lambda at: _logged(session, to, at, ending))
    return 0


def _logged(session: Session, to: str, at: datetime, ending: Event) -> None:
    try:
        sent = _send(session, to, at, ending)
    except CabinError as error:
        structlog.get_logger().warning("lineage.failed", exc_info=error)
        return
    if sent:
        structlog.get_logger().info("lineage.forwarded", count=sent)


def _send(session: Session, to: str, at: datetime, ending: Event) -> int:
    session.log_moved()
    target, folder = target_of(to, session.settings.lineage_token, ending.wait), session.data / "lineage"
    tell_release(session.log, folder, session.contracts, at)
    return Forwarder(session.log, folder, to, target).forward()
