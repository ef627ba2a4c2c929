"""A fix from its dry run to its end: tried over the rows of a pattern, planned, redriven, and taken up again where it was interrupted.

What is tried is what is sent: the same messages, judged by the normal checks before anything is written. Every step is a fact first (`steps`), so whoever comes
after a crash knows what was decided and which numbers the messages have; what lies on the raw log already is not sent again.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from contracts.desk import FIX
from contracts.model import Contracts
from contracts.ports import Clock, Log, Sealer
from contracts.topics import DESK
from quality.desk import ask
from quality.desk.errors import FixChangesNothing, FixWouldFail, NotFixable, NothingOpen, ReasonMissing, TooManyRows
from quality.desk.fixes import AS_IS, Fix, changed
from quality.desk.index import opened
from quality.desk.pattern import Pattern
from quality.desk.ports import Mended, Numbered, Opened, Raw
from quality.desk.steps import Rows, Step, message_of, numbers_of

NUMBER = re.compile(r"\d{11}")
"""As many digits in a row as the shortest number of a person has."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What work at the desk needs; `actor` decides, over at most `rows_an_hour` rows."""

    folder: Path
    log: Log
    sealer: Sealer
    clock: Clock
    contracts: Contracts
    raw: Raw
    actor: str
    rows_an_hour: int = 1_000_000

    def append(self, step: Step) -> Step:
        """Puts a step on the desk's topic."""
        self.log.append(DESK, 0, [message_of(step)])
        return step

    def step(self, kind: str, reason: str, **more: Any) -> Step:
        """A new step of now; its id is a digest of all it says."""
        now = self.clock.now().isoformat(timespec="milliseconds")
        named = orjson.dumps([kind, self.actor, reason, now, more], default=str)
        return Step(step=self.sealer.digest(named), kind=kind, actor=self.actor, reason=reason, recorded_at=now, **more)


@dataclass(frozen=True, slots=True)
class Trial:
    """What a fix would do: `failing` counts rows by the reason for which they would be set aside again, `others` rows of the pattern that hold no cells to mend,
    `keys_changed` rows of full lists that would name another record or entity than before."""

    feed: str
    pattern: Pattern
    fix: Fix
    rows: Sequence[Rows]
    failed: Mapping[tuple[str, int], str]
    changed: int
    others: int
    keys_changed: int
    opened: Opened
    after: pa.Table
    mended: Mended

    @property
    def count(self) -> int:
        return sum(len(each.rows) for each in self.rows)

    @property
    def failing(self) -> Mapping[str, int]:
        return dict(sorted(Counter(self.failed.values()).items()))

    @property
    def accepted(self) -> int:
        return self.count - len(self.failed)


def tried(desk: Desk, pattern: Pattern, given: Mapping[str, Any]) -> Trial:
    """The fix done to all open rows of the pattern and judged, nothing written.

    Raises: `PatternTooWide`, `NothingOpen`, `NotFixable`, `FixUnusable`, `FixChangesNothing`.
    """
    with opened(desk.folder, desk.log) as con:
        feed, rows, others = ask.open_rows(con, pattern.decided())
    if feed is None:
        raise NothingOpen()
    if not rows or feed not in desk.contracts.feeds:
        raise NotFixable(rows=others)
    return _tried(desk, pattern, feed, given, rows, others)


def retried(desk: Desk, feed: str, given: Mapping[str, Any], rows: Sequence[Rows]) -> Trial:
    """What a planned fix would do to its rows now."""
    return _tried(desk, Pattern(), feed, given, rows, 0)


def _tried(desk: Desk, pattern: Pattern, feed: str, given: Mapping[str, Any], rows: Sequence[Rows], others: int) -> Trial:
    found = desk.raw.open(feed, rows)
    fix = Fix.of(found.declared, given)
    after = fix.apply(found.cells)
    other = changed(found.cells, after, fix.columns)
    count = sum(len(each.rows) for each in rows)
    if fix.kind != AS_IS and not other.true_count:
        raise FixChangesNothing(rows=count)
    now = desk.clock.now().isoformat(timespec="milliseconds")
    mended = desk.raw.mend(found, after, Numbered("", now, numbers_of(rows, {})))
    failed = {row: reason for row, (reason, _) in desk.raw.check(list(mended.messages.values())).items()} | dict(mended.refused) | absent(rows, found)
    keys = changed(found.cells, after, [name for name in desk.raw.keys(found.declared) if name in fix.columns])
    listed = [found.parents[place].get("mode") == "snapshot" for place in _parents(found)] if keys.true_count else []
    return Trial(
        *(feed, pattern, fix, rows, failed, other.true_count, others),
        keys_changed=sum(key and full for key, full in zip(keys.to_pylist() if listed else [], listed, strict=True)),
        opened=found,
        after=after,
        mended=mended,
    )


