"""`cabin loader`: what workers derived, into the warehouse."""

from __future__ import annotations

import signal
from contextlib import nullcontext
from typing import Annotated

import typer

from cabin.session import Session


def command(
    ctx: typer.Context,
    once: Annotated[bool, typer.Option("--once", help="End when everything on the log is published. 日志上的内容全部发布后即结束。")] = False,
) -> int:
    """Loads what the log holds, publishes a snapshot where anything is new, and goes on until it is stopped."""
    from cabin.clock import BeijingClock
    from cabin.loader import Loader
    from cabin.lock import only_run
    from cabin.measuring import measuring
    from cabin.remembering import keep, logged, remembering
    from cabin.service import serving

    session: Session = ctx.obj
    settings = session.settings
    settings.named_brokers  # noqa: B018 - a loader without brokers is a mistake of use: `cabin run` loads there
    ending: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda given, frame: ending.append(given))
    asked = settings.metrics_port and not once  # measuring reads the log's headers once more: only where somebody asks for metrics
    with only_run(session.data), serving(settings) as meter, measuring(settings, meter) if asked else nullcontext():
        with nullcontext() if once else remembering(settings, logged):
            snapshot = Loader(settings, BeijingClock(), meter, lambda: bool(ending)).follow(once)
        if once and settings.history_minutes:
            logged(keep(settings))
    session.out.say(f"published snapshot {snapshot}", f"已发布快照 {snapshot}", snapshot=snapshot)
    return 0
