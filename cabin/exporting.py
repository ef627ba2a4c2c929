"""Marts and history exported for other engines: once, or at an interval until stopped."""

from __future__ import annotations

import signal
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Event

import structlog

from cabin.accessed import export_entry
from cabin.clock import BeijingClock
from cabin.ledger import record_access
from cabin.remembered import folder_of, means
from cabin.rhythm import Rhythm, interval_of
from cabin.service import serving
from cabin.session import Session
from contracts.errors import CabinError
from contracts.openlineage import EXPORT, counted, named
from streams.lineage import told
from warehouse.export import Export, Exporter

EXPORT_READS = (named("marts"), named("history"))


@dataclass(frozen=True, slots=True)
class Wanted:
    """`to`: the folder, None for the data folder's `export`; `history`: whether it is exported too; `kept`: how many exports stay; `purpose`: why, for the access ledger."""

    to: Path | None
    history: bool
    kept: int
    purpose: str


def export_once(session: Session, wanted: Wanted) -> int:
    """Tells what lies there now. Raises what `Exporter.export` raises."""
    made = _export(session, wanted, BeijingClock().now())
    en, zh = ("wrote", "已写入") if made.fresh else ("nothing is new since", "自上次以来没有新内容：")
    session.out.say(
        f"{en} export {made.name}: {made.tables} tables, {made.rows:,} rows, {made.bytes / 1e6:,.1f} MB in {made.path}",
        f"{zh}导出 {made.name}：{made.tables} 张表，{made.rows:,} 行，{made.bytes / 1e6:,.1f} MB，位于 {made.path}",
        export=made.name,
        path=str(made.path),
        tables=made.tables,
        rows=made.rows,
        bytes=made.bytes,
        fresh=made.fresh,
    )
    if wanted.history and not made.history:
        session.out.line("history is empty\nhint: `cabin history load` fills it", "历史为空\n建议：用 `cabin history load` 载入")
    return 0


def export_every(session: Session, wanted: Wanted, every: str) -> int:
    """Goes on until it is told to end (SIGTERM, Ctrl+C), also where an export fails: the one before stays, and the next beat tries again. Raises: `IntervalUnreadable`."""
    interval = interval_of(every)
    ending = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda given, frame: ending.set())
    with serving(session.settings):
        Rhythm(interval, BeijingClock(), ending.wait).keep(lambda at: _logged(session, wanted, at))
    return 0


def _logged(session: Session, wanted: Wanted, at: datetime) -> None:
    begun = time.monotonic()
    try:
        made = _export(session, wanted, at)
    except CabinError as error:
        structlog.get_logger().warning("export.failed", exc_info=error)
        return
    if made.fresh:
        structlog.get_logger().info("export.written", count=made.tables, rows=made.rows, bytes=made.bytes, seconds=round(time.monotonic() - begun, 3))
    else:
        structlog.get_logger().info("export.unchanged", count=made.tables)


def _export(session: Session, wanted: Wanted, at: datetime) -> Export:
    """An export that is made now is recorded in the access ledger, with its rows."""
    exporter = Exporter(wanted.to or session.data / "export", session.contracts, means(session), kept=wanted.kept)
    with told(session.log, BeijingClock(), EXPORT, EXPORT_READS) as run:
        made = exporter.export(session.data / "published", folder_of(session) if wanted.history else None, at)
        run.outputs += [counted(f"export.{made.name}", made.rows)] if made.fresh else []
    if made.fresh:
        session.log_moved()
        what = "marts, history" if made.history else "marts"
        record_access(session.log, BeijingClock(), export_entry(session.settings.actor, wanted.purpose, what, made.rows))
    return made
