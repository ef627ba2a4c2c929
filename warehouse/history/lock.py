"""One writer of history at a time, and leases of readers: both end with the process that holds them, because the operating system holds them."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from contracts.lock import only_one
from warehouse.errors import HistoryInUse

LEASES = "leases"


@contextmanager
def only_writer(folder: Path) -> Iterator[None]:
    """Raises: `HistoryInUse` where another process, or another `History` of this one, writes."""
    folder.mkdir(parents=True, exist_ok=True)
    with only_one(folder / "writer.lock", lambda: HistoryInUse(folder=folder.name)):
        yield


@contextmanager
def leased(folder: Path, sequence: int) -> Iterator[None]:
    """While it lasts no file that this state of history names is removed."""
    (folder / LEASES).mkdir(exist_ok=True)
    path = folder / LEASES / str(sequence)
    handle = _shared(path)
    while not _lies_at(handle, path):  # removed as nobody's between opening and locking
        os.close(handle)
        handle = _shared(path)
    try:
        yield
    finally:
        os.close(handle)


def oldest_lease(folder: Path) -> int | None:
    """The earliest state that somebody reads; None where nobody does. Leases that nobody holds are removed."""
    for path in sorted((path for path in (folder / LEASES).glob("*") if path.name.isdecimal()), key=lambda path: int(path.name)):
        handle = os.open(path, os.O_RDWR)
        try:
            if not _taken(handle, fcntl.LOCK_EX):
                return int(path.name)
            path.unlink()
        finally:
            os.close(handle)
    return None


def newest_lease(folder: Path) -> int:
    """The latest state that anybody reads or read; 0 where nobody did."""
    return max((int(path.name) for path in (folder / LEASES).glob("*") if path.name.isdecimal()), default=0)


def _shared(path: Path) -> int:
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(handle, fcntl.LOCK_SH)
    return handle


def _lies_at(handle: int, path: Path) -> bool:
    try:
        return os.fstat(handle).st_ino == path.stat().st_ino
    except FileNotFoundError:
        return False


def _taken(handle: int, mode: int) -> bool:
    try:
        fcntl.flock(handle, mode | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
