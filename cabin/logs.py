"""Structured logs of the processes that run for ever: events with stable names, JSON lines where nobody watches, short lines on a terminal.

Whoever logs writes `structlog.get_logger().info("worker.started", partition=3)`; what may stand in a line is in `log_fields`.
Other libraries' records come through here too, reduced. Faust must leave logging alone: `faust.Worker(..., override_logging=False, redirect_stdouts=False)`.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, TextIO

import structlog

from cabin.log_fields import EVENT, allowed, of_library, told
from cabin.settings import LOG_LEVELS
from contracts.errors import CabinError
from contracts.ports import Meter, QuietMeter

LEVELS = dict(zip(LOG_LEVELS, (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR), strict=True))
"""The values of CABIN_LOG_LEVEL."""
CLIENTS = ("kafka.net", "kafka.cluster", "kafka.producer", "aiokafka")
"""Libraries that tell of one broker gone in dozens of lines; whoever uses them says it once."""
NAMELESS = "event.nameless"
"""Stands for an event whose name is a sentence, which may hold anything."""

Event = MutableMapping[str, Any]


@contextmanager
def logged(level: str = "info", meter: Meter | None = None, stream: TextIO | None = None) -> Iterator[None]:
    """The whole process logs to `stream` (default: standard error) while inside.

    An exception that nobody expects ends the process (exit code 1) with the event `process.crashed`, which means a bug: a traceback would quote what the engine quotes.
    """
    stream = stream or sys.stderr
    least = LEVELS[level]
    structlog.configure(
        processors=[Reduced(meter or QuietMeter()), _line if stream.isatty() else _document],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=structlog.WriteLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )
    # libraries tell at `info` what they do at every start and heartbeat: only who looks for a fault wants it
    libraries = Libraries(logging.INFO) if level == "debug" else Libraries(max(least, logging.WARNING), CLIENTS)
    root = logging.getLogger()
    held = (root.handlers[:], root.level, sys.excepthook, threading.excepthook)
    root.handlers[:] = [libraries]
    root.setLevel(libraries.level)
    logging.captureWarnings(True)
    sys.excepthook, threading.excepthook = _uncaught, lambda found: _crashed(found.exc_value)
    try:
        yield
    except CabinError:
        raise
    except Exception as error:
        _crashed(error)
        raise SystemExit(1) from None
    finally:
        logging.captureWarnings(False)
        root.handlers[:], root.level, sys.excepthook, threading.excepthook = held
        structlog.reset_defaults()


class Reduced:
    """Drops and counts whatever no list allows, and turns an exception into its class, code and place."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter

    def __call__(self, logger: object, level: str, event: Event) -> Event:
        given = dict(event)
        name = given.pop("event", "")
        error = _raised(given.pop("exc_info", None))
        fields = given | (told(error) if error is not None else {})
        kept = {field: value for field, value in fields.items() if allowed(field, value)}
        dropped = len(fields) - len(kept)
        if not (isinstance(name, str) and EVENT.fullmatch(name)):
            name, dropped = NAMELESS, dropped + 1
        if dropped:
            self._meter.count("cabin_log_fields_dropped_total", dropped)
        at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return {"at": at, "level": level, "event": name, **kept, **({"dropped": dropped} if dropped else {})}


class Libraries(logging.Handler):
    """Routes records of libraries into the same lines, as the event `library`; those of `quiet` ones only where nothing can go on."""

    def __init__(self, level: int, quiet: tuple[str, ...] = ()) -> None:
        super().__init__(level)
        self._quiet = quiet

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.startswith(self._quiet) and record.levelno < logging.CRITICAL:
            return
        structlog.get_logger().log(record.levelno, "library", **of_library(record))


def _raised(given: object) -> BaseException | None:
    """The exception meant by `exc_info`: itself, a triple, or the one being handled."""
    if isinstance(given, BaseException):
        return given
    if isinstance(given, tuple):
        return given[1] if isinstance(given[1], BaseException) else None
    return sys.exc_info()[1] if given else None


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    _crashed(error)


def _crashed(error: BaseException | None) -> None:
    structlog.get_logger().critical("process.crashed", exc_info=error)


def _document(logger: object, level: str, event: Event) -> str:
    import orjson

    return orjson.dumps(event).decode()


def _line(logger: object, level: str, event: Event) -> str:
    head = f"{event.pop('at')[11:19]} {event.pop('level'):<8} {event.pop('event')}"
    return " ".join([head, *(f"{name}={value}" for name, value in event.items())])
