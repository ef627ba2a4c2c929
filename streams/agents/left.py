"""What a session leaves on disk until its end is told: a note of its own, with a lock that the operating system lets go of when its process is gone.

So whoever begins beside it, under whatever name, knows whether a note is of somebody who lives, and tells the ends of those who do not.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import orjson

from contracts.openlineage import NORMALISE, RECONCILE, Json, State

JOBS = (NORMALISE, RECONCILE)
NOTES = "worker*.json"
LOCK = ".lock"


@dataclass(frozen=True, slots=True)
class Note:
    """A session whose end was not told: its runs by job, when it began, whether that was told, how and when it ended, and why it failed, where it still could say so."""

    runs: dict[str, str]
    state: State = "FAIL"
    why: Json | None = None
    began: datetime | None = None
    started: bool = True
    ended: datetime | None = None


class Held:
    """The note of a session that goes on, named as nobody else's. A disk that takes no note leaves the session without one."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._lock: BinaryIO | None = None

    def take(self) -> None:
        """From now on this session is known to live."""
        with suppress(OSError):
            self.file.parent.mkdir(parents=True, exist_ok=True)
            self._lock = _locked(self.file)

    def write(self, note: Note) -> None:
        """Replaces what is noted, as a whole; nothing without the lock, or others would take it for one of somebody who is gone."""
        if self._lock is None:
            return
        with suppress(OSError):
            half = self.file.with_suffix(".half")
            half.write_bytes(orjson.dumps(note))
            half.replace(self.file)

    def drop(self) -> None:
        """Everything is told."""
        forget(self.file)
        self.leave()

    def leave(self) -> None:
        """The note stays for whoever begins next."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None


def left_behind(folder: Path) -> Iterator[tuple[Path, Note]]:
    """The notes of sessions whose processes are gone, in the order of names; each is held while it is looked at, so that two who begin do not both tell it."""
    for file in sorted(folder.glob(NOTES)):
        with _nobody_elses(file) as free:
            note = _read(file) if free else None
            if note is not None:
                yield file, note


def forget(file: Path) -> None:
    """The end of this note was told."""
    with suppress(OSError):
        for each in (file, file.with_suffix(LOCK)):
            each.unlink(missing_ok=True)


def _locked(file: Path) -> BinaryIO:
    """Raises: `OSError` where somebody has it."""
    lock = file.with_suffix(LOCK).open("ab")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        raise
    return lock


@contextmanager
def _nobody_elses(file: Path) -> Iterator[bool]:
    try:
        lock = _locked(file)
    except OSError:
        yield False
        return
    with lock:
        there = file.exists()
        if not there:
            file.with_suffix(LOCK).unlink(missing_ok=True)  # somebody else told it meanwhile: opening made the lock anew
        yield there


def _read(note: Path) -> Note | None:
    """None for what a crash left half written."""
    try:
        held = orjson.loads(note.read_bytes())
        runs = {str(job): str(run) for job, run in held["runs"].items() if job in JOBS}
        state: State = "COMPLETE" if held["state"] == "COMPLETE" else "FAIL"
        return Note(runs, state, held["why"], _moment(held.get("began")), bool(held.get("started", True)), _moment(held.get("ended")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
