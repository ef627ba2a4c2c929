"""Messages of `cabin.claims` on their way into a state: read from the log or handed over, decoded as they are taken, and told apart from what is no fact."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import pyarrow as pa

from contracts.aliases import outdated
from contracts.facts import CLAIM, LINK
from contracts.ipc import Unreadable, number_of, read_table
from contracts.ports import Log, Message, Stored
from contracts.topics import CLAIMS
from streams.reconcile.errors import LogTruncated
from streams.reconcile.state import Fact

READ_BYTES = 16_000_000
NAMED = frozenset({*CLAIM.names, *(name for name, _ in LINK)})
"""The columns of claims that are no attributes: without them a row is no claim."""

Aside = Callable[[Stored, str, bytes], None]
"""Puts what cannot be folded into quarantine, durably: the message it came in, the reason, its bytes."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The messages from `start` on up to `stop` (exclusive), until they have `rows` rows; can be gone through again."""

    log: Log
    partition: int
    start: int
    stop: int
    rows: int

    def __iter__(self) -> Iterator[Stored]:
        offset, rows = self.start, 0
        while offset < self.stop and rows < self.rows:
            found = self.log.read(CLAIMS, self.partition, offset, READ_BYTES)
            if not found:
                raise LogTruncated(partition=self.partition, start=self.stop, needed=offset)
            if found[0].position.offset > offset:
                raise LogTruncated(partition=self.partition, start=found[0].position.offset, needed=offset)
            for stored in found:
                offset = stored.position.offset + 1
                rows += rows_of(stored.message)
                yield stored
                if offset >= self.stop or rows >= self.rows:
                    return


class Facts:
    """The facts of some messages; knows where they ended, how many rows they had and the digest of the last, when it is through.

    `aliases`: what was derived under an older version of the alias table is passed over.
    """

    def __init__(self, stored: Iterable[Stored], shapes: Mapping[str, pa.Schema], aside: Aside, aliases: int = 0) -> None:
        self._stored, self._shapes, self._aside, self._aliases = stored, shapes, aside, aliases
        self._last: Stored | None = None
        self.rows = 0

    def __iter__(self) -> Iterator[Fact]:
        self.rows = 0
        for stored in self._stored:
            self._last = stored
            fact = None if outdated(stored.message.headers, self._aliases) else self._fact(stored)
            if fact is not None:
                self.rows += fact[1].num_rows
                yield fact

    @property
    def last(self) -> Stored:
        assert self._last is not None
        return self._last

    def stop(self) -> int:
        return self.last.position.offset + 1

    def digest(self) -> str:
        return digest(self.last.message.value)

    def _fact(self, stored: Stored) -> Fact | None:
        try:
            name, table = decoded(stored.message)
            if name not in self._shapes:
                raise Unreadable("another shape")
            table = _shaped(name, table, self._shapes[name])
        except (KeyError, ValueError):
            self._aside(stored, "undecodable", stored.message.value)
            return None
        return name, table


def _shaped(name: str, table: pa.Table, shape: pa.Schema) -> pa.Table:
    """The columns of a fact type. An attribute that claims do not have was added to their kind after they were derived: they say nothing about it. Raises: `Unreadable`, `KeyError`."""
    if name.startswith("claim."):
        for later in (each for each in shape if each.name not in table.column_names and each.name not in NAMED):
            table = table.append_column(later, pa.nulls(table.num_rows, later.type))
    if any(table.schema.field(each.name).type != each.type for each in shape):
        raise Unreadable("another shape")
    return table.select(shape.names)


def decoded(message: Message) -> Fact:
    """The fact type and rows of a message of `cabin.claims`. Raises: `Unreadable`."""
    return message.headers["ce_type"], read_table(message.value)


def encoded(rows: pa.Table) -> bytes:
    """Rows as an Arrow IPC stream, zstd inside."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, rows.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as writer:
        writer.write_table(rows)
    return bytes(sink.getvalue())


def digest(value: bytes) -> str:
    return hashlib.sha256(value).hexdigest()


def rows_of(message: Message) -> int:
    """The rows a message says it has; 0 where it says none."""
    return number_of(message.headers.get("rows")) or 0
