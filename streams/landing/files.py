"""The file system as landing uses it: a port, so that a test can let every single write, fsync, rename and removal fail once.

Deliveries are read directly; only what landing *writes* goes through here.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import Protocol


class Files(Protocol):
    """What landing writes to disk. All calls raise `OSError`."""

    def create(self, path: Path) -> int: ...

    def write(self, handle: int, data: bytes) -> None: ...

    def fsync(self, handle: int) -> None: ...

    def close(self, handle: int) -> None: ...

    def rename(self, source: Path, target: Path) -> None:
        """Atomic, and durable on return."""
        ...

    def remove(self, path: Path) -> None: ...

    def lock(self, path: Path) -> int | None:
        """An exclusive lock held until `unlock` or the end of the process; None where another process holds it."""
        ...

    def unlock(self, path: Path, handle: int) -> None: ...


class LocalFiles:
    """Implements `Files` on the local file system."""

    def create(self, path: Path) -> int:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)

    def write(self, handle: int, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(handle, rest) :]

    def fsync(self, handle: int) -> None:
        os.fsync(handle)

    def close(self, handle: int) -> None:
        os.close(handle)

    def rename(self, source: Path, target: Path) -> None:
        source.replace(target)
        _sync_folder(target.parent)

    def remove(self, path: Path) -> None:
        path.unlink(missing_ok=True)

    def lock(self, path: Path) -> int | None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return None
        if _same_file(handle, path):
            return handle
        os.close(handle)  # its former holder removed the file between our open and our lock
        return None

    def unlock(self, path: Path, handle: int) -> None:
        path.unlink(missing_ok=True)
        os.close(handle)


def _same_file(handle: int, path: Path) -> bool:
    try:
        there = path.stat()
    except FileNotFoundError:
        return False
    own = os.fstat(handle)
    return (own.st_dev, own.st_ino) == (there.st_dev, there.st_ino)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
