"""Idempotency keys: which content a department's key stands for, on disk before anything of that content lands.

A key only tells a repetition from a mistake. That the same content lands once, the log itself says: a repetition is looked up there, so it is true even where the log
was restored to an earlier state.
"""

from __future__ import annotations

import sqlite3
import threading
from datetime import datetime, timedelta
from pathlib import Path

from contracts.ports import Clock
from streams.gateway.errors import IdempotencyKeyReused

KEPT_DAYS = 30
SCHEMA = """create table if not exists used (key text primary key, content text not null, at text not null) without rowid;
create index if not exists used_at on used (at);"""


class Keys:
    """One SQLite file, written with `synchronous=full`; threads take turns."""

    def __init__(self, path: Path, clock: Clock) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.execute("pragma journal_mode=wal")
        self._connection.execute("pragma synchronous=full")
        self._connection.executescript(SCHEMA)
        self._clock = clock
        self._alone = threading.Lock()

    def take(self, key: str, content: str) -> bool:
        """Binds the key to the content, durable on return; true where it was not bound before. Both are digests: neither a key nor a content is kept.

        Raises: `IdempotencyKeyReused` where it stands for another content.
        """
        now = self._clock.now()
        with self._alone:
            self._connection.execute("delete from used where at < ?", (_text(now - timedelta(days=KEPT_DAYS)),))
            new = self._connection.execute("insert or ignore into used values (?, ?, ?)", (key, content, _text(now))).rowcount == 1
            (held,) = self._connection.execute("select content from used where key = ?", (key,)).fetchone()
        if held != content:
            raise IdempotencyKeyReused()
        return new

    def free(self, key: str) -> None:
        """Lets go of a key whose content was refused: nothing of it landed, so the mended content may use it."""
        with self._alone:
            self._connection.execute("delete from used where key = ?", (key,))

    def close(self) -> None:
        self._connection.close()


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")
