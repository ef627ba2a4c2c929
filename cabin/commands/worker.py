"""`cabin worker`: Faust workers that normalise and reconcile what lies on a broker."""

from __future__ import annotations

import os
from functools import partial
from typing import Annotated

import typer

from cabin.session import Session


def command(
    ctx: typer.Context,
    processes: Annotated[int, typer.Option(help="Workers on this machine; partitions are shared between all. 本机工作进程数；分区由全部进程分担。", min=1)] = 1,
    child: Annotated[int | None, typer.Option(hidden=True)] = None,
    pulse: Annotated[int | None, typer.Option(hidden=True)] = None,
) -> int:
    """Runs until it is stopped. A worker that crashes is started again, one that hangs is ended; nothing acknowledged is lost by either."""
    from cabin.logs import logged
    from cabin.metrics import metered
    from cabin.worker import Child, work

    session: Session = ctx.obj
    settings = session.settings
    brokers = settings.named_brokers
    port = settings.metrics_port and settings.metrics_port + (0 if child is None else child + 1)
    with metered(settings.metrics_host, port) as meter, logged(settings.log_level, meter):
        if child is not None:
            work(settings, Child(child, pulse), meter)
            return 0
        from cabin.lock import only_run
        from cabin.supervisor import Supervisor, worker_command
        from cabin.worker import node, prepare

        environment = {**os.environ, "CABIN_DATA": str(session.data), "CABIN_LANG": settings.lang, "CABIN_BROKERS": brokers.addresses}
        with only_run(session.data, f"worker-{node(settings)}"):
            return Supervisor(processes, worker_command, environment, meter, partial(prepare, settings)).run()
