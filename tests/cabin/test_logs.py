"""Logs tell what happened and never whom it concerns. All names and numbers are invented."""

from __future__ import annotations

import ast
import asyncio
import io
import json
import logging
import os
import re
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
import structlog

from cabin.log_fields import EVENT, FIELDS
from cabin.logs import logged
from cabin.metrics import PrometheusMeter
from streams.log.errors import TopicsMissing

ROOT = Path(__file__).parents[2]
PERSONAL = ("王小明", "Wang Xiaoming", "110105194912310021", "13912345678", "幸福路 12 号")
"""What may never be found in a log."""
ROW = {"name": PERSONAL[0], "latin": PERSONAL[1], "number": PERSONAL[2], "phone": PERSONAL[3], "address": PERSONAL[4]}
LEVELS = ("debug", "info", "warning", "error", "critical", "exception")
PACKAGES = ("streams", "warehouse", "quality", "vault", "cabin")


class Terminal(io.StringIO):
    """What a person watches."""

    def isatty(self) -> bool:
        return True


def said(log: Callable[[Any], object], level: str = "info", stream: io.StringIO | None = None) -> str:
    """What a process wrote that did this."""
    stream = stream or io.StringIO()
    with logged(level, stream=stream):
        log(structlog.get_logger())
    return stream.getvalue()


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def conversion_fault() -> duckdb.Error:
    """The engine's own exception, which quotes the cell."""
    try:
        duckdb.sql("select cast(unnest(?) as integer)", params=[[PERSONAL[1]]]).fetchall()
    except duckdb.Error as error:
        return error
    raise AssertionError


def mean_it(action: Callable[[], object]) -> None:
    """Runs in a thread of its own, whose exception nobody catches."""
    thread = threading.Thread(target=action)
    thread.start()
    thread.join()


def raise_conversion_fault() -> None:
    raise conversion_fault()


async def forget_a_task() -> None:
    """A task whose exception nobody asks for: asyncio tells it to its own logger."""
    task = asyncio.ensure_future(asyncio.to_thread(raise_conversion_fault))
    await asyncio.wait([task])
    asyncio.get_running_loop().call_exception_handler({"message": f"lost {PERSONAL[0]}", "exception": task.exception(), "value": PERSONAL[3]})


LEAKS: dict[str, Callable[[Any], object]] = {
    "fields that no list has": lambda log: log.info("row.seen", **ROW),
    "a field of a list with another type": lambda log: log.info("row.seen", rows=ROW, feed=list(ROW.values()), seconds=PERSONAL[2], partition=int(PERSONAL[2])),
    "a text of a field": lambda log: [log.info("row.seen", reason=value) for value in ROW.values() if value != PERSONAL[1]],
    "a number within a text": lambda log: log.info("row.seen", reason=f"of 1101 0519 4912 310021, {PERSONAL[3][:3]}-{PERSONAL[3][3:7]}-{PERSONAL[3][7:]}"),
    "the event's name": lambda log: [log.info(f"row of {value}") for value in ROW.values()],
    "arguments of the event": lambda log: log.info("row of %s", PERSONAL[1]),
    "an exception of the engine": lambda log: log.error("fold.failed", exc_info=conversion_fault()),
    "an exception of one line": lambda log: log.error("fold.failed", exc_info=ValueError(f"no date of {PERSONAL[1]}")),
    "an exception within ours": lambda log: log.error("fold.failed", exc_info=_from(TopicsMissing(topics="cabin.claims"), conversion_fault())),
    "ours with a value in its words": lambda log: log.error("fold.failed", exc_info=TopicsMissing(topics=f"{PERSONAL[0]} {PERSONAL[3]}")),
    "a library's arguments": lambda log: logging.getLogger("aiokafka").error("Sending (key=%s value=%s) to %s", *PERSONAL[:3]),
    "a library's text put together": lambda log: logging.getLogger("faust").error(f"yielded: {PERSONAL[1]} {PERSONAL[3]}"),
    "a library's exception": lambda log: logging.getLogger("mode").error("Crashed reason=%r", conversion_fault(), exc_info=conversion_fault()),
    "arguments by name": lambda log: logging.getLogger("mode").error("Crashed %(name)s", ROW),
    "a warning": lambda log: warnings.warn(f"bad row {PERSONAL[1]}", RuntimeWarning, stacklevel=1),
    "an exception of a thread": lambda log: mean_it(raise_conversion_fault),
    "an exception of a task": lambda log: asyncio.run(forget_a_task()),
}


