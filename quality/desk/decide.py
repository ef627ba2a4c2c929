"""Decisions that mend nothing: a row is rejected for good, a step is taken back, a list was sent back to its department."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.desk import REJECT, RETURN, REVEAL, STEP_STATES, UNDO
from quality.desk import ask
from quality.desk.errors import NothingOpen, StepFinal, StepUnknown
from quality.desk.fold import PLANNED, REFUSED
from quality.desk.index import opened
from quality.desk.pattern import Pattern
from quality.desk.steps import Rows, Step
from quality.desk.work import Desk, allow


def rejected(desk: Desk, pattern: Pattern, reason: str) -> Step:
    """All open rows of the pattern are rejected, those set aside whole too; each stays on the log and in the account. How many of them it really were, `work.taken` says:
    somebody else may have decided over the same rows at the same time.

    Raises: `PatternTooWide`, `NothingOpen`, `ReasonMissing`, `TooManyRows`.
    """
    with opened(desk.folder, desk.log) as con:
        feed, rows = ask.all_open(con, pattern.decided())
    if feed is None:
        raise NothingOpen()
    allow(desk, reason, sum(len(each.rows) for each in rows))
    return desk.append(desk.step(REJECT, reason.strip(), feed=feed, pattern=pattern.document(), rows=rows))


def undone(desk: Desk, step: str, reason: str) -> Step:
    """The step is taken back: its rows are open again.

    Raises: `StepUnknown`; `StepFinal` where its rows are being redriven or were, or it was undone already; `ReasonMissing`.
    """
    allow(desk, reason, 0)
    with opened(desk.folder, desk.log) as con:
        found = ask.step_of(con, step)
    if found is None:
        raise StepUnknown(step=step)
    if found["state"] not in (PLANNED, REFUSED):
        raise StepFinal(step=step, state=STEP_STATES[found["state"]])
    return desk.append(desk.step(UNDO, reason.strip(), of=step, feed=found["feed"]))


def returned(desk: Desk, feed: str, reason: str, rows: Sequence[Rows]) -> Step:
    """A list of these rows went back to the department of the feed; they stay open until it delivers again or somebody decides."""
    return desk.append(desk.step(RETURN, reason, feed=feed, rows=tuple(rows)))


def revealed(desk: Desk, feed: str, purpose: str, row: Rows, column: str) -> Step:
    """A sealed cell of a quarantined row was looked at for a purpose."""
    return desk.append(desk.step(REVEAL, purpose, feed=feed, pattern={"column": column}, rows=(row,)))
