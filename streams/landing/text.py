"""Delivered text as a stream of UTF-8 bytes, whatever it was encoded in.

The bytes decide, not the contract: UTF-8 (with or without byte order mark) where the beginning is valid UTF-8, else GB18030, which real departments
mix up daily. What is valid in neither is refused.
"""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from contracts.model import Label
from streams.errors import EmptyDelivery, FileMissing, WrongEncoding

HEAD_BYTES = 262_144
CHUNK_BYTES = 4_000_000
BOM = codecs.BOM_UTF8


@dataclass(frozen=True, slots=True)
class Text:
    """A text file and how it is encoded; `head` is its decoded beginning."""

    path: Path
    declared: str
    encoding: str
    bom: bool
    head: str

    def stream(self, skip_bytes: int = 0) -> Utf8Stream:
        """The file as UTF-8 without byte order mark, without its first `skip_bytes` UTF-8 bytes."""
        return Utf8Stream(self, skip_bytes)


class Utf8Stream(io.RawIOBase):
    """Reads a `Text` as UTF-8 bytes. Raises `WrongEncoding` where bytes do not decode."""

    def __init__(self, text: Text, skip_bytes: int) -> None:
        super().__init__()
        self._text = text
        self._file = text.path.open("rb")
        self._file.seek(len(BOM) if text.bom else 0)
        self._decoder = None if text.encoding == "utf-8" else codecs.getincrementaldecoder(text.encoding)("strict")
        self._rest = b""
        self._taken = 0
        self._skip(skip_bytes)

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        """At most `size` bytes; empty only at the end."""
        if self._decoder is None:
            return self._file.read(size)
        if size < 0:
            return b"".join(self._pieces())
        while len(self._rest) < size:
            piece = self._piece()
            if not piece:
                break
            self._rest = self._rest + piece if self._rest else piece
        taken, self._rest = self._rest[:size], self._rest[size:]
        return taken

    def close(self) -> None:
        self._file.close()
        super().close()

    def _skip(self, count: int) -> None:
        while count > 0:
            taken = self.read(count)
            if not taken:
                return
            count -= len(taken)

    def _pieces(self) -> Iterator[bytes]:
        yield self._rest
        self._rest = b""
        while piece := self._piece():
            yield piece

    def _piece(self) -> bytes:
        """The next decoded bytes; empty at the end, where a cut-off character is an error."""
        assert self._decoder is not None
        while True:
            raw = self._file.read(CHUNK_BYTES)
            try:
                piece = self._decoder.decode(raw, final=not raw).encode()
            except UnicodeDecodeError as error:
                raise wrong_encoding(self._text.path, self._text.declared, self._taken + error.start) from error
            self._taken += len(raw)
            if piece or not raw:
                return piece


def opened(path: Path, declared: str) -> Text:
    """The file with its encoding found out. Raises `FileMissing`, `EmptyDelivery`, `WrongEncoding`."""
    if not path.is_file():
        raise FileMissing(file=path.name)
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if not head.strip():
        raise EmptyDelivery(file=path.name)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in head:
        raise WrongEncoding(file=path.name, encoding=declared, detail=Label("UTF-16 或二进制内容", "UTF-16 or binary"))
    bom = head.startswith(BOM)
    body = head[len(BOM) :] if bom else head
    final = len(head) < HEAD_BYTES
    for encoding in ("utf-8",) if bom else _candidates(body, declared):
        try:
            return Text(path, declared, encoding, bom, codecs.getincrementaldecoder(encoding)("strict").decode(body, final))
        except UnicodeDecodeError as error:
            position = error.start
    raise wrong_encoding(path, declared, position)


def wrong_encoding(path: Path, declared: str, position: int) -> WrongEncoding:
    """The error for bytes that do not decode at a position of the file."""
    return WrongEncoding(file=path.name, encoding=declared, detail=Label(f"第 {position} 字节", f"byte {position}"))


def converted_twice(word: str) -> str | None:
    """The word that became this one when UTF-8 bytes were read as GB18030 by a program in between; None where that cannot be."""
    try:
        return word.encode("gb18030").decode("utf-8")
    except UnicodeError:
        return None


def _candidates(body: bytes, declared: str) -> tuple[str, ...]:
    """Plain ASCII does not tell: then the contract does."""
    return ("gb18030",) if body.isascii() and declared.lower() != "utf-8" else ("utf-8", "gb18030")
