"""Inbox topics land: consecutive messages of one partition become one delivery, exactly once, whoever does it and wherever a try ends.

First they are taken (see `inbox_taken`), then landed. Every raw message of such a delivery names the messages it was made of (`inbox` =
topic/id/partition/first-last), so what was taken and is not closed is landed again from exactly the same messages: the same content is the same delivery, and
the same messages on raw are copies. A message that cannot be landed is set aside, and `inbox.passed` says so.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from contracts.errors import UsageError
from contracts.ipc import Unreadable
from contracts.ports import Stored
from streams.errors import BannedColumns, DeliveryRefused
from streams.landing.inbox_rows import lines_of
from streams.landing.inbox_taken import RANGE, Inbox, Span
from streams.landing.land import land
from streams.landing.lock import held
from streams.landing.messages import topic_of
from streams.landing.model import Declared, Landing
from streams.normalise.notes import PASSED
from streams.normalise.sound import UNDECODABLE
from streams.normalise.wire import iso_of

REFUSED = (DeliveryRefused, UsageError)
"""What is wrong with messages; everything else is wrong with the machine."""

Aside = Callable[[Stored, str, bytes], None]
"""Puts a message into quarantine, durably: the message, the reason, its bytes."""


def span_of(inbox: Inbox, stored: Sequence[Stored]) -> Span:
    """The range of consecutive messages, at least one."""
    return Span(inbox, stored[0].position.offset, stored[-1].position.offset)


def land_inbox(landing: Landing, inbox: Inbox, stored: Sequence[Stored], aside: Aside, ended: Collection[str] = ()) -> None:
    """Lands messages that were taken; on return their range is closed or passed. What `ended` names was landed by an earlier try.

    Where landing refuses them as a whole they are halved, until the message that is to blame stands alone and is set aside: the same halves each time. Raises
    what landing raises about the machine; then the same messages must be given again.
    """
    if span_of(inbox, stored).name in ended:
        return
    try:
        lines = b"".join(lines_of(each.message.value) for each in stored)
        whole = _land(landing, inbox, stored, lines)
    except Unreadable:
        whole = _apart(landing, inbox, stored, aside, (UNDECODABLE, True), ended)
    except REFUSED as error:
        # what is banned is stored nowhere, not even sealed
        whole = _apart(landing, inbox, stored, aside, (error.code, not isinstance(error, BannedColumns)), ended)
    if not whole:
        pass_by(landing, span_of(inbox, stored))


def pass_by(landing: Landing, span: Span) -> None:
    """Remembers messages of which no delivery of their own tells."""
    landing.log.append(topic_of(span.inbox.feed), span.inbox.partition, [span.note(PASSED, landing.clock)])


def _land(landing: Landing, inbox: Inbox, stored: Sequence[Stored], lines: bytes) -> bool:
    """Whether a delivery of their own tells of them. Rows without a time of their own are of the time when the last of them was pushed, so that the same rows
    pushed later are another delivery."""
    name = span_of(inbox, stored).name
    moment = datetime.fromisoformat(iso_of(stored[-1].at)) if stored[-1].at else None
    with held(landing, _plain(name)), _file(landing.spool, _plain(name), lines) as file:
        report = land(replace(landing, headers={RANGE: name}), inbox.feed, file, Declared(mode="increment", moment=moment))
    if not report.already_landed:
        landing.closed(report)
    return not report.already_landed


def _apart(landing: Landing, inbox: Inbox, stored: Sequence[Stored], aside: Aside, why: tuple[str, bool], ended: Collection[str]) -> bool:
    """Never as a whole. `why`: the reason, and whether the bytes may be kept."""
    if len(stored) == 1:
        reason, kept = why
        aside(stored[0], reason, stored[0].message.value if kept else b"")
        return False
    half = len(stored) // 2
    land_inbox(landing, inbox, stored[:half], aside, ended)
    land_inbox(landing, inbox, stored[half:], aside, ended)
    return False


def _plain(name: str) -> str:
    """The name of a range as that of a file: two owners on one machine land it after each other, because the file is the same."""
    return name.replace("/", "-")


@contextmanager
def _file(folder: Path, name: str, lines: bytes) -> Iterator[Path]:
    """The rows as a file that is the owner's alone and goes as soon as they are landed: they may hold what must not stay."""
    path = folder / f"{name}.jsonl"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch(0o600)
    try:
        path.write_bytes(lines)
        yield path
    finally:
        with suppress(OSError):
            path.unlink()
