"""What goes between the asker and its child: a tag, a length, and so many bytes. Questions and refusals are JSON, answers Arrow IPC streams; nothing is unpickled."""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable

HEAD = struct.Struct(">cQ")
READY, GONE, ANSWER, REFUSED, QUESTION = b"R", b"G", b"A", b"E", b"Q"
"""The child: is ready, could not open the file, answers, refuses. The asker: asks."""
CHUNK = 1 << 20


def send(channel: socket.socket, tag: bytes, content: bytes | memoryview = b"") -> None:
    channel.sendall(HEAD.pack(tag, len(content)))
    channel.sendall(content)


def receive(channel: socket.socket, before: Callable[[], None] = lambda: None) -> tuple[bytes, bytearray]:
    """One message; `before` is called before each piece is waited for. Raises: `EOFError` where the other side is gone, `TimeoutError`."""
    tag, length = HEAD.unpack(_exactly(channel, HEAD.size, before))
    return tag, _exactly(channel, length, before)


def _exactly(channel: socket.socket, length: int, before: Callable[[], None]) -> bytearray:
    content = bytearray()
    while len(content) < length:
        before()
        piece = channel.recv(min(CHUNK, length - len(content)))
        if not piece:
            raise EOFError
        content += piece
    return content
