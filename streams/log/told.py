"""What every log gives back of a message's headers, whoever wrote it: a name, a type and a time that can be relied on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache

from contracts.ports import Position
from contracts.topics import RAW
from streams.normalise.wire import BEIJING, iso_of

TYPED, NAMED = {"ce_type"}, {"ce_id", "ce_type", "ce_time"}
"""The headers without which nobody can tell what a message is; raw messages are also told apart by name and time."""


def told(position: Position, at: int, headers: Mapping[str, str]) -> Mapping[str, str]:
    """The headers, with what a foreign producer left out or wrote wrong filled in from where and when (`at`) the message lies, so that all can name it.

    A raw message that does not say when it was recorded is of no type that anybody knows.
    """
    time = headers.get("ce_time")
    right = _time_of(time) if time is not None else None
    if right == time and (NAMED if position.topic.startswith(RAW) else TYPED) <= headers.keys():
        return headers
    raw = position.topic.startswith(RAW)
    place = {"ce_id": f"{position.topic}/{position.partition}/{position.offset}", "ce_type": "unknown", "ce_time": iso_of(at)}
    return {**place, **headers, "ce_time": right or iso_of(at), **({"ce_type": "unknown"} if raw and right is None else {})}


@lru_cache(1024)
def _time_of(text: str) -> str | None:
    """The time in the one form of all messages, Beijing time without zone; None where it is none. Whole seconds need no milliseconds."""
    try:
        time = datetime.fromisoformat(text)
        time = time.astimezone(BEIJING).replace(tzinfo=None) if time.tzinfo else time
    except (ValueError, OverflowError):
        return None
    return text if text in (time.isoformat(), time.isoformat(timespec="milliseconds")) else time.isoformat(timespec="milliseconds")
