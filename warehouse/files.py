"""The few file operations of publishing and exporting, behind a port so that each can fail in a test."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path
from typing import Protocol

UNFINISHED = ".unfinished"
"""How the names of files end that are still being written; whoever finds one and is the only writer removes it."""


NO_SECOND_NAME = frozenset({errno.EXDEV, errno.EPERM, errno.EMLINK, errno.ENOTSUP, errno.EACCES})
"""Why a file may get no second name though it can be read: another file system, one without such links, too many of them, or another owner's file."""


class Files(Protocol):
    """What publishing, history and exports ask of the disk."""

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

    def clear(self, folder: Path) -> None:
        """The folder and all in it are gone."""
        ...

    def link(self, source: Path, target: Path) -> None:
        """The file has a second name; it is copied where the file system cannot do that."""
        ...

    def point(self, target: str, path: Path) -> None:
        """A new symbolic link."""
        ...


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

    def clear(self, folder: Path) -> None:
        shutil.rmtree(folder)

    def link(self, source: Path, target: Path) -> None:
        try:
            os.link(source, target)
        except OSError as error:
            if error.errno not in NO_SECOND_NAME:
                raise
            shutil.copyfile(source, target)

    def point(self, target: str, path: Path) -> None:
        path.symlink_to(target)