def absent(rows: Sequence[Rows], found: Opened) -> dict[tuple[str, int], str]:
    """Rows that cannot be mended: their key was destroyed, they came under another version of the contract than the others, or their message does not hold them."""
    if found.cells.num_rows == sum(len(each.rows) for each in rows):
        return {}
    there = set(zip(found.cells["__delivery"].to_pylist(), found.cells["__row"].to_pylist(), strict=True))
    wanted = {(each.delivery, row) for each in rows for row in each.rows} - there
    return {row: "erased" if row in found.locked else "older-version" if row in found.older else "undecodable" for row in wanted}


def planned(desk: Desk, trial: Trial, reason: str, only_sound: bool = False) -> Step:
    """The fix as a fact over the rows that it mends; from here on it is redriven or undone.

    Raises: `FixWouldFail` where rows would be set aside again (they are left out with `only_sound`), `ReasonMissing`, `TooManyRows`.
    """
    if trial.failed and (not only_sound or not trial.accepted):
        raise FixWouldFail(failing=len(trial.failed), rows=trial.count, reasons=", ".join(f"{name} {rows}" for name, rows in trial.failing.items()))
    sound = [replace(each, rows=tuple(row for row in each.rows if (each.delivery, row) not in trial.failed)) for each in trial.rows]
    rows = tuple(each for each in sound if each.rows)
    allow(desk, reason, sum(len(each.rows) for each in rows))
    pattern = trial.pattern.document()
    if not _private(desk, trial):
        return desk.append(desk.step(FIX, reason.strip(), feed=trial.feed, pattern=pattern, fix=trial.fix.document(), rows=rows))
    step = desk.step(FIX, reason.strip(), feed=trial.feed, pattern=pattern, rows=rows)
    subject = desk.sealer.delivery_subject(step.step)
    sealed = desk.sealer.seal(pa.array([subject]), pa.array([orjson.dumps(trial.fix.document()).decode()]))[0].as_py()
    return desk.append(replace(step, fix={"kind": trial.fix.kind, "columns": list(trial.fix.columns)}, sealed=sealed))


def _private(desk: Desk, trial: Trial) -> bool:
    """Whether what a person typed may be of a person: for a personal column, for cells that lie sealed because a number strayed into them, or a text with as many digits as a number has."""
    fix, cells, raw = trial.fix, trial.opened.cells, trial.opened.raw
    if not fix.values:
        return False
    strayed = any(pc.any(pc.and_(pc.is_valid(_one(cells[name])), pc.is_null(_one(raw[name])))).as_py() for name in fix.columns if name in raw.column_names)
    typed = [unicodedata.normalize("NFKC", text) for pair in fix.values.items() for text in pair if text]
    return fix.personal(trial.opened.declared) or strayed or any(NUMBER.search(text) for text in typed)


def _one(column: pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks()


def allow(desk: Desk, reason: str, rows: int) -> None:
    """Raises `ReasonMissing`, or `TooManyRows` where a person decides over more rows within an hour than one may, all at once or one by one."""
    if not reason.strip():
        raise ReasonMissing()
    if not rows:
        return
    since: datetime = desk.clock.now() - timedelta(hours=1)
    with opened(desk.folder, desk.log) as con:
        done = ask.decided_since(con, desk.actor, since)
    if done + rows > desk.rows_an_hour:
        raise TooManyRows(actor=desk.actor, rows=done + rows, limit=desk.rows_an_hour, done=done)


def taken(desk: Desk, step: Step) -> int:
    """Over how many of its rows a step that lies on the log really decides: the others were decided over by somebody else between the look and the step."""
    with opened(desk.folder, desk.log) as con:
        return ask.decided(con, step.step)


def _parents(found: Opened) -> list[tuple[str, int]]:
    return list(zip(found.cells["__delivery"].to_pylist(), found.cells["__chunk"].to_pylist(), strict=True))
