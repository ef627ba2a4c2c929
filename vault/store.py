"""The vault's table: one row per token, in SQLite (WAL, synchronous=FULL), shared by all processes of an installation.

`token` and `lookup` are bytes; `wrapped` is null once the key was destroyed. Rows are only ever added, apart from that.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

BUSY_SECONDS = 60
CACHE_KIB = 200_000
SCHEMA = """
create table if not exists token (id integer primary key, token blob not null, lookup blob not null, wrapped blob, sealed blob);
create unique index if not exists token_by_lookup on token (lookup);
create unique index if not exists token_by_token on token (token);
create table if not exists destroyed (id integer primary key, token blob not null, recorded_at text not null);
create temp table wanted (value blob primary key) without rowid;
"""


class Row(NamedTuple):
    """One token as stored."""

    token: bytes
    lookup: bytes
    wrapped: bytes | None
    sealed: bytes | None


class Store:
    """Batch reads and the one atomic get-or-create."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        for pragma in ("journal_mode=wal", "synchronous=full", f"cache_size=-{CACHE_KIB}", "temp_store=memory"):
            self._connection.execute(f"pragma {pragma}")
        for statement in SCHEMA.split(";"):
            self._connection.execute(statement)

    def sequence(self) -> int:
        """Grows with every token made and every key destroyed."""
        row = self._connection.execute("select coalesce((select max(id) from token), 0) + coalesce((select max(id) from destroyed), 0)").fetchone()
        return int(row[0])

    def destroyed(self) -> int:
        """How many keys were destroyed so far: a process that keeps keys in memory must let them go when this moves."""
        return int(self._connection.execute("select coalesce(max(id), 0) from destroyed").fetchone()[0])

    def by_lookup(self, lookups: Iterable[bytes]) -> list[Row]:
        return self._matching("lookup", lookups)

    def by_token(self, tokens: Iterable[bytes]) -> list[Row]:
        return self._matching("token", tokens)

    def create(self, rows: Sequence[Row]) -> int:
        """Adds the rows whose lookup is not there yet, in one transaction, durable on return; says how many: a row that lost a race is left out."""
        cursor = self._connection.cursor()
        cursor.execute("begin immediate")
        try:
            cursor.executemany("insert or ignore into token (token, lookup, wrapped, sealed) values (?, ?, ?, ?)", rows)
            made = cursor.rowcount
            cursor.execute("commit")
        except BaseException:
            cursor.execute("rollback")
            raise
        return made

    def destroy(self, token: bytes, recorded_at: str) -> bool:
        """Forgets a key for ever; false where there was none."""
        cursor = self._connection.cursor()
        cursor.execute("begin immediate")
        cursor.execute("update token set wrapped = null, sealed = null where token = ? and wrapped is not null", (token,))
        found = cursor.rowcount == 1
        if found:
            cursor.execute("insert into destroyed (token, recorded_at) values (?, ?)", (token, recorded_at))
        cursor.execute("commit")
        return found

    def close(self) -> None:
        self._connection.close()

    def _matching(self, column: str, values: Iterable[bytes]) -> list[Row]:
        cursor = self._connection.cursor()
        cursor.execute("delete from wanted")
        cursor.executemany("insert or ignore into wanted values (?)", ((value,) for value in values))
        found = cursor.execute(f"select t.token, t.lookup, t.wrapped, t.sealed from wanted w join token t on t.{column} = w.value").fetchall()
        cursor.execute("delete from wanted")
        return [Row(*row) for row in found]
