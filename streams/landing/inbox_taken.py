"""Who has which messages of an inbox partition: whoever is first on the log to take them. Nobody lands what he has not taken.

Taking is a note on the raw partition of the same number, which has one order: a note whose messages begin before the end of an earlier one holds nothing. So
however many owners there seem to be, of whom one was paused and does not know it, ranges never overlap, and each is one and the same delivery
(or the same halves of it) whoever lands it. Another topic of the same name has another id, and is landed from its beginning.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from contracts.ipc import number_of
from contracts.model import Feed
from contracts.ports import Clock, Log, Message
from contracts.topics import INBOX
from streams.landing.messages import CLOSING, JSON, iso, topic_of
from streams.log.errors import LogMoved
from streams.normalise.notes import PASSED, TAKEN

RANGE = "inbox"
"""The header of raw messages that names a range of inbox messages."""


@dataclass(frozen=True, slots=True)
class Inbox:
    """One partition of an inbox topic; `topic_id` tells it from another topic that had the same name."""

    feed: Feed
    partition: int
    topic_id: str

    @property
    def topic(self) -> str:
        return f"{INBOX}{self.feed.name}"

    @property
    def place(self) -> str:
        """How the names of its ranges begin."""
        return f"{self.topic}/{self.topic_id}/{self.partition}/"


@dataclass(frozen=True, slots=True)
class Span:
    """Consecutive messages of an inbox partition, by their first and last offset."""

    inbox: Inbox
    first: int
    last: int

    @property
    def name(self) -> str:
        return f"{self.inbox.place}{self.first}-{self.last}"

    def note(self, ce_type: str, clock: Clock) -> Message:
        """A raw message without rows that says something of these messages."""
        headers = {
            "ce_id": f"{self.name}/{ce_type}",
            "ce_source": "cabin/landing",
            "ce_type": ce_type,
            "ce_time": iso(clock.now()),
            "content-type": JSON,
            "feed": self.inbox.feed.name,
            "rows": "0",
            RANGE: self.name,
        }
        return Message(b"{}", headers, self.name.encode())


class Taken:
    """What was taken of an inbox partition, as far as the log was read: `next` is the first offset that nobody has."""

    def __init__(self, log: Log, clock: Clock, inbox: Inbox) -> None:
        self._log, self._clock, self.inbox = log, clock, inbox
        self._after = 0
        self._open: dict[str, Span] = {}
        self.next = 0
        self.refresh()

    def refresh(self) -> None:
        """Reads what was taken since."""
        for offset, headers in self._log.headers(topic_of(self.inbox.feed), self.inbox.partition, self._after):
            self._after = offset + 1
            span = self._span(headers) if headers["ce_type"] == TAKEN else None
            if span is not None and self.next <= span.first <= span.last:
                self.next = span.last + 1
                self._open[span.name] = span

    def take(self, span: Span) -> bool:
        """Whether these messages are ours to land; where others were first, `next` says what is left.

        Raises: `LogMoved` where the topic is another by now: then the messages are of that one, and are counted anew.
        """
        if self._log.topic_id(span.inbox.topic) != span.inbox.topic_id:
            raise LogMoved()
        self._log.append(topic_of(span.inbox.feed), span.inbox.partition, [span.note(TAKEN, self._clock)])
        self.refresh()
        return span.name in self._open

    def landed(self, span: Span) -> None:
        """Nothing more is to be done for what was taken."""
        self._open.pop(span.name, None)

    def unfinished(self, ended: Collection[str]) -> list[Span]:
        """What was taken, by whomever, and is not among those ranges that are `ended`; in order."""
        self._open = {name: span for name, span in self._open.items() if name not in ended}
        return list(self._open.values())

    def ended(self) -> frozenset[str]:
        """The names of all ranges that are a delivery that is closed, or passed; deliveries lie on all partitions."""
        return frozenset(
            headers[RANGE]
            for number in range(self._log.partitions)
            for _, headers in self._log.headers(topic_of(self.inbox.feed), number, 0)
            if headers["ce_type"] in (CLOSING, PASSED) and headers.get(RANGE, "").startswith(self.inbox.place)
        )

    def _span(self, headers: Mapping[str, str]) -> Span | None:
        place, _, offsets = headers.get(RANGE, "").rpartition("/")
        first, _, last = offsets.partition("-")
        found = number_of(first, 1 << 62), number_of(last, 1 << 62)
        if f"{place}/" != self.inbox.place or found[0] is None or found[1] is None:
            return None
        return Span(self.inbox, found[0], found[1])
