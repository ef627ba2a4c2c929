"""One export: every mart of the published snapshot and every table of history as Parquet, over which Delta tables stand, with dictionary and lineage.

It is written under a temporary name, synced and renamed; then the link `current` is renamed over the old one. Whoever dies on the way leaves the old export, and what the next one removes.
Marts are streamed by the engine, one file each. Files of history get a second name: nothing is copied, and what history merges or removes later stays here as long as the export.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb

from contracts.model import Contracts
from warehouse.catalogue import MartFile, mart_files
from warehouse.errors import ExportFailed, NoExport, NoHistory
from warehouse.export.dictionary import dictionary_csv, dictionary_page
from warehouse.export.lineage import Made, Telling, events
from warehouse.export.place import MANIFEST, clear_unfinished, exported, make_current, manifest_of, next_name, only_exporter, retire
from warehouse.export.snapshot import Snapshot, snapshot_of
from warehouse.export.tables import exported_history, exported_marts
from warehouse.export.write import Writer
from warehouse.files import UNFINISHED, Files, LocalFiles
from warehouse.history import Manifest, Means, Reading, reading

FORMAT = 1
KEPT = 2
NOT_LETTING = (OSError, duckdb.IOException, duckdb.OutOfMemoryException)
"""What the disk or the memory does to an export; every other error of the engine is a bug."""


@dataclass(frozen=True, slots=True)
class Export:
    """An export as it lies there. `fresh`: it was made now; else nothing was new since it was. `history`: whether it has any."""

    name: str
    path: Path
    tables: int
    rows: int
    bytes: int
    history: bool
    fresh: bool


@dataclass(frozen=True, slots=True)
class Exporter:
    """Where exports go and under which contracts; `kept`: how many stay."""

    folder: Path
    contracts: Contracts
    means: Means = field(default_factory=Means)
    marts: Mapping[str, MartFile] = field(default_factory=mart_files)
    files: Files = field(default_factory=LocalFiles)
    kept: int = KEPT

    def export(self, published: Path, history: Path | None, at: datetime) -> Export:
        """What is published now, and what history (None: leave it out) holds now, exported at a moment of Beijing time; nothing is written where nothing is new.

        Raises: `NoSnapshot`, `SnapshotOutdated`, `HistoryUnreadable`, `HistoryFileFault`, `TypeNotExported`, `ExportInUse`, `ExportFailed`; the export before stays current then.
        """
        try:
            with only_exporter(self.folder):
                clear_unfinished(self.folder, self.files)
                return self._export(published, history, at)
        except NOT_LETTING as error:
            raise ExportFailed(folder=self.folder.name, detail=getattr(error, "strerror", None) or type(error).__name__) from error

    def _export(self, published: Path, history: Path | None, at: datetime) -> Export:
        spill = self.folder / f"spill{UNFINISHED}"
        with snapshot_of(published, self.contracts, self.means, spill) as snapshot, self._history(history) as read:
            made_from = {"snapshot": dict(snapshot.about), "history": None if read is None else _state(read.manifest)}
            held = self._held()
            if held is not None and held["made_from"] == made_from:
                return _told(exported(self.folder), held, fresh=False)
            name = next_name(self.folder)
            place = self.folder / f"{name}{UNFINISHED}"
            place.mkdir(mode=0o700)
            writer = Writer(place, self.files, at)
            made = list(self._tables(writer, snapshot, read))
        document = {
            "format": FORMAT,
            "name": name,
            "at": at.isoformat(timespec="milliseconds"),
            "made_from": made_from,
            "tables": [_listed(each) for each in made],
        }
        self._documents(writer, made, document)
        self._commit(place, name)
        return _told(self.folder / name, document, fresh=True)

    @contextmanager
    def _history(self, folder: Path | None) -> Iterator[Reading | None]:
        """History as it is now, kept from being removed; None where there is none yet."""
        with ExitStack() as stack:
            try:
                read = None if folder is None else stack.enter_context(reading(folder, self.contracts))
            except NoHistory:
                read = None
            yield read

    def _tables(self, writer: Writer, snapshot: Snapshot, read: Reading | None) -> Iterator[Made]:
        for table in exported_marts(self.contracts):
            if table.name in snapshot.tables:
                yield writer.mart(snapshot.connection, table)
        if read is not None:
            for table in exported_history(self.contracts):
                yield writer.history(snapshot.connection, table, read)

    def _documents(self, writer: Writer, made: list[Made], document: Mapping[str, Any]) -> None:
        tables = [each.table for each in made]
        telling = Telling(self.contracts, self.marts, document["name"], datetime.fromisoformat(document["at"]))
        writer.text("dictionary.csv", dictionary_csv(tables))
        for lang in ("zh", "en"):
            writer.text(f"dictionary.{lang}.md", dictionary_page(tables, lang))
        writer.text("openlineage.json", json.dumps(events(telling, made), ensure_ascii=False))
        writer.text(MANIFEST, json.dumps(document, ensure_ascii=False, indent=1))

    def _commit(self, place: Path, name: str) -> None:
        self.files.sync(place)
        self.files.replace(place, self.folder / name)
        self.files.sync(self.folder)
        make_current(self.folder, name, self.files)
        retire(self.folder, self.kept, self.files)

    def _held(self) -> dict[str, Any] | None:
        try:
            return manifest_of(exported(self.folder))
        except NoExport:
            return None


def _state(manifest: Manifest) -> dict[str, Any]:
    """What tells one state of history from another, without its list of files."""
    files = sha256("\n".join(sorted(file.sha256 for file in manifest.files)).encode()).hexdigest()
    return {"log": dict(manifest.log), "versions": dict(manifest.versions), "positions": [asdict(each) for each in manifest.positions], "files": files}


def _listed(made: Made) -> dict[str, Any]:
    files = [each.name for each in made.files]
    return {"part": made.table.part, "name": made.table.name, "rows": made.rows, "bytes": made.bytes, "files": files}


def _told(path: Path, document: Mapping[str, Any], fresh: bool) -> Export:
    tables = document["tables"]
    rows, size = (sum(each[name] for each in tables) for name in ("rows", "bytes"))
    return Export(document["name"], path, len(tables), rows, size, document["made_from"]["history"] is not None, fresh)
