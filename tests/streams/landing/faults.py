"""Ports that fail once, at the n-th call: by an error, or as a process that dies there and calls nothing any more."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeVar

import pyarrow as pa

from contracts.ports import Log, Message, Position, Sealer
from streams.landing import LocalFiles

Result = TypeVar("Result")
Way = Literal["error", "killed before", "killed after", "killed within"]
WAYS: tuple[Way, ...] = ("error", "killed before", "killed after", "killed within")


class Killed(BaseException):
    """The process died here; no handler of errors may catch it."""


@dataclass
class Fuse:
    """Counts the calls of all ports; the `at`-th one fails. After a death every further call fails too, so that no clean-up can run."""

    at: int
    way: Way
    calls: int = 0
    dead: bool = False
    handles: set[int] = field(default_factory=set)

    @property
    def blown(self) -> bool:
        return self.calls >= self.at

    def call(self, whole: Callable[[], Result], half: Callable[[], object] = lambda: None) -> Result:
        if self.dead:
            raise Killed
        self.calls += 1
        if self.calls != self.at:
            return whole()
        if self.way == "error":
            raise OSError(errno.ENOSPC, "no space left on device")
        self.dead = True
        if self.way == "killed after":
            whole()
        elif self.way == "killed within":
            half()
        raise Killed

    def bury(self) -> None:
        """What the operating system does with a dead process's files and locks."""
        for handle in self.handles:
            os.close(handle)
        self.handles.clear()


class FailingFiles(LocalFiles):
    """`Files` behind a fuse; a write may be cut in half."""

    def __init__(self, fuse: Fuse) -> None:
        self._fuse = fuse

    def create(self, path: Path) -> int:
        return self._fuse.call(lambda: self._kept(super(FailingFiles, self).create(path)))

    def write(self, handle: int, data: bytes) -> None:
        self._fuse.call(lambda: super(FailingFiles, self).write(handle, data), lambda: super(FailingFiles, self).write(handle, data[: len(data) // 2]))

    def fsync(self, handle: int) -> None:
        self._fuse.call(lambda: super(FailingFiles, self).fsync(handle))

    def close(self, handle: int) -> None:
        if not self._fuse.dead:
            self._fuse.handles.discard(handle)
            super().close(handle)

    def rename(self, source: Path, target: Path) -> None:
        self._fuse.call(lambda: super(FailingFiles, self).rename(source, target))

    def remove(self, path: Path) -> None:
        self._fuse.call(lambda: super(FailingFiles, self).remove(path))

    def lock(self, path: Path) -> int | None:
        return self._fuse.call(lambda: self._kept(super(FailingFiles, self).lock(path)))

    def unlock(self, path: Path, handle: int) -> None:
        def released() -> None:
            self._fuse.handles.discard(handle)
            super(FailingFiles, self).unlock(path, handle)

        self._fuse.call(released)

    def _kept(self, handle: int | None) -> int | None:
        if handle is not None:
            self._fuse.handles.add(handle)
        return handle


class FailingLog:
    """`Log` whose appends pass the fuse."""

    def __init__(self, log: Log, fuse: Fuse) -> None:
        self._log = log
        self._fuse = fuse

    def __getattr__(self, name: str) -> object:
        return getattr(self._log, name)

    def append(self, topic: str, partition: int, messages: Sequence[Message]) -> Sequence[Position]:
        return self._fuse.call(lambda: self._log.append(topic, partition, messages))


class FailingSealer:
    """`Sealer` whose calls that make tokens, keys or seals pass the fuse."""

    def __init__(self, sealer: Sealer, fuse: Fuse) -> None:
        self._sealer = sealer
        self._fuse = fuse

    def __getattr__(self, name: str) -> object:
        return getattr(self._sealer, name)

    def subjects(self, numbers: pa.StringArray) -> pa.StringArray:
        return self._fuse.call(lambda: self._sealer.subjects(numbers))

    def phones(self, numbers: pa.StringArray) -> pa.StringArray:
        return self._fuse.call(lambda: self._sealer.phones(numbers))

    def delivery_subject(self, delivery: str) -> str:
        return self._fuse.call(lambda: self._sealer.delivery_subject(delivery))

    def seal(self, subjects: pa.StringArray, clear: pa.StringArray) -> pa.BinaryArray:
        return self._fuse.call(lambda: self._sealer.seal(subjects, clear))
