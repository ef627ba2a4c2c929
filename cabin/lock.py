"""One `cabin run` or `cabin loader` per data folder, one `cabin worker` per machine: an advisory lock that ends with the process that holds it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cabin.errors import AlreadyRunning


@contextmanager
def only_run(data: Path, name: str = "run") -> Iterator[None]:
    """Holds a lock of the data folder: by default the one of who loads its warehouse.

    Raises: `AlreadyRunning` where another process holds it.
    """
    data.mkdir(parents=True, exist_ok=True)
    handle = os.open(data / f"{name}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyRunning() from error
        yield
    finally:
        os.close(handle)
