"""`cabin run`: from raw messages to published marts."""

from __future__ import annotations

import time
from contextlib import nullcontext
from typing import TYPE_CHECKING, Annotated

import typer

from cabin.session import Session

if TYPE_CHECKING:
    from cabin.pipeline import Pipeline


def command(
    ctx: typer.Context,
    follow: Annotated[bool, typer.Option("--follow", help="Go on with what is landed later, until stopped. 持续处理之后接收的内容，直到停止。")] = False,
    every: Annotated[float, typer.Option(help="Seconds between looks at the log when following. 持续运行时查看日志的间隔秒数。", min=0.1)] = 1.0,
) -> int:
    """Drains the log once, or follows it."""
    from functools import partial

    from cabin.pipeline import Pipeline
    from cabin.remembering import keep, remembering, told

    session: Session = ctx.obj
    settings = session.settings
    session.log.end("", 0)
    with Pipeline.open(settings, session.out.progress) as pipeline:
        code = _drain(session, pipeline)
        heard = partial(told, session.out)
        if settings.history_minutes and not follow:
            heard(keep(settings, pipeline.ports.log))
        with remembering(settings, heard) if follow else nullcontext():
            while follow:
                time.sleep(every)
                if pipeline.behind():
                    _drain(session, pipeline)
    return code


def _drain(session: Session, pipeline: Pipeline) -> int:
    """What was landed since, as far as it can be published; the exit code. A refused snapshot is told, and does not keep later ones from being tried."""
    from cabin.clock import BeijingClock
    from cabin.releasing import record_release
    from warehouse.errors import PublishRefused

    record_release(pipeline.ports.log, session.data, BeijingClock())
    try:
        drained = pipeline.drain()
    except PublishRefused as refused:
        session.out.error(refused)
        return refused.exit_code
    _tell(session, drained.rows, drained.claims, drained.changes, drained.snapshot)
    return 0


def _tell(session: Session, rows: int, claims: int, changes: int, snapshot: str) -> None:
    session.out.say(
        f"normalised {rows:,} rows, folded {claims:,} facts, made {changes:,} changes to golden records, published snapshot {snapshot}",
        f"标准化 {rows:,} 行，核定 {claims:,} 条事实，核定记录变更 {changes:,} 次，已发布快照 {snapshot}",
        rows=rows,
        claims=claims,
        changes=changes,
        snapshot=snapshot,
    )
