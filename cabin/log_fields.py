"""What a line of a log may say: fields by name and type, exceptions without their words, other people's records without their arguments.

A log is read by people who may not see persons. So nothing passes because it looks harmless, only because it is on a list:
DuckDB quotes the cell it could not convert, aiokafka prints the record it sends, Faust the value an agent yields.
"""

from __future__ import annotations

import ast
import logging
import re
import traceback
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from contracts.errors import CabinError

FIELDS: Mapping[str, type] = {
    **dict.fromkeys(("step", "feed", "kind", "topic", "delivery", "reason", "outcome", "snapshot", "generation", "code"), str),
    **dict.fromkeys(("node", "host", "brokers", "route", "method", "signal"), str),
    **dict.fromkeys(("partition", "offset", "applied", "end", "chunk", "rows", "messages", "claims", "changes", "bytes", "count"), int),
    **dict.fromkeys(("child", "process", "processes", "port", "status", "attempt", "exit_code"), int),
    **dict.fromkeys(("seconds", "lag_seconds"), float),
    **dict.fromkeys(("error", "error_code", "error_fact", "error_from", "error_where"), str),
    **dict.fromkeys(("library", "text", "where"), str),
}
"""Every field of a log and its type; another field, or another type, is dropped and counted. `bool` is no int here, an int is a float."""
EVENT = re.compile(r"[a-z][a-z0-9]*([._-][a-z0-9]+)*")
"""An event's stable name: `worker.started`. Never a sentence: what varies is a field."""
TEXT = re.compile(r"[\x20-\x7e]{0,400}")
DIGITS = re.compile(r"\d[\d \-]{9,}\d")
"""As long as a telephone number: no text of a log holds so many digits in a row."""
LARGE = 10**15
"""No count, offset or size is as large; an identity number is."""
HOME = Path(__file__).resolve().parents[1]
FRAMES = 4
SERVICE_LABEL = re.compile(r"\[\^-*[^\]]*\]: ")
"""What mode writes before the text of a service."""


def allowed(name: str, value: object) -> bool:
    """Whether a field may be written."""
    wanted = FIELDS.get(name)
    if wanted is None or isinstance(value, bool):
        return False
    if wanted is str:
        return isinstance(value, str) and TEXT.fullmatch(value) is not None and DIGITS.search(value) is None
    return (isinstance(value, int) and abs(value) < LARGE) or (wanted is float and isinstance(value, float))


def told(error: BaseException) -> dict[str, Any]:
    """An exception as fields: class, code, cause and where; its own words only where it is ours, because ours hold no value from a delivery."""
    found = {"error": type(error).__name__, "error_code": "unexpected", "error_where": _where(error)}
    if isinstance(error, CabinError):
        found |= {"error_code": error.code, "error_fact": error.render("en")[0]}
    cause = error.__cause__ or error.__context__
    return found | ({"error_from": type(cause).__name__} if cause is not None else {})


def of_library(record: logging.LogRecord) -> dict[str, Any]:
    """A record of another library as fields: its text as it stands in the library's source, never filled in; of its arguments only what class an error has."""
    found: dict[str, Any] = {"library": record.name, "where": f"{record.module}:{record.lineno}"}
    text = SERVICE_LABEL.sub("", str(record.msg))
    if text in _texts(record.pathname):
        found["text"] = text
    raised = record.exc_info[1] if record.exc_info else None
    error = raised or next((each for each in _arguments(record) if isinstance(each, BaseException)), None)
    return found | (told(error) if error is not None else {})


def _arguments(record: logging.LogRecord) -> tuple[object, ...]:
    return record.args if isinstance(record.args, tuple) else ()


@lru_cache(maxsize=256)
def _texts(path: str) -> frozenset[str]:
    """The text constants of a source file. A text put together at run time, which may hold anything, is none of them."""
    try:
        tree = ast.parse(Path(path).read_text(encoding="utf-8"))
    except (OSError, SyntaxError, ValueError):
        return frozenset()
    return frozenset(node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str))


def _where(error: BaseException) -> str:
    """The innermost frames, innermost first: file, line and function."""
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES:]
    return " < ".join(f"{_file(frame.filename)}:{frame.lineno} {frame.name}" for frame in reversed(frames))


def _file(name: str) -> str:
    """A file's name as a reader of the source knows it, without the folders of this machine."""
    path = Path(name)
    if path.is_relative_to(HOME) and "site-packages" not in path.parts:
        return str(path.relative_to(HOME))
    return "/".join(path.parts[-2:])
