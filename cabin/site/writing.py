"""A site in its folder: whole or not at all. It is written beside, and takes the place of the one before at the end; whoever dies on the way leaves that one as it was.

It is no record: nothing waits until it is on disk for good. After a power cut it is built again.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import orjson

from cabin.site.disk import Disk, LocalDisk
from cabin.site.errors import SiteBusy, SiteFolderTaken
from cabin.site.whole import FORMAT, MARKER
from cabin.writing import make_folder, written_to

UNFINISHED = ".unfinished"


def put(folder: Path, files: Iterable[tuple[str, bytes]], disk: Disk | None = None) -> int:
    """Makes the folder consist of these files (paths and contents); how many. Raises: `SiteFolderTaken`, `FileUnwritable`, `SiteBusy`."""
    target, disk = folder.resolve(), disk or LocalDisk()
    with written_to(folder), _room(target, disk) as room:
        refuse_foreign(target)
        count = 0
        for path, content in files:
            disk.write(room / path, content)
            count += 1
        if is_site(target):
            disk.swap(room, target)
        else:
            disk.move(room, target)
        return count


def refuse_foreign(folder: Path) -> None:
    """Raises: `SiteFolderTaken` where something lies that is neither a site nor an empty folder, `FileUnwritable` where nobody may look."""
    with written_to(folder):
        if (folder.exists() or folder.is_symlink()) and not is_site(folder) and (not folder.is_dir() or any(folder.iterdir())):
            raise SiteFolderTaken(folder=folder.name)


def is_site(folder: Path) -> bool:
    """Whether a folder was written by `put`."""
    try:
        told = orjson.loads((folder / MARKER).read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(told, dict) and told.get("format") == FORMAT


@contextmanager
def _room(target: Path, disk: Disk) -> Iterator[Path]:
    """An empty folder beside the target, ours alone; what is left in it at the end goes: the site before, or what was begun."""
    room = target.with_name(f".{target.name}{UNFINISHED}")
    make_folder(target.parent)
    room.mkdir(exist_ok=True)
    handle = os.open(room, os.O_RDONLY)
    try:
        _only_ours(handle, room, target)
        disk.clear(room)
        try:
            yield room
        finally:
            with suppress(OSError):  # what cannot be taken away is taken away by who builds next
                disk.clear(room)
                room.rmdir()
    finally:
        os.close(handle)


def _only_ours(handle: int, room: Path, target: Path) -> None:
    """A builder before us may have ended meanwhile: then the folder that was opened is the site by now."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(handle), room.stat()):
            return
    except (BlockingIOError, FileNotFoundError):
        pass
    raise SiteBusy(folder=target.name)
