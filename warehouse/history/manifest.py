"""The manifest: which files of history count, what is in them and how far the log is read. Whoever replaces it commits; a file it does not name does not exist."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from warehouse.errors import HistoryUnreadable
from warehouse.files import UNFINISHED, Files

NAME = "manifest.json"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class File:
    """One Parquet file, never changed. `oldest` and `newest` bound the `recorded_at` of its rows; `columns` are those it has."""

    path: str
    table: str
    bucket: int
    rows: int
    bytes: int
    sha256: str
    oldest: datetime
    newest: datetime
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reached:
    """The next message to read of a partition, and the digest of the one before it."""

    topic: str
    partition: int
    next: int
    digest: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """One state of history. `sequence` grows with every commit; `log` says of which log it is (generation, era, version of the alias table);
    `versions` are those of the contracts it was last written under; `retired` are files that an earlier state named and readers may still have open."""

    sequence: int = 0
    log: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, int] = field(default_factory=dict)
    positions: tuple[Reached, ...] = ()
    files: tuple[File, ...] = ()
    retired: Mapping[str, int] = field(default_factory=dict)

    def start(self, topic: str, partition: int) -> int:
        return next((each.next for each in self.positions if (each.topic, each.partition) == (topic, partition)), 0)

    def read_up_to(self, reached: Reached) -> Manifest:
        rest = [each for each in self.positions if (each.topic, each.partition) != (reached.topic, reached.partition)]
        return replace(self, positions=tuple(sorted([*rest, reached], key=lambda each: (each.topic, each.partition))))

    def changed(self, gone: Iterable[File], made: Iterable[File]) -> Manifest:
        """The next state, with files in the place of others; those are retired by its number."""
        left = {file.path for file in gone}
        files = tuple({file.path: file for file in (*(file for file in self.files if file.path not in left), *made)}.values())
        after = self.sequence + 1
        retired = {**self.retired, **dict.fromkeys(sorted(left), after)}
        for file in files:  # equal rows make an equal name, also after they were retired
            retired.pop(file.path, None)
        return replace(self, sequence=after, files=files, retired=retired)

    def of(self, table: str) -> tuple[File, ...]:
        return tuple(file for file in self.files if file.table == table)


@dataclass(frozen=True, slots=True)
class TableSize:
    """What history holds of a table; `newest`: the last recording in it."""

    name: str
    rows: int
    files: int
    bytes: int
    newest: datetime


def tables_of(manifest: Manifest) -> list[TableSize]:
    """Every table that has a file, by name."""
    found = {name: manifest.of(name) for name in sorted({file.table for file in manifest.files})}
    return [
        TableSize(name, sum(file.rows for file in files), len(files), sum(file.bytes for file in files), max(file.newest for file in files))
        for name, files in found.items()
    ]


def read_manifest(folder: Path) -> Manifest:
    """What counts now; an empty one where nothing was written yet. Raises: `HistoryUnreadable`."""
    path = folder / NAME
    if not path.exists():
        return Manifest()
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        if document.pop("format") != FORMAT or document.pop("sha256") != _digest(document):
            raise ValueError
        document["files"] = tuple(_file(each) for each in document["files"])
        document["positions"] = tuple(Reached(**each) for each in document["positions"])
        return Manifest(**document)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise HistoryUnreadable(folder=folder.name) from error


def write_manifest(folder: Path, manifest: Manifest, files: Files) -> None:
    """The commit: under another name, on disk, then renamed over the one before."""
    written = folder / f"{NAME}{UNFINISHED}"
    document = json.loads(json.dumps(asdict(manifest), default=str))
    files.write(written, json.dumps({"format": FORMAT, "sha256": _digest(document), **document}, ensure_ascii=False))
    files.sync(written)
    files.replace(written, folder / NAME)
    files.sync(folder)


def _digest(document: Mapping[str, Any]) -> str:
    """Of everything the manifest says, so that an altered position is not taken for one."""
    return sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()


def _file(each: dict[str, Any]) -> File:
    oldest, newest = (datetime.fromisoformat(each.pop(name)) for name in ("oldest", "newest"))
    return File(**each | {"columns": tuple(each["columns"])}, oldest=oldest, newest=newest)
