"""`cabin run`: from raw messages to published marts."""

from __future__ import annotations

import time
from contextlib import nullcontext
from typing import Annotated

import typer

from cabin.session import Session


def command(
    ctx: typer.Context,
    follow: Annotated[bool, typer.Option("--follow", help="Go on with what is landed later, until stopped. 持续处理之后接收的内容，直到停止。")] = False,
    every: Annotated[float, typer.Option(help="Seconds between looks at the log when following. 持续运行时查看日志的间隔秒数。", min=0.1)] = 1.0,
) -> int:
    """Drains the log once, or follows it."""
    from functools import partial

    from cabin.clock import BeijingClock
    from cabin.pipeline import Pipeline
    from cabin.releasing import record_release
    from cabin.remembering import keep, remembering, told

    session: Session = ctx.obj
    settings = session.settings
    session.log.end("", 0)
    with Pipeline.open(settings, session.out.progress) as pipeline:
        record_release(pipeline.ports.log, session.data, BeijingClock())
        drained = pipeline.drain()
        _tell(session, drained.rows, drained.claims, drained.changes, drained.snapshot)
        heard = partial(told, session.out)
        if settings.history_minutes and not follow:
            heard(keep(settings, pipeline.ports.log))
        with remembering(settings, heard) if follow else nullcontext():
            while follow:
                time.sleep(every)
                if pipeline.behind():
                    record_release(pipeline.ports.log, session.data, BeijingClock())
                    drained = pipeline.drain()
                    _tell(session, drained.rows, drained.claims, drained.changes, drained.snapshot)
    return 0


def _tell(session: Session, rows: int, claims: int, changes: int, snapshot: str) -> None:
    session.out.say(
        f"normalised {rows:,} rows, folded {claims:,} claims into {changes:,} changed golden records, published snapshot {snapshot}",
        f"标准化 {rows:,} 行，核定 {claims:,} 条主张，变更 {changes:,} 条核定记录，已发布快照 {snapshot}",
        rows=rows,
        claims=claims,
        changes=changes,
        snapshot=snapshot,
    )
