"""The spool: one file that holds all messages of a delivery, ready to be appended; no clear identifier in it.

It is written under a temporary name, fsynced, and renamed: under its final name it is complete. It fixes the delivery's id, its one `recorded_at`
and the boundaries of its messages, so that every retry appends the same bytes. Each record: sizes, CRC-32, headers as JSON, value.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from contracts.model import Label
from contracts.ports import Message
from streams.errors import SpoolUnwritable
from streams.landing.files import Files

HEAD = struct.Struct("<IQI")
BUFFER_BYTES = 4_000_000


def spool_of(folder: Path, delivery: str) -> Path:
    """Where the spool of a delivery lies once it is complete."""
    return folder / f"{delivery}.spool"


@dataclass(slots=True)
class SpoolWriter:
    """Writes a spool; `finish` makes it durable and visible."""

    files: Files
    path: Path
    _handle: int | None = None
    _waiting: list[bytes] = field(default_factory=list)
    _size: int = 0

    @property
    def temporary(self) -> Path:
        return self.path.with_suffix(".tmp")

    def __enter__(self) -> SpoolWriter:
        self._handle = self.files.create(self.temporary)
        return self

    def add(self, message: Message) -> None:
        headers = orjson.dumps(dict(message.headers))
        record = HEAD.pack(len(headers), len(message.value), zlib.crc32(message.value, zlib.crc32(headers))) + headers + message.value
        self._waiting.append(record)
        self._size += len(record)
        if self._size >= BUFFER_BYTES:
            self._flush()

    def finish(self) -> None:
        self._flush()
        assert self._handle is not None
        self.files.fsync(self._handle)
        self._close()
        self.files.rename(self.temporary, self.path)

    def __exit__(self, *_: object) -> None:
        self._close()

    def _flush(self) -> None:
        assert self._handle is not None
        self.files.write(self._handle, b"".join(self._waiting))
        self._waiting.clear()
        self._size = 0

    def _close(self) -> None:
        if self._handle is not None:
            self.files.close(self._handle)
            self._handle = None


def read_spool(path: Path) -> Iterator[Message]:
    """The messages in order. Raises `SpoolUnwritable` where the disk gave back something else than was written."""
    with path.open("rb") as file:
        while head := file.read(HEAD.size):
            header_size, value_size, checksum = HEAD.unpack(head)
            headers, value = file.read(header_size), file.read(value_size)
            if zlib.crc32(value, zlib.crc32(headers)) != checksum:
                raise SpoolUnwritable(detail=Label(f"{path.name} 已损坏，请删除后重新入舱", f"{path.name} is damaged; remove it and land the file again"))
            yield Message(value, orjson.loads(headers))
