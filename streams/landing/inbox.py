"""Inbox topics land: consecutive messages of one partition become one delivery, exactly once, whoever does it and wherever a try ends.

The position is the raw topic. Every raw message of such a delivery names the messages it was made of (`inbox` = topic/partition/first-last), so what is
closed is passed, and what was begun and not closed is landed again from exactly the same messages: the same content is the same delivery. What nothing on
the log speaks of was never begun, whatever spool its landing left. A message that cannot be landed is set aside, and `inbox.passed` says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from contracts.errors import UsageError
from contracts.ipc import Unreadable, number_of
from contracts.model import Feed
from contracts.ports import Log, Message, Stored
from contracts.topics import INBOX
from streams.errors import BannedColumns, DeliveryRefused
from streams.landing.inbox_rows import lines_of
from streams.landing.land import land
from streams.landing.messages import CLOSING, JSON, iso, topic_of
from streams.landing.model import Declared, Landing
from streams.normalise.notes import PASSED
from streams.normalise.sound import UNDECODABLE
from streams.normalise.wire import iso_of

RANGE = "inbox"
"""The header of raw messages that names a range of inbox messages."""
REFUSED = (DeliveryRefused, UsageError)
"""What is wrong with messages; everything else is wrong with the machine."""

Aside = Callable[[Stored, str, bytes], None]
"""Puts a message into quarantine, durably: the message, the reason, its bytes."""


@dataclass(frozen=True, slots=True)
class Passed:
    """How far an inbox partition is landed: `next` offset, and the range that was begun there and not closed."""

    next: int = 0
    begun: tuple[int, int] | None = None


def passed(log: Log, feed: Feed, partition: int) -> Passed:
    """What the raw topic says of an inbox partition: the deliveries of one lie on all its partitions."""
    place = f"{INBOX}{feed.name}/{partition}/"
    named = [
        (headers, span)
        for number in range(log.partitions)
        for _, headers in log.headers(topic_of(feed), number, 0)
        if headers.get(RANGE, "").startswith(place) and (span := _span(headers[RANGE])) is not None
    ]
    after = max((last + 1 for headers, (_, last) in named if headers["ce_type"] in (CLOSING, PASSED)), default=0)
    open_ = sorted({span for _, span in named if span[0] >= after})
    return Passed(after, open_[0] if open_ else None)


def land_inbox(landing: Landing, feed: Feed, stored: Sequence[Stored], aside: Aside) -> None:
    """Lands consecutive messages of one inbox partition; on return all of them are passed.

    Where landing refuses them as a whole they are halved, until the message that is to blame stands alone and is set aside. Raises what landing raises
    about the machine; then the same messages must be given again.
    """
    try:
        lines = b"".join(lines_of(each.message.value) for each in stored)
    except Unreadable as error:
        _apart(landing, feed, stored, aside, UNDECODABLE, error)
        return
    try:
        _land(landing, feed, stored, lines)
    except REFUSED as error:
        _apart(landing, feed, stored, aside, error.code, error)


def _land(landing: Landing, feed: Feed, stored: Sequence[Stored], lines: bytes) -> None:
    """Rows without a time of their own are of the time when the last of them was pushed, so that the same rows pushed later are another delivery."""
    name = _name(stored)
    moment = datetime.fromisoformat(iso_of(stored[-1].at)) if stored[-1].at else None
    with _file(landing.spool, name, lines) as file:
        report = land(replace(landing, headers={RANGE: name}), feed, file, Declared(mode="increment", moment=moment))
    if report.already_landed and passed(landing.log, feed, stored[0].position.partition).next <= stored[-1].position.offset:
        _pass(landing, feed, stored)


def _apart(landing: Landing, feed: Feed, stored: Sequence[Stored], aside: Aside, reason: str, error: Exception) -> None:
    if len(stored) == 1:
        # what is banned is stored nowhere, not even sealed
        aside(stored[0], reason, b"" if isinstance(error, BannedColumns) else stored[0].message.value)
        _pass(landing, feed, stored)
        return
    half = len(stored) // 2
    land_inbox(landing, feed, stored[:half], aside)
    land_inbox(landing, feed, stored[half:], aside)


def _pass(landing: Landing, feed: Feed, stored: Sequence[Stored]) -> None:
    """Remembers messages of which no delivery of their own tells."""
    name, now = _name(stored), iso(landing.clock.now())
    headers = {
        "ce_id": name,
        "ce_source": "cabin/landing",
        "ce_type": PASSED,
        "ce_time": now,
        "content-type": JSON,
        "feed": feed.name,
        "rows": "0",
        RANGE: name,
    }
    landing.log.append(topic_of(feed), stored[0].position.partition, [Message(b"{}", headers, name.encode())])


def _name(stored: Sequence[Stored]) -> str:
    first, last = stored[0].position, stored[-1].position
    return f"{first.topic}/{first.partition}/{first.offset}-{last.offset}"


def _span(name: str) -> tuple[int, int] | None:
    first, _, last = name.rpartition("/")[2].partition("-")
    found = number_of(first, 1 << 62), number_of(last, 1 << 62)
    return None if found[0] is None or found[1] is None else (found[0], found[1])


@contextmanager
def _file(folder: Path, name: str, lines: bytes) -> Iterator[Path]:
    """The rows as a file that is the owner's alone and goes as soon as they are landed: they may hold what must not stay."""
    path = folder / f"{name.replace('/', '-')}.jsonl"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch(0o600)
    try:
        path.write_bytes(lines)
        yield path
    finally:
        with suppress(OSError):
            path.unlink()
