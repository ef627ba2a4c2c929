"""The few file operations of publishing, behind a port so that each can fail in a test."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Protocol

UNFINISHED = ".unfinished"
"""How the names of files end that are still being written; whoever finds one and is the only writer removes it."""


class Files(Protocol):
    """What publishing asks of the disk."""

    def copy(self, source: Path, target: Path) -> None: ...

    def write(self, target: Path, text: str) -> None: ...

    def sync(self, path: Path) -> None:
        """The file or folder is on disk when this returns."""
        ...

    def protect(self, path: Path) -> None:
        """Nobody writes the file any more."""
        ...

    def replace(self, source: Path, target: Path) -> None:
        """Atomic rename over the target."""
        ...

    def remove(self, path: Path) -> None: ...


class LocalFiles:
    """The operations on a local file system."""

    def copy(self, source: Path, target: Path) -> None:
        shutil.copyfile(source, target)

    def write(self, target: Path, text: str) -> None:
        target.write_text(text, encoding="utf-8")

    def sync(self, path: Path) -> None:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def protect(self, path: Path) -> None:
        path.chmod(0o440)

    def replace(self, source: Path, target: Path) -> None:
        source.replace(target)

    def remove(self, path: Path) -> None:
        path.unlink(missing_ok=True)
