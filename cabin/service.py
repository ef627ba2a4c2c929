"""What every process that runs for ever begins with: its metrics are served, its logs are structured."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from cabin.logs import logged
from cabin.metrics import metered
from cabin.settings import Settings
from contracts.ports import Meter


@contextmanager
def serving(settings: Settings, worker: int = 0) -> Iterator[Meter]:
    """The process's meter; the i-th worker, counted from 1, serves on the configured port plus i.

    Raises: `MetricsPortTaken`.
    """
    port = settings.metrics_port + worker if settings.metrics_port else 0
    with metered(settings.metrics_host, port) as meter, logged(settings.log_level, meter):
        yield meter
