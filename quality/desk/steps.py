"""Steps at the desk as messages and back; pure."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from contracts.desk import FIRST_REPAIR, KINDS
from contracts.ports import Message

SOURCE = "cabin/desk"


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one raw message: `version` is the repair number under which they were quarantined, row 0 the message set aside whole."""

    delivery: str
    chunk: int
    version: int
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Sending:
    """One repair message of a redrive: rows of the raw message `parent` go into the message `chunk` as repair number `repair`."""

    delivery: str
    parent: int
    chunk: int
    repair: int


@dataclass(frozen=True, slots=True)
class Step:
    """One decision: who, when (Beijing time as text), why, and about which rows; fields that its kind does not have are empty."""

    step: str
    kind: str
    actor: str
    reason: str
    recorded_at: str
    of: str = ""
    feed: str = ""
    pattern: Mapping[str, Any] = field(default_factory=dict)
    fix: Mapping[str, Any] = field(default_factory=dict)
    sealed: bytes = b""
    rows: Sequence[Rows] = ()
    messages: Sequence[Sending] = ()

    @property
    def count(self) -> int:
        return sum(len(each.rows) for each in self.rows)


def message_of(step: Step) -> Message:
    """The step as it is appended to `cabin.desk`."""
    rows = [{"delivery": each.delivery, "chunk": each.chunk, "version": each.version, "rows": list(each.rows)} for each in step.rows]
    messages = [{"delivery": each.delivery, "parent": each.parent, "chunk": each.chunk, "repair": each.repair} for each in step.messages]
    given = {
        "of": step.of,
        "feed": step.feed,
        "pattern": dict(step.pattern),
        "fix": dict(step.fix),
        "sealed": base64.b64encode(step.sealed).decode(),
        "rows": rows,
        "messages": messages,
    }
    named = {"step": step.step, "kind": step.kind, "actor": step.actor, "reason": step.reason, "recorded_at": step.recorded_at}
    headers = {"ce_id": f"{step.step}/{step.kind}", "ce_source": SOURCE, "ce_type": "step", "ce_time": step.recorded_at, "content-type": "application/json"}
    return Message(orjson.dumps(named | {name: value for name, value in given.items() if value}), headers, step.step.encode())


def step_in(message: Message) -> Step | None:
    """The step that a message holds; None where it is a stranger's."""
    try:
        found = orjson.loads(message.value)
        texts = {name: found.get(name, "") for name in ("step", "kind", "actor", "reason", "recorded_at", "of", "feed")}
        if found["kind"] not in KINDS or not found["step"] or not all(isinstance(text, str) for text in texts.values()):
            return None
        rows = tuple(Rows(each["delivery"], int(each["chunk"]), int(each["version"]), tuple(map(int, each["rows"]))) for each in found.get("rows", ()))
        sendings = tuple(Sending(each["delivery"], int(each["parent"]), int(each["chunk"]), int(each["repair"])) for each in found.get("messages", ()))
        pattern, fix = dict(found.get("pattern", {})), dict(found.get("fix", {}))
        return Step(**texts, pattern=pattern, fix=fix, sealed=base64.b64decode(found.get("sealed", "")), rows=rows, messages=sendings)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def grouped(rows: Iterable[tuple[str, int, int, int]]) -> tuple[Rows, ...]:
    """(delivery, chunk, version, row) by raw message, in order."""
    found: dict[tuple[str, int, int], list[int]] = {}
    for delivery, chunk, version, row in rows:
        found.setdefault((delivery, chunk, version), []).append(row)
    return tuple(Rows(*key, tuple(sorted(listed))) for key, listed in sorted(found.items()))


def numbers_of(rows: Sequence[Rows], last: Mapping[str, int]) -> dict[tuple[str, int], tuple[int, int]]:
    """(delivery, parent) to the next chunk number of the delivery and the parent's repair number and one."""
    found: dict[tuple[str, int], tuple[int, int]] = {}
    following = dict(last)
    for each in rows:
        following[each.delivery] = following.get(each.delivery, FIRST_REPAIR - 1) + 1
        found[each.delivery, each.chunk] = (following[each.delivery], each.version + 1)
    return found
