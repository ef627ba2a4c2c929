"""History as commands use it: where it lies, loading it from the log, and what is asked of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, time
from pathlib import Path

from cabin.clock import BeijingClock
from cabin.errors import MomentUnreadable
from cabin.session import Session
from cabin.telling import HISTORY_READS, tables_grown
from contracts.model import Contracts
from contracts.openlineage import HISTORY
from contracts.ports import Log
from streams.lineage import Told, told
from warehouse.history import Added, Cut, History, Means, compact, renamed

END_OF_DAY = time(23, 59, 59, 999_000)
FOLDER = "history"


def folder_of(session: Session) -> Path:
    return session.data / FOLDER


@contextmanager
def writing(session: Session, anew: bool = False) -> Iterator[History]:
    """Raises: `HistoryInUse`; unless `anew`: `HistoryUnreadable`, `HistoryAhead`."""
    with History.open(folder_of(session), session.contracts, memory_mb=session.settings.memory_mb // 2, anew=anew) as history:
        yield history


def remember(session: Session, anew: bool = False) -> Added:
    """Everything the log holds beyond history, and small files merged; `anew`: as if history held nothing."""
    log = session.log  # a log that cannot be reached leaves history as it is
    with told(log, BeijingClock(), HISTORY, HISTORY_READS, late=True) as run, writing(session, anew) as history:
        return _appended(history, log, run)


def keep_up(data: Path, contracts: Contracts, log: Log, memory_mb: int) -> Added:
    """What `remember` does, unasked: history is made anew only where a later version of the alias table was released, because then everything on the log was.

    Raises: `HistoryInUse`, `HistoryUnreadable`, `HistoryAhead`, `HistoryOfAnotherLog`, `HistoryBehindLog`, `HistoryFileFault`; then history stays as it is.
    """
    folder = data / FOLDER
    with (
        told(log, BeijingClock(), HISTORY, HISTORY_READS, late=True) as run,
        History.open(folder, contracts, memory_mb=memory_mb, anew=renamed(folder, log)) as history,
    ):
        return _appended(history, log, run)


def _appended(history: History, log: Log, run: Told) -> Added:
    added = history.append(log)
    run.outputs += tables_grown(added.rows)
    compact(history)
    return added


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
