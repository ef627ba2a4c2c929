"""The few file operations by which a site is written, behind a port so that each can fail in a test."""

from __future__ import annotations

import ctypes
import os
import shutil
from pathlib import Path
from typing import Protocol

AT_FDCWD, RENAME_EXCHANGE = -100, 2
BEFORE = ".before"
"""How a folder is called for the moment between two renames, where the system cannot exchange two folders at once."""


class Disk(Protocol):
    """What writing a site asks of the disk."""

    def write(self, file: Path, content: bytes) -> None:
        """A new file; its folder is made where it is missing."""
        ...

    def move(self, folder: Path, target: Path) -> None:
        """The folder under another name, where nothing or an empty folder is."""
        ...

    def swap(self, one: Path, other: Path) -> None:
        """Each of two folders under the name of the other."""
        ...

    def clear(self, folder: Path) -> None:
        """Everything in the folder is gone."""
        ...


class LocalDisk:
    """The operations on a local file system."""

    def write(self, file: Path, content: bytes) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)

    def move(self, folder: Path, target: Path) -> None:
        folder.rename(target)

    def swap(self, one: Path, other: Path) -> None:
        if not _exchanged(one, other):
            _by_turns(one, other)

    def clear(self, folder: Path) -> None:
        for each in folder.iterdir():
            shutil.rmtree(each) if each.is_dir() and not each.is_symlink() else each.unlink()


def _exchanged(one: Path, other: Path) -> bool:
    """Linux does it in one step, so that there is no moment without a folder; False where it cannot (an older one, some file systems, another system)."""
    try:
        exchange = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError):
        return False
    return bool(exchange(AT_FDCWD, os.fsencode(one), AT_FDCWD, os.fsencode(other), RENAME_EXCHANGE) == 0)


def _by_turns(one: Path, other: Path) -> None:
    """The other stays under its name, or gets it back, unless the process dies between two renames; then it lies beside, with `BEFORE` at its end."""
    kept = other.with_name(other.name + BEFORE)
    other.rename(kept)
    try:
        one.rename(other)
    except OSError:
        kept.rename(other)
        raise
    kept.rename(one)
