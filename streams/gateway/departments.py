"""The departments' bearer tokens: kept as hashes in one file, the clear token is told once.

A token is 256 random bits, so a plain SHA-256 of it cannot be guessed back. The running gateway notices a changed file with the next request.
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

from contracts.model import Contracts, Feed
from contracts.ports import Clock
from streams.gateway.errors import DepartmentUnknown, TokenNotFound, TokenUnknown

PREFIX = "cabin_"


@dataclass(frozen=True, slots=True)
class Known:
    """One token without its secret: `id` names it, `department` is the owner as the contracts say it in English."""

    id: str
    department: str
    made_at: str
    digest: str


def owner(feed: Feed) -> str:
    """Who may write the feed."""
    return feed.department.en


def department_named(contracts: Contracts, name: str) -> str:
    """The department of this Chinese or English name, as tokens name it. Raises: `DepartmentUnknown`."""
    for feed in contracts.feeds.values():
        if name in (feed.department.en, feed.department.zh):
            return owner(feed)
    raise DepartmentUnknown(known=", ".join(sorted({owner(feed) for feed in contracts.feeds.values()})))


class Departments:
    """The tokens in one file; it need not exist."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read: tuple[tuple[int, ...], tuple[Known, ...]] = ((), ())

    def known(self) -> tuple[Known, ...]:
        """All tokens that count, oldest first; read anew where the file has changed."""
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return ()
        mark = (found.st_ino, found.st_mtime_ns, found.st_size)
        if self._read[0] != mark:
            self._read = (mark, tuple(Known(**each) for each in orjson.loads(self._path.read_bytes())["tokens"]))
        return self._read[1]

    def holder(self, token: str) -> str:
        """The department whose token it is; compares with every hash, in constant time. Raises: `TokenUnknown`."""
        digest, found = _digest(token), None
        for each in self.known():
            if hmac.compare_digest(each.digest, digest):
                found = each.department
        if found is None:
            raise TokenUnknown()
        return found

    def add(self, department: str, clock: Clock) -> tuple[Known, str]:
        """A new token of the department and its clear text, which is kept nowhere; on disk when it returns."""
        token = PREFIX + secrets.token_urlsafe(32)
        made = Known(secrets.token_hex(4), department, clock.now().isoformat(timespec="seconds"), _digest(token))
        with self._alone():
            self._write((*self.known(), made))
        return made, token

    def revoke(self, department: str, token_id: str | None = None) -> int:
        """Ends all tokens of the department or the one named; how many. Raises: `TokenNotFound`."""
        with self._alone():
            kept = tuple(each for each in self.known() if each.department != department or token_id not in (None, each.id))
            ended = len(self.known()) - len(kept)
            if not ended:
                raise TokenNotFound()
            self._write(kept)
        return ended

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Two commands at once: neither overwrites what the other wrote."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(self._path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def _write(self, tokens: tuple[Known, ...]) -> None:
        document: Mapping[str, object] = {"tokens": [asdict(each) for each in tokens]}
        temporary = self._path.with_suffix(".tmp")
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            os.write(handle, orjson.dumps(document, option=orjson.OPT_INDENT_2))
            os.fsync(handle)
        finally:
            os.close(handle)
        temporary.replace(self._path)
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
