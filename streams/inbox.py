"""Inbox partitions followed by their owner: what is handed over is landed in order, what is missing is read from the log, what is passed already is left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence

from contracts.ports import Log, Stored
from contracts.topics import INBOX
from streams.landing.inbox import Aside, land_inbox, pass_by, span_of
from streams.landing.inbox_taken import Inbox, Taken
from streams.landing.model import Landing, SetAside
from streams.outcomes import Place

READ_BYTES, LAND_BYTES = 16_000_000, 8_000_000
LAND_MESSAGES = 5_000


class InboxFollower:
    """Lands for all inbox partitions that one worker owns. The position is the raw topics': what was taken there, by whomever."""

    def __init__(self, landing: Landing, aside: Aside) -> None:
        self._landing, self._aside = landing, aside
        self._taken: dict[Place, Taken] = {}

    def adopt(self, places: Iterable[Place]) -> None:
        """These places are owned from now on; what somebody began there is ended first, from the very same messages."""
        for place in places:
            self._taken[place] = Taken(self._landing.log, self._landing.clock, self._inbox(place))
            self._end_begun(place)

    def next(self, place: Place) -> int:
        """The first offset of a place that is not passed."""
        return self._taken[place].next

    def behind(self, places: Iterable[Place]) -> list[Place]:
        """Those places whose log goes on beyond what is passed."""
        return [place for place in places if self.next(place) < self._landing.log.end(*place)]

    def take(self, stored: Sequence[Stored]) -> int:
        """Lands messages handed over, each place in order, what is missing before and between them too; the number of messages."""
        places: dict[Place, list[Stored]] = {}
        for each in stored:
            places.setdefault((each.position.topic, each.position.partition), []).append(each)
        return sum(self._landed(place, self._fresh(place, handed)) for place, handed in places.items() if place in self._taken)

    def reach(self, places: Iterable[Place]) -> int:
        """Reads these places up to their ends as they are now; the number of messages."""
        return sum(self._landed(place, self._between(place, self.next(place), self._landing.log.end(*place))) for place in places)

    def _fresh(self, place: Place, handed: Sequence[Stored]) -> Iterator[Stored]:
        offset = self.next(place)
        for each in handed:
            if each.position.offset >= offset:
                yield from self._between(place, offset, each.position.offset)
                offset = each.position.offset + 1
                yield each

    def _between(self, place: Place, start: int, stop: int) -> Iterator[Stored]:
        log: Log = self._landing.log
        while start < stop:
            read = [each for each in log.read(*place, start, READ_BYTES) if each.position.offset < stop]
            if not read:
                return  # an hour is over: what nobody fetched is gone
            start = read[-1].position.offset + 1
            yield from read

    def _landed(self, place: Place, stored: Iterable[Stored]) -> int:
        """In parts of a size, each wholly on the log before the next is begun. Where another owner was first, what follows is counted anew from where he ended."""
        count = size = 0
        part: list[Stored] = []
        for each in stored:
            part.append(each)
            size += len(each.message.value)
            if size >= LAND_BYTES or len(part) >= LAND_MESSAGES:
                if not self._land(place, part):
                    return count
                count += len(part)
                part, size = [], 0
        return count + (len(part) if part and self._land(place, part) else 0)

    def _land(self, place: Place, part: Sequence[Stored]) -> bool:
        """Whether these messages were ours to land."""
        taken = self._taken[place]
        span = span_of(taken.inbox, part)
        if not taken.take(span):
            self._end_begun(place)
            return False
        self._land_or_set_aside(taken.inbox, part)
        taken.landed(span)
        return True

    def _land_or_set_aside(self, inbox: Inbox, part: Sequence[Stored], ended: Collection[str] = ()) -> None:
        """Lands messages, and says which of them could not be."""
        reasons, began = Counter[str](), self._landing.clock.now()

        def aside(stored: Stored, reason: str, data: bytes) -> None:
            self._aside(stored, reason, data)
            reasons[reason] += 1

        land_inbox(self._landing, inbox, part, aside, ended)
        if reasons:
            self._landing.set_aside(SetAside(inbox.feed.name, span_of(inbox, part).name, len(part), dict(reasons), began))

    def _end_begun(self, place: Place) -> None:
        """Ends what others took and may never land. Where an hour is over, what is left of it lands; it is passed then, or it would be tried for ever."""
        taken = self._taken[place]
        ended = taken.ended()
        for span in taken.unfinished(ended):
            left = list(self._between(place, span.first, span.last + 1))
            if left:
                self._land_or_set_aside(taken.inbox, left, ended)
            if not left or span_of(taken.inbox, left) != span:
                pass_by(self._landing, span)
            taken.landed(span)

    def _inbox(self, place: Place) -> Inbox:
        topic, partition = place
        return Inbox(self._landing.contracts.feeds[topic.removeprefix(INBOX)], partition, self._landing.log.topic_id(topic))
