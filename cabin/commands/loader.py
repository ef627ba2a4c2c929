"""`cabin loader`: what workers derived, into the warehouse."""

from __future__ import annotations

import signal
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
    from cabin.logs import logged
    from cabin.metrics import metered

    session: Session = ctx.obj
    settings = session.settings
    settings.named_brokers  # noqa: B018 - a loader without brokers is a mistake of use: `cabin run` loads there
    ending: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda given, frame: ending.append(given))
    with only_run(session.data), metered(settings.metrics_host, settings.metrics_port) as meter, logged(settings.log_level, meter):
        snapshot = Loader(settings, BeijingClock(), meter, lambda: bool(ending)).follow(once)
    session.out.say(f"published snapshot {snapshot}", f"已发布快照 {snapshot}", snapshot=snapshot)
    return 0
