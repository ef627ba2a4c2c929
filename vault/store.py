"""The vault's file: records of fixed size, only ever added, shared by all processes of an installation.

Measured before the choice, 100,000 subjects a batch: SQLite found 60 thousand known and made 40 thousand new subjects a second (two random indexes,
a row at a time through Python); this file does a multiple of both, because adding is one sequential write and finding is one vectorised search.

Adding happens under an exclusive file lock and is on disk before the lock is released; who sees a longer file waits for that lock before he
uses what is new. A batch torn by a power cut was never used: its first broken record ends the file.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from vault.index import Index, Integers
from vault.records import RECORD, Bytes, Records, checks, valid

HEADLESS = np.zeros(0, RECORD)
SECRETS = ("wrapped", "nonce", "number", "size")


class Store:
    """Batch reads and the one atomic get-or-create."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "tokens"
        self._handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        self._destroyed = os.open(folder / "destroyed", os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        self._records: Records = HEADLESS
        self._by_lookup = Index()
        self._by_token = Index()

    def sequence(self) -> int:
        """Grows with every token made and every key destroyed."""
        self._refresh()
        return len(self._records) + os.fstat(self._destroyed).st_size

    def destroyed(self) -> int:
        """Moves with every key destroyed: a process that keeps keys in memory must then let them go."""
        return os.fstat(self._destroyed).st_size

    def lookups(self, lookups: Bytes) -> Integers:
        """Record numbers by lookup, -1 where there is none."""
        self._refresh()
        return self._by_lookup.find(lookups, self._records["lookup"])

    def tokens(self, tokens: Bytes) -> Integers:
        """Record numbers by token, -1 where there is none."""
        self._refresh()
        return self._by_token.find(tokens, self._records["token"])

    def records(self, numbers: Integers) -> Records:
        """Copies of the records with these numbers."""
        taken: Records = self._records[numbers]
        return taken

    def create(self, lookups: Bytes, make: Callable[[Integers], Records]) -> None:
        """Adds records for those of `lookups` that are not there; `make` gets the places of the missing and gives their records without check.

        `lookups` are distinct. One atomic step for all processes; on disk when it returns.
        """
        with self._locked(fcntl.LOCK_EX):
            self._take_in()
            missing = np.flatnonzero(self._by_lookup.find(lookups, self._records["lookup"]) < 0)
            if not len(missing):
                return
            made = make(missing)
            made["check"] = checks(made)
            os.ftruncate(self._handle, len(self._records) * RECORD.itemsize)
            _write_at(self._handle, made.tobytes(), len(self._records) * RECORD.itemsize)
            os.fsync(self._handle)
            self._take_in()

    def destroy(self, number: int, entry: str) -> bool:
        """Overwrites what is secret of a record, for ever; false where that was done before. `entry` is kept in the list of destroyed keys."""
        with self._locked(fcntl.LOCK_EX):
            self._take_in()
            record = self._records[number : number + 1].copy()
            if not record["wrapped"].any():
                return False
            for name in SECRETS:
                record[name] = 0
            record["check"] = checks(record)
            _write_at(self._handle, record.tobytes(), number * RECORD.itemsize)
            os.fsync(self._handle)
            os.write(self._destroyed, f"{entry}\n".encode())
            os.fsync(self._destroyed)
        return True

    def close(self) -> None:
        self._records = HEADLESS
        os.close(self._handle)
        os.close(self._destroyed)

    def _refresh(self) -> None:
        """Takes in what other processes added, once it is on disk."""
        if os.fstat(self._handle).st_size // RECORD.itemsize > len(self._records):
            with self._locked(fcntl.LOCK_SH):
                self._take_in()

    def _take_in(self) -> None:
        known = len(self._records)
        there = os.fstat(self._handle).st_size // RECORD.itemsize
        if there <= known:
            return
        mapped: Records = np.memmap(self._path, RECORD, "r", shape=(there,))
        whole = known + valid(mapped[known:])
        self._records = mapped[:whole]
        self._by_lookup.add(mapped["lookup"][known:whole], known)
        self._by_token.add(mapped["token"][known:whole], known)

    @contextmanager
    def _locked(self, how: int) -> Iterator[None]:
        fcntl.flock(self._handle, how)
        try:
            yield
        finally:
            fcntl.flock(self._handle, fcntl.LOCK_UN)


def _write_at(handle: int, data: bytes, place: int) -> None:
    rest = memoryview(data)
    while rest:
        written = os.pwrite(handle, rest, place)
        rest, place = rest[written:], place + written
