"""Histories for tests: loaded and read back, and logs and disks that misbehave."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from contracts.model import Contracts
from streams.log import EmbeddedLog
from warehouse.files import LocalFiles
from warehouse.history import Cut, History, reading
from warehouse.history.layout import SPLIT_ROWS, history_tables

SIZE = {"memory_mb": 500}


class Moving:
    """A log that becomes another one while it is read."""

    def __init__(self, log: EmbeddedLog) -> None:
        self._log = log

    def __getattr__(self, name: str) -> Any:
        return getattr(self._log, name)

    def moved(self) -> bool:
        return True


class Until:
    """A log of which only the first few messages of every partition are there yet."""

    def __init__(self, log: EmbeddedLog, messages: int) -> None:
        self._log = log
        self._messages = messages

    def __getattr__(self, name: str) -> Any:
        return getattr(self._log, name)

    def read(self, topic: str, partition: int, offset: int, limit: int) -> Any:
        return [each for each in self._log.read(topic, partition, offset, limit) if each.position.offset < self._messages]


class Shortened:
    """A log that forgot the first message of every partition."""

    def __init__(self, log: EmbeddedLog) -> None:
        self._log = log

    def __getattr__(self, name: str) -> Any:
        return getattr(self._log, name)

    def read(self, topic: str, partition: int, offset: int, limit: int) -> Any:
        return self._log.read(topic, partition, max(offset, 1), limit)


class Failing(LocalFiles):
    """A disk whose operation number `place` fails, before or after it was done."""

    def __init__(self, place: int, when: str) -> None:
        self.calls = 0
        self._place = place
        self._when = when

    def _failing(self, name: str, *arguments: Path | str) -> None:
        due = self.calls == self._place
        self.calls += 1
        if due and self._when == "before":
            raise OSError("the disk fails")
        getattr(LocalFiles, name)(self, *arguments)
        if due:
            raise OSError("the disk fails")

    def write(self, target: Path, text: str) -> None:
        self._failing("write", target, text)

    def sync(self, path: Path) -> None:
        self._failing("sync", path)

    def replace(self, source: Path, target: Path) -> None:
        self._failing("replace", source, target)

    def remove(self, path: Path) -> None:
        self._failing("remove", path)


def appended(folder: Path, known: Contracts, log: EmbeddedLog, anew: bool = False, split_rows: int = SPLIT_ROWS) -> None:
    with History.open(folder, known, anew=anew, split_rows=split_rows, **SIZE) as history:
        history.append(log)


def rows_of(folder: Path, known: Contracts) -> dict[str, list[tuple[object, ...]]]:
    """Every table's rows, ordered."""
    with reading(folder, known) as read, duckdb.connect() as con:
        read.show(con, Cut())
        return {name: con.execute(f'select * from "{name}" order by all').fetchall() for name in history_tables(known)}
