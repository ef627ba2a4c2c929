"""The end of a fix: what it mends is sent through the normal path, once, whoever begins it and however often it is interrupted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import orjson
import pyarrow as pa

from contracts.desk import FIX, REDRIVE, REDRIVEN
from contracts.model import Feed
from contracts.ports import Message
from quality.desk import ask
from quality.desk.errors import FixWouldFail, StepUnknown
from quality.desk.fixes import Fix
from quality.desk.fold import BEGUN, PLANNED
from quality.desk.index import opened
from quality.desk.ports import Mended, Numbered
from quality.desk.steps import Rows, Sending, numbers_of
from quality.desk.work import Desk, Trial, absent, retried

APPEND_BYTES = 32_000_000


def redriven(desk: Desk, step: str, trial: Trial | None = None) -> int:
    """Sends what a planned or interrupted fix mends through the normal path; how many rows. `trial`: what was tried just before, so that it need not be made again.

    A fix that was planned earlier is tried again first: what its rows meet may be another by now. One that was interrupted sends what it said it would.

    Raises: `StepUnknown` where there is no such fix or it is not to be redriven any more; `FixWouldFail` where rows would be set aside again, or cannot be sent.
    """
    if trial is None:
        _still_sound(desk, step)
    found, rows = _begun(desk, step)
    with opened(desk.folder, desk.log) as con:
        began, numbers = ask.sent_of(con, step)
    feed: Feed = desk.contracts.feeds[found["feed"]]
    if not rows:
        mended = Mended({})
    elif trial is None or tuple(trial.rows) != rows or trial.failed:
        cells = desk.raw.open(feed.name, rows)
        fix = Fix.of(cells.declared, _document(desk, found))
        mended = desk.raw.mend(cells, fix.apply(cells.cells), Numbered(step, began, numbers_of(rows, {})))
        _refuse(dict(mended.refused) | absent(rows, cells), rows)
    else:
        mended = trial.mended
    _send(desk, feed.name, [_numbered(message, step, began, numbers[place]) for place, message in mended.messages.items()])
    desk.append(desk.step(REDRIVEN, found["reason"], of=step, feed=feed.name))
    return sum(len(each.rows) for each in rows)


def _still_sound(desk: Desk, step: str) -> None:
    """Raises: `FixWouldFail` where rows of a planned fix would fail by now."""
    with opened(desk.folder, desk.log) as con:
        found, rows = ask.step_of(con, step), ask.held(con, step)
    if found is not None and found["kind"] == FIX and found["state"] == PLANNED and rows:
        _refuse(retried(desk, found["feed"], _document(desk, found), rows).failed, rows)


def _refuse(failed: Mapping[tuple[str, int], str], rows: Sequence[Rows]) -> None:
    if failed:
        reasons = ", ".join(f"{name} {count}" for name, count in sorted(Counter(failed.values()).items()))
        raise FixWouldFail(failing=len(failed), rows=sum(len(each.rows) for each in rows), reasons=reasons)


def _begun(desk: Desk, step: str) -> tuple[Mapping[str, Any], tuple[Rows, ...]]:
    """The fix, its redrive begun, and its rows. Where another redrive took the same numbers at the same time, it is begun once more with others."""
    while True:
        with opened(desk.folder, desk.log) as con:
            found, rows = ask.step_of(con, step), ask.held(con, step)
            last = ask.last_chunks(con, [each.delivery for each in rows])
        if found is None or found["kind"] != FIX or found["state"] not in (PLANNED, BEGUN):
            raise StepUnknown(step=step)
        if found["state"] == BEGUN:
            return found, rows
        sendings = tuple(Sending(delivery, parent, *number) for (delivery, parent), number in numbers_of(rows, last).items())
        desk.append(desk.step(REDRIVE, found["reason"], of=step, feed=found["feed"], messages=sendings))


def _send(desk: Desk, feed: str, messages: Sequence[Message]) -> None:
    """What is not on the log yet, delivery by delivery, in batches."""
    there = desk.raw.present(feed, sorted({each.headers["delivery"] for each in messages}))
    batch: list[Message] = []
    for each in sorted(messages, key=lambda each: (each.headers["delivery"], int(each.headers["chunk"]))):
        if (each.headers["delivery"], int(each.headers["chunk"])) in there:
            continue
        if batch and (batch[0].headers["delivery"] != each.headers["delivery"] or sum(len(one.value) for one in batch) >= APPEND_BYTES):
            desk.raw.append(feed, batch)
            batch = []
        batch.append(each)
    desk.raw.append(feed, batch)


def _numbered(message: Message, step: str, recorded_at: str, number: tuple[int, int]) -> Message:
    chunk, repair = number
    own = {"ce_id": f"{message.headers['delivery']}/{chunk}", "chunk": str(chunk), "repair": str(repair), "step": step, "ce_time": recorded_at}
    return replace(message, headers={**message.headers, **own})


def _document(desk: Desk, found: Mapping[str, Any]) -> Mapping[str, Any]:
    if not found["sealed"]:
        return dict(orjson.loads(found["fix"]))
    subject, sealed = desk.sealer.delivery_subject(found["step"]), bytes.fromhex(found["sealed"])
    return dict(orjson.loads(desk.sealer.unseal(pa.array([subject]), pa.array([sealed], pa.binary()))[0].as_py()))
