"""The embedded log: every topic in one SQLite file (WAL, synchronous=FULL), for machines without a broker.

Messages lie under one integer key, (stream number << 40) + offset, so that a partition is one run of the file and reading it is sequential.
Many processes may append; SQLite's write lock orders them.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from contracts.errors import disk_fault
from contracts.ports import Message, Position, Stored
from streams.log.errors import DataFolderUnusable, LogUnreadable, PartitionCountFixed
from streams.log.told import told

OFFSET_BITS = 40
BUSY_MILLISECONDS = 60_000
PAUSE_MILLISECONDS = 20
SCHEMA = """
create table if not exists installation (generation text not null, partitions integer not null);
create table if not exists stream (number integer primary key, topic text not null, partition integer not null, unique (topic, partition));
create table if not exists message (place integer primary key, headers text not null, key blob not null, value blob not null);
"""


class EmbeddedLog:
    """The Log port over one SQLite file; `open` makes the file where it is missing."""

    def __init__(self, connection: sqlite3.Connection, path: Path, partitions: int) -> None:
        self._connection = connection
        self._path = path
        self._partitions = partitions
        self._streams: dict[tuple[str, int], int] = {}
        self._alone = threading.RLock()  # one connection has one transaction: threads of a process take turns

    @classmethod
    def open(cls, path: Path, partitions: int | None = None) -> EmbeddedLog:
        """The log at `path`; `partitions` (default 2) counts only when the file is new.

        Raises: `DataFolderUnusable` where its folder cannot be made or written, `PartitionCountFixed` where an existing log has another count,
        `LogUnreadable` where the file is no log.
        """
        connection = _connected(path)
        try:
            _write_ahead(connection)
            connection.execute("pragma synchronous=full")
            connection.execute("begin immediate")
            for statement in SCHEMA.split(";"):
                connection.execute(statement)
            row = connection.execute("select partitions from installation").fetchone()
            if row is None:
                row = (partitions or 2,)
                connection.execute("insert into installation values (?, ?)", (_new_generation(), *row))
            connection.execute("commit")
        except sqlite3.DatabaseError as error:
            connection.close()
            raise LogUnreadable(path=path.name) from error
        if partitions is not None and partitions != row[0]:
            connection.close()
            raise PartitionCountFixed(given=partitions, fixed=row[0])
        return cls(connection, path, row[0])

    @property
    def path(self) -> Path:
        return self._path

    @property
    def partitions(self) -> int:
        return self._partitions

    @property
    def generation(self) -> str:
        with self._alone:
            return str(self._connection.execute("select generation from installation").fetchone()[0])

    @property
    def era(self) -> str:
        """Always the same: what is acknowledged is on the disk."""
        return "0"

    def moved(self) -> bool:
        """Never: what is asked of it is read from the file each time."""
        return False

    def append(self, topic: str, partition: int, messages: Sequence[Message]) -> Sequence[Position]:
        """Adds all messages or none; on disk when it returns."""
        with self._alone:
            return self._append(topic, partition, messages)

    def _append(self, topic: str, partition: int, messages: Sequence[Message]) -> Sequence[Position]:
        cursor = self._connection.cursor()
        cursor.execute("begin immediate")
        try:
            base = self._made(topic, partition)
            first = self._next(base)
            cursor.executemany(
                "insert into message values (?, ?, ?, ?)",
                ((base + first + index, _headers_text(message.headers), message.key, message.value) for index, message in enumerate(messages)),
            )
            cursor.execute("commit")
        except BaseException:
            cursor.execute("rollback")
            self._streams.clear()
            raise
        return [Position(topic, partition, first + index) for index in range(len(messages))]

    def read(self, topic: str, partition: int, start: int, limit_bytes: int = 64_000_000) -> Sequence[Stored]:
        """Messages from `start` on in offset order, at least one where there is one, about `limit_bytes` of values in all."""
        with self._alone:
            return self._read(topic, partition, start, limit_bytes)

    def _read(self, topic: str, partition: int, start: int, limit_bytes: int) -> Sequence[Stored]:
        base = self._base(topic, partition)
        if base is None:
            return []
        found: list[Stored] = []
        size = 0
        rows = self._connection.execute(
            "select place, headers, key, value from message where place >= ? and place < ? order by place", (base + start, base + (1 << OFFSET_BITS))
        )
        for place, headers, key, value in rows:
            position = Position(topic, partition, place - base)
            found.append(Stored(position, Message(value, told(position, 0, json.loads(headers)), key)))
            size += len(value)
            if size >= limit_bytes:
                break
        rows.close()
        return found

    def headers(self, topic: str, partition: int, start: int) -> Sequence[tuple[int, Mapping[str, str]]]:
        """Offset and headers from `start` on; the values are not read from disk."""
        with self._alone:
            return self._headers(topic, partition, start)

    def _headers(self, topic: str, partition: int, start: int) -> Sequence[tuple[int, Mapping[str, str]]]:
        base = self._base(topic, partition)
        if base is None:
            return []
        rows = self._connection.execute(
            "select place, headers from message where place >= ? and place < ? order by place", (base + start, base + (1 << OFFSET_BITS))
        )
        return [(place - base, told(Position(topic, partition, place - base), 0, json.loads(headers))) for place, headers in rows]

    def end(self, topic: str, partition: int) -> int:
        with self._alone:
            base = self._base(topic, partition)
            return 0 if base is None else self._next(base)

    def topics(self) -> Sequence[str]:
        """All topics that ever had a message, in name order."""
        with self._alone:
            return [row[0] for row in self._connection.execute("select distinct topic from stream order by topic")]

    def topic_id(self, topic: str) -> str:
        """Always the same: a file's topics are not deleted."""
        return "0"

    def renew(self, topics: Sequence[str]) -> None:
        """Removes every message of `topics` and changes the generation, in one transaction. The file does not shrink: what comes next takes the room."""
        with self._alone:
            self._connection.execute("begin immediate")
            try:
                for topic in topics:
                    for (number,) in self._connection.execute("select number from stream where topic = ?", (topic,)).fetchall():
                        self._connection.execute("delete from message where place >= ? and place < ?", (number << OFFSET_BITS, (number + 1) << OFFSET_BITS))
                self._connection.execute("update installation set generation = ?", (_new_generation(),))
                self._connection.execute("commit")
            except BaseException:
                self._connection.execute("rollback")
                raise

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> EmbeddedLog:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _made(self, topic: str, partition: int) -> int:
        base = self._base(topic, partition)
        if base is None:
            number = self._connection.execute("insert into stream (topic, partition) values (?, ?)", (topic, partition)).lastrowid or 0
            base = self._streams[topic, partition] = number << OFFSET_BITS
        return base

    def _base(self, topic: str, partition: int) -> int | None:
        if (topic, partition) not in self._streams:
            row = self._connection.execute("select number from stream where topic = ? and partition = ?", (topic, partition)).fetchone()
            if row is None:
                return None
            self._streams[topic, partition] = row[0] << OFFSET_BITS
        return self._streams[topic, partition]

    def _next(self, base: int) -> int:
        last = self._connection.execute("select max(place) from message where place >= ? and place < ?", (base, base + (1 << OFFSET_BITS))).fetchone()[0]
        return 0 if last is None else int(last) - base + 1


def _new_generation() -> str:
    return secrets.token_hex(8)


def _connected(path: Path) -> sqlite3.Connection:
    """A connection to the file, made where it is missing."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            path.touch()  # SQLite says only that it cannot open the file; this says why
        return sqlite3.connect(path, timeout=BUSY_MILLISECONDS / 1000, isolation_level=None, check_same_thread=False)
    except OSError as error:
        raise DataFolderUnusable(folder=path.parent.name, detail=disk_fault(error)) from error
    except sqlite3.OperationalError as error:
        raise LogUnreadable(path=path.name) from error


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Write-ahead logging, also where several processes make the file at once: for this one switch SQLite refuses at once instead of waiting."""
    for _ in range(BUSY_MILLISECONDS // PAUSE_MILLISECONDS):
        try:
            connection.execute("pragma journal_mode=wal")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
        time.sleep(PAUSE_MILLISECONDS / 1000)
    connection.execute("pragma journal_mode=wal")


def _headers_text(headers: Mapping[str, str]) -> str:
    return json.dumps(dict(headers), ensure_ascii=False, separators=(",", ":"))
