"""One process at a time: an advisory lock on a file that the operating system lets go of with the process that holds it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from contracts.errors import CabinError


@contextmanager
def only_one(file: Path, taken: Callable[[], CabinError]) -> Iterator[None]:
    """Holds the lock `file`, made where it is missing, closed to other accounts. Raises what `taken` gives where another process, or another holder in this one, has it."""
    handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise taken() from error
        yield
    finally:
        os.close(handle)
