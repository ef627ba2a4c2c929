"""History kept up beside what publishes: every few minutes in a thread of its own, or once where a command ends. It never stops what it runs beside."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog

from cabin.machine import told_of_machine
from cabin.output import Output
from cabin.ports import open_log, own_feeds
from cabin.remembered import FOLDER, keep_up
from cabin.settings import Settings
from contracts.errors import CabinError
from contracts.ports import Log
from contracts.read import load
from warehouse.history.manifest import NAME


@dataclass(frozen=True, slots=True)
class Kept:
    """One load: the rows it added and how long it took, or why it added none; then history is as it was, and the next one tries again."""

    rows: int = 0
    seconds: float = 0.0
    error: CabinError | None = None


@contextmanager
def remembering(settings: Settings, heard: Callable[[Kept], None], every_seconds: float | None = None) -> Iterator[None]:
    """Loads history while inside, as often as the settings say (or every so many seconds), in a thread with a log of its own; where they say never, nothing.

    It begins when history is as old as the interval, at once where there is none. Leaving waits for a load under way.
    """
    interval = 60.0 * settings.history_minutes if every_seconds is None else every_seconds
    if not interval:
        yield
        return
    ended = threading.Event()

    def go_on() -> None:
        wait = interval - _age_seconds(settings.data)
        while not ended.wait(max(0.0, wait)):
            heard(keep(settings))
            wait = interval

    thread = threading.Thread(target=go_on, name="remembering")
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def keep(settings: Settings, log: Log | None = None) -> Kept:
    """One load from this log, or from one that is opened for it; whoever publishes beside it has the most of the memory. What a person can be told is given back, not raised."""
    begun = time.monotonic()
    try:
        if log is not None:
            return _loaded(settings, log, begun)
        with open_log(settings.data, settings.brokers) as opened:
            return _loaded(settings, opened, begun)
    except Exception as error:
        told = error if isinstance(error, CabinError) else told_of_machine(error)
        if told is None:
            raise
        return Kept(error=told)


def logged(kept: Kept) -> None:
    """For a process that runs for ever."""
    if kept.error is not None:
        structlog.get_logger().warning("history.failed", exc_info=kept.error)
    elif kept.rows:
        structlog.get_logger().info("history.loaded", rows=kept.rows, seconds=round(kept.seconds, 3))


def told(out: Output, kept: Kept) -> None:
    """For a person who waits for something else."""
    if kept.error is None and kept.rows:
        out.progress(f"history: {kept.rows:,} rows added", f"历史：新增 {kept.rows:,} 行")
    elif kept.error is not None:
        (fact, hint), (fact_zh, hint_zh) = kept.error.render("en"), kept.error.render("zh")
        out.progress(f"history was not loaded: {fact}\nhint: {hint}", f"未载入历史：{fact_zh}\n建议：{hint_zh}")


def _loaded(settings: Settings, log: Log, begun: float) -> Kept:
    added = keep_up(settings.data, load(extra=own_feeds(settings.data)), log, settings.memory_mb // 4)
    return Kept(sum(added.rows.values()), time.monotonic() - begun)


def _age_seconds(data: Path) -> float:
    """Since anything was added to history; endless where there is none."""
    manifest = data / FOLDER / NAME
    return max(0.0, time.time() - manifest.stat().st_mtime) if manifest.exists() else math.inf
