"""One `cabin run` or `cabin loader` per data folder, one `cabin worker` per machine: an advisory lock that ends with the process that holds it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cabin.errors import AlreadyRunning
from contracts.lock import only_one


@contextmanager
def only_run(data: Path, name: str = "run") -> Iterator[None]:
    """Holds a lock of the data folder: by default the one of who loads its warehouse.

    Raises: `AlreadyRunning` where another process holds it.
    """
    data.mkdir(parents=True, exist_ok=True)
    with only_one(data / f"{name}.lock", AlreadyRunning):
        yield
