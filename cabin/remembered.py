"""History as commands use it: where it lies, and loading it from the log."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, time
from pathlib import Path

from cabin.errors import MomentUnreadable
from cabin.session import Session
from warehouse.history import Added, Cut, History, Means

END_OF_DAY = time(23, 59, 59, 999_000)


def folder_of(session: Session) -> Path:
    return session.data / "history"


@contextmanager
def writing(session: Session) -> Iterator[History]:
    """Raises: `HistoryInUse`, `HistoryUnreadable`."""
    with History.open(folder_of(session), session.contracts, memory_mb=session.settings.memory_mb // 2) as history:
        yield history


def remember(session: Session, anew: bool = False) -> Added:
    """Everything the log holds beyond history; `anew`: as if history held nothing, also where its manifest cannot be read."""
    if anew:
        History.forget(folder_of(session))
    with writing(session) as history:
        return history.append(session.log)


def means(session: Session, on_disk: bool = False) -> Means:
    return Means(session.settings.processes, session.settings.memory_mb // 2, on_disk)


def cut_of(observed: str | None, recorded: str | None) -> Cut:
    """Raises: `MomentUnreadable`."""
    return Cut(moment_of(observed), moment_of(recorded))


def moment_of(text: str | None) -> datetime | None:
    """A moment in Beijing time; a date alone means its end. Raises: `MomentUnreadable`."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise MomentUnreadable() from error
    if moment.tzinfo is not None:
        raise MomentUnreadable()
    return datetime.combine(moment, END_OF_DAY) if len(text) <= len("2026-06-30") else moment
