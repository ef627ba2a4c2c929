"""Inbox partitions followed by their owner: what is handed over is landed in order, what is missing is read from the log, what is passed already is left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from contracts.model import Feed
from contracts.ports import Log, Stored
from contracts.topics import INBOX
from streams.landing.inbox import Aside, land_inbox, passed
from streams.landing.model import Landing
from streams.outcomes import Place

READ_BYTES, LAND_BYTES = 16_000_000, 8_000_000
LAND_MESSAGES = 5_000


class InboxFollower:
    """Lands for all inbox partitions that one worker owns. The position is the raw topics'."""

    def __init__(self, landing: Landing, aside: Aside) -> None:
        self._landing, self._aside = landing, aside
        self._next: dict[Place, int] = {}

    def adopt(self, places: Iterable[Place]) -> None:
        """These places are owned from now on; what somebody began there is ended first, from the very same messages."""
        for place in places:
            found = passed(self._landing.log, self._feed(place), place[1])
            self._next[place] = found.next
            if found.begun is not None:
                self._land(place, list(self._between(place, found.begun[0], found.begun[1] + 1)))

    def next(self, place: Place) -> int:
        """The first offset of a place that is not passed."""
        return self._next[place]

    def behind(self, places: Iterable[Place]) -> list[Place]:
        """Those places whose log goes on beyond what is passed."""
        return [place for place in places if self._next[place] < self._landing.log.end(*place)]

    def take(self, stored: Sequence[Stored]) -> int:
        """Lands messages handed over, each place in order, what is missing before and between them too; the number of messages."""
        places: dict[Place, list[Stored]] = {}
        for each in stored:
            places.setdefault((each.position.topic, each.position.partition), []).append(each)
        return sum(self._landed(place, self._fresh(place, handed)) for place, handed in places.items() if place in self._next)

    def reach(self, places: Iterable[Place]) -> int:
        """Reads these places up to their ends as they are now; the number of messages."""
        return sum(self._landed(place, self._between(place, self._next[place], self._landing.log.end(*place))) for place in places)

    def _fresh(self, place: Place, handed: Sequence[Stored]) -> Iterator[Stored]:
        offset = self._next[place]
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
        """In parts of a size, each wholly on the log before the next is begun."""
        count = size = 0
        part: list[Stored] = []
        for each in stored:
            part.append(each)
            size += len(each.message.value)
            if size >= LAND_BYTES or len(part) >= LAND_MESSAGES:
                count += self._land(place, part)
                part, size = [], 0
        return count + self._land(place, part)

    def _land(self, place: Place, part: Sequence[Stored]) -> int:
        if part:
            land_inbox(self._landing, self._feed(place), part, self._aside)
            self._next[place] = part[-1].position.offset + 1
        return len(part)

    def _feed(self, place: Place) -> Feed:
        return self._landing.contracts.feeds[place[0].removeprefix(INBOX)]
