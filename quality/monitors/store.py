"""Profiles kept in the data folder: which deliveries were profiled, what came out, and how far each raw partition was read. Rebuilt from the log where it is lost or is of another log."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pyarrow as pa

from contracts.database import connect
from contracts.lock import only_one
from contracts.profiling import PROFILE
from contracts.transaction import transaction
from quality.monitors.errors import ProfilesInUse

NAME = "profiles.duckdb"
VERSION = 1
"""Grows where profiles mean something else than before: older ones are made anew."""
TABLES = f"""create table if not exists profile (feed varchar, delivery varchar, mode varchar, recorded_at timestamp_ms, field varchar, measure varchar, item varchar, value double);
create table if not exists place (topic varchar, partition integer, topic_id varchar, next bigint);
create table if not exists waiting (topic varchar, partition integer, delivery varchar, chunk integer, "offset" bigint);
create table if not exists about as select {VERSION} as version;"""

Offsets = Mapping[int, int]
"""Of one delivery the offset of each chunk."""


@dataclass(frozen=True, slots=True)
class Place:
    """How far a raw partition was read: the next offset, and where the chunks lie of deliveries that were not closed until then."""

    topic: str
    partition: int
    topic_id: str
    next: int = 0
    waiting: Mapping[str, Offsets] = field(default_factory=dict)


class ProfileStore:
    """The profiles of one data folder; one process at a time."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def read_from(self, ends: Mapping[tuple[str, int], tuple[str, int]]) -> bool:
        """Whether everything was read from the log that has these topic ids and ends by topic and partition: not from another, nor from one that went on further."""
        read = self._connection.execute("select topic, partition, topic_id, next from place").fetchall()
        known = [(topic_id, reached, ends.get((topic, partition), ("", 0))) for topic, partition, topic_id, reached in read]
        return all(topic_id == now and reached <= end for topic_id, reached, (now, end) in known)

    def place(self, topic: str, partition: int, topic_id: str) -> Place:
        """How far the partition was read."""
        row = self._connection.execute("select next from place where topic = ? and partition = ?", [topic, partition]).fetchone()
        waiting: dict[str, dict[int, int]] = {}
        asked = 'select delivery, chunk, "offset" from waiting where topic = ? and partition = ?'
        for delivery, chunk, offset in self._connection.execute(asked, [topic, partition]).fetchall():
            waiting.setdefault(delivery, {})[chunk] = offset
        return Place(topic, partition, topic_id, row[0] if row else 0, waiting)

    def known(self, feed: str, deliveries: Collection[str]) -> set[str]:
        """Those of the deliveries that were profiled already."""
        asked = "select distinct delivery from profile where feed = ? and delivery in (select unnest(?::varchar[]))"
        return {row[0] for row in self._connection.execute(asked, [feed, list(deliveries)]).fetchall()}

    def add(self, profiles: Sequence[pa.Table], place: Place) -> None:
        """Takes in profiles and the place that was reached with them, or nothing of it."""
        with transaction(self._connection):
            for rows in profiles:
                self._insert("profile", rows)
            for table in ("place", "waiting"):
                self._connection.execute(f"delete from {table} where topic = ? and partition = ?", [place.topic, place.partition])
            self._connection.execute("insert into place values (?, ?, ?, ?)", [place.topic, place.partition, place.topic_id, place.next])
            rows = [(delivery, chunk, offset) for delivery, chunks in place.waiting.items() for chunk, offset in chunks.items()]
            if rows:
                columns = [pa.array([row[at] for row in rows], kind) for at, kind in enumerate((pa.string(), pa.int32(), pa.int64()))]
                head = [pa.array([place.topic] * len(rows)), pa.array([place.partition] * len(rows), pa.int32())]
                self._insert("waiting", pa.table([*head, *columns], names=["topic", "partition", "delivery", "chunk", "offset"]))

    def clear(self) -> None:
        """Forgets everything."""
        with transaction(self._connection):
            for table in ("profile", "place", "waiting"):
                self._connection.execute(f"delete from {table}")

    def profiles(self, feed: str | None = None, without: Collection[str] = ()) -> pa.Table:
        """All rows in the shape of `PROFILE`, of one feed where it is named, in no order; `without` are feeds and deliveries that do not count."""
        asked = """select * from profile where (?::varchar is null or feed = ?)
            and feed not in (select unnest(?::varchar[])) and delivery not in (select unnest(?::varchar[]))"""
        return self._connection.sql(asked, params=[feed, feed, list(without), list(without)]).to_arrow_table().cast(PROFILE)

    def _insert(self, table: str, rows: pa.Table) -> None:
        self._connection.register("_given", rows)
        self._connection.execute(f"insert into {table} select * from _given")
        self._connection.unregister("_given")


@contextmanager
def profile_store(folder: Path) -> Iterator[ProfileStore]:
    """The store in a folder, made where it is missing, to be used by one process at a time; one that cannot be read, or is of another version, is begun anew.

    Raises: `ProfilesInUse`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with only_one(folder / "lock", ProfilesInUse):
        connection = _opened(folder / NAME)
        try:
            yield ProfileStore(connection)
        finally:
            connection.close()


def _opened(file: Path) -> duckdb.DuckDBPyConnection:
    try:
        connection = connect(str(file))
        connection.execute(TABLES)
        if connection.execute("select version from about").fetchall() == [(VERSION,)]:
            return connection
        connection.close()
    except (duckdb.IOException, duckdb.CatalogException, duckdb.SerializationException, duckdb.InvalidInputException):
        pass  # what stands there is no store of this release: the log has everything that was in it
    for each in (file, file.with_name(f"{file.name}.wal")):
        each.unlink(missing_ok=True)
    connection = connect(str(file))
    connection.execute(TABLES)
    return connection
