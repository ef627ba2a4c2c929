"""Where exports lie: `<number>/` for each, never changed, and the link `current` to the newest, replaced by one atomic rename. One exporter at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from contracts.lock import only_one
from warehouse.errors import ExportInUse, NoExport
from warehouse.files import UNFINISHED, Files

CURRENT = "current"
MANIFEST = "export.json"
"""Written last; it says what the export was made from and lists its tables and files."""


def exported(folder: Path) -> Path:
    """The newest export in a folder, by the name of its own under which it never changes. Raises: `NoExport`.

    Who reads several files takes this path, or resolves `current` once: by way of the link two reads may meet two exports.
    """
    place = folder / CURRENT
    if not (place / MANIFEST).exists():
        raise NoExport(folder=folder.name)
    return place.resolve()


def manifest_of(place: Path) -> dict[str, Any]:
    """What an export says of itself."""
    found: dict[str, Any] = json.loads((place / MANIFEST).read_text(encoding="utf-8"))
    return found


@contextmanager
def only_exporter(folder: Path) -> Iterator[None]:
    """Makes the folder where it is missing, closed to other accounts. Raises: `ExportInUse`."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with only_one(folder / "export.lock", lambda: ExportInUse(folder=folder.name)):
        yield


def clear_unfinished(folder: Path, files: Files) -> None:
    """Removes what an exporter that died left behind."""
    for path in folder.glob(f"*{UNFINISHED}"):
        (files.clear if path.is_dir() and not path.is_symlink() else files.remove)(path)


def next_name(folder: Path) -> str:
    """Exports are numbered; a number is never used again while a later one exists."""
    return f"{max((int(path.name) for path in _numbered(folder)), default=0) + 1:06d}"


def make_current(folder: Path, name: str, files: Files) -> None:
    """The export counts from here on."""
    written = folder / f"{CURRENT}{UNFINISHED}"
    files.point(name, written)
    files.replace(written, folder / CURRENT)
    files.sync(folder)


def retire(folder: Path, kept: int, files: Files) -> None:
    """Removes the oldest beyond `kept`, under another name first, so that nobody takes what is left of one for an export."""
    for path in _numbered(folder)[:-kept]:
        gone = folder / f"{path.name}{UNFINISHED}"
        files.replace(path, gone)
        files.clear(gone)


def _numbered(folder: Path) -> list[Path]:
    return sorted((path for path in folder.iterdir() if path.name.isdecimal() and (path / MANIFEST).exists()), key=lambda path: int(path.name))
