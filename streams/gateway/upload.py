"""The body of a request becomes a file of its own, piece by piece; memory holds a megabyte of it.

The file is what a department sent, in clear, so it is the owner's alone and goes as soon as it is landed or refused. What a killed gateway leaves is removed by the next.
"""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from contracts.errors import disk_fault
from streams.errors import SpoolUnwritable
from streams.gateway.errors import ArrayTooLarge, BodyTooSlow, DeliveryTooLarge
from streams.gateway.limits import MEGABYTE, Limits

PIECE_BYTES = MEGABYTE
WHITE = b" \t\r\n\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Upload:
    """A whole body on disk, and the SHA-256 of its bytes."""

    file: Path
    digest: bytes
    size: int

    def remove(self) -> None:
        shutil.rmtree(self.file.parent, ignore_errors=True)


async def received(body: AsyncIterator[bytes], folder: Path, name: str, limits: Limits) -> Upload:
    """The body in a file of this name; nothing is left where it raises.

    Raises: `DeliveryTooLarge`, `ArrayTooLarge`, `BodyTooSlow`, `SpoolUnwritable`, and what the body raises when its client goes away.
    """
    try:
        own = Path(tempfile.mkdtemp(dir=folder))
    except OSError as error:
        raise SpoolUnwritable(detail=disk_fault(error)) from error
    try:
        return await _written(body, own / name, limits)
    except OSError as error:
        shutil.rmtree(own, ignore_errors=True)
        raise SpoolUnwritable(detail=disk_fault(error)) from error
    except BaseException:
        shutil.rmtree(own, ignore_errors=True)
        raise


async def _written(body: AsyncIterator[bytes], path: Path, limits: Limits) -> Upload:
    digest, size, waiting, array = hashlib.sha256(), 0, bytearray(), None
    with path.open("xb") as file:
        async for piece in _lively(body, limits.idle_seconds):
            waiting += piece
            size += len(piece)
            array = _begins_array(waiting) if array is None else array
            _refuse_size(size, bool(array), limits)
            if len(waiting) >= PIECE_BYTES:
                await asyncio.to_thread(_keep, file, digest, bytes(waiting))
                waiting.clear()
        await asyncio.to_thread(_keep, file, digest, bytes(waiting))
    return Upload(path, digest.digest(), size)


def _keep(file: BinaryIO, digest: hashlib._Hash, data: bytes) -> None:
    file.write(data)
    digest.update(data)


def _refuse_size(size: int, array: bool, limits: Limits) -> None:
    if size > limits.size:
        raise DeliveryTooLarge(megabytes=limits.megabytes)
    if array and size > limits.array_megabytes * MEGABYTE:
        raise ArrayTooLarge(megabytes=limits.array_megabytes)


def _begins_array(beginning: bytearray) -> bool | None:
    """Whether the first character that counts opens a JSON array, whatever the Content-Type says: the reader of lines looks at that, too. None: none came yet."""
    found = bytes(beginning).lstrip(WHITE)[:1]
    return None if not found else found == b"["


async def _lively(body: AsyncIterator[bytes], idle_seconds: float) -> AsyncIterator[bytes]:
    """The pieces as they come. Raises `BodyTooSlow` where the next one takes too long."""
    while True:
        try:
            async with asyncio.timeout(idle_seconds):
                piece = await anext(body, None)
        except TimeoutError as error:
            raise BodyTooSlow(seconds=round(idle_seconds)) from error
        if piece is None:
            return
        yield piece