def _from(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.fixture
def warnings_are_shown() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        yield


@pytest.mark.usefixtures("warnings_are_shown")
@pytest.mark.parametrize("stream", [io.StringIO, Terminal])
@pytest.mark.parametrize("leak", LEAKS.values(), ids=LEAKS)
def test_no_personal_value_reaches_a_log(leak: Callable[[Any], object], stream: type[io.StringIO]) -> None:
    """Whatever is logged, by us or by a library: a line says that something happened, and holds no name, number, telephone or address."""
    text = said(leak, "debug", stream())
    assert text.strip()
    digits = re.sub(r"\D", "", text.replace("\\u", ""))
    assert [value for value in PERSONAL if value in text or (value.isdecimal() and value in digits)] == []


def test_what_is_on_the_list_is_told() -> None:
    """Level, name, moment and the allowed fields, in one JSON document a line; below the level nothing."""
    first, second = lines(said(lambda log: (log.info("worker.started", partition=3, feed="rental", seconds=2), log.debug("x"), log.warning("lag.high"))))
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", first.pop("at"))
    assert first == {"level": "info", "event": "worker.started", "partition": 3, "feed": "rental", "seconds": 2}
    assert (second["level"], second["event"]) == ("warning", "lag.high")


def test_a_person_reads_short_lines() -> None:
    """On a terminal: time, level, event, fields."""
    text = said(lambda log: log.info("worker.started", partition=3), stream=Terminal())
    assert re.fullmatch(r"\d\d:\d\d:\d\d info +worker\.started partition=3\n", text)


def test_an_exception_tells_class_code_and_place() -> None:
    """Ours with its fact, another with its class only, both with file and line as the source knows them, and what they came from."""
    ours = _from(TopicsMissing(topics="cabin.claims"), conversion_fault())
    first, second = lines(said(lambda log: (log.error("fold.failed", exc_info=ours), log.error("fold.failed", exc_info=conversion_fault()))))
    assert (first["error"], first["error_code"], first["error_from"]) == ("TopicsMissing", TopicsMissing.code, "ConversionException")
    assert "cabin.claims" in first["error_fact"]
    assert second["error_code"] == "unexpected" and "error_fact" not in second
    assert re.search(r"tests/cabin/test_logs\.py:\d+ conversion_fault", second["error_where"])


def test_a_library_tells_its_own_words_only() -> None:
    """The text as it stands in its source with its places open, the class of the error among its arguments; a text that its source does not hold is left out."""
    first, second = lines(said(lambda log: [logging.getLogger("faust").error(*each) for each in (("Heartbeat failed: %r", OSError("x")), (f"of {log!r}",))]))
    assert (first["event"], first["library"], first["text"], first["error"]) == ("library", "faust", "Heartbeat failed: %r", "OSError")
    assert first["where"].startswith("test_logs:") and "text" not in second


def test_libraries_are_quiet_unless_someone_looks_for_a_fault() -> None:
    """What they say at `info` is told at level debug only; their own debug lines never, because those hold records."""
    speak = [lambda log: logging.getLogger("faust").info("Starting..."), lambda log: logging.getLogger("aiokafka").debug("Sending")]
    assert [said(each) for each in speak] == ["", ""]
    assert [bool(said(each, "debug")) for each in speak] == [True, False]


def test_a_broker_gone_is_not_told_in_dozens_of_lines() -> None:
    """Errors of the Kafka clients are told at level debug only: whoever uses them says once what is away."""
    speak = [lambda log, name=name: logging.getLogger(name).error("socket disconnected") for name in ("kafka.net.transport", "aiokafka.client")]
    assert [said(each) for each in speak] == ["", ""]
    assert all(said(each, "debug") for each in speak)


def test_what_is_dropped_is_counted() -> None:
    """In the line, and as a metric."""
    meter, stream = PrometheusMeter(), io.StringIO()
    with logged("info", meter, stream):
        structlog.get_logger().info("row.seen", rows=2, age=44, **ROW)
    line = lines(stream.getvalue())[0]
    assert set(line) == {"at", "level", "event", "rows", "dropped"} and line["dropped"] == len(ROW) + 1
    assert meter.registry.get_sample_value("cabin_log_fields_dropped_total") == len(ROW) + 1


def test_afterwards_everything_is_as_before() -> None:
    """Handlers, level and hooks of the process are given back."""
    root = logging.getLogger()
    before = (root.handlers[:], root.level, sys.excepthook, threading.excepthook)
    said(lambda log: log.info("worker.started"))
    assert (root.handlers[:], root.level, sys.excepthook, threading.excepthook) == before


def test_a_process_that_dies_leaves_no_traceback_with_values() -> None:
    """An exception that nobody catches ends the process with one line instead of a traceback that quotes the cell."""
    program = "from cabin.logs import logged\nfrom tests.cabin.test_logs import raise_conversion_fault\nwith logged():\n    raise_conversion_fault()\n"
    found = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60, env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert found.returncode == 1
    assert json.loads(found.stderr)["event"] == "process.crashed"
    assert not any(value in found.stderr for value in PERSONAL)


def events(tree: ast.AST) -> Iterator[ast.Call]:
    """Calls of a level on something named a logger."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in LEVELS:
            receiver = node.func.value.func if isinstance(node.func.value, ast.Call) else node.func.value
            name = receiver.attr if isinstance(receiver, ast.Attribute) else receiver.id if isinstance(receiver, ast.Name) else ""
            if name in ("log", "_log", "logger", "_logger", "get_logger"):
                yield node


def test_all_code_logs_stable_events_with_listed_fields() -> None:
    """An event is one name in words, its fields are on the list: nothing we write is dropped."""
    for file in (file for package in PACKAGES for file in sorted((ROOT / package).rglob("*.py"))):
        for call in events(ast.parse(file.read_text(encoding="utf-8"))):
            place = (str(file.relative_to(ROOT)), call.lineno)
            assert len(call.args) == 1 and isinstance(call.args[0], ast.Constant) and EVENT.fullmatch(str(call.args[0].value)), place
            assert {keyword.arg for keyword in call.keywords if keyword.arg} <= {*FIELDS, "exc_info"}, place
