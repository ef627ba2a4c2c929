"""Normalise's position: the outcomes topic. A raw message that has an outcome there is done, whatever a broker has committed for whoever read it.

An outcome counts only where nothing derived beside it can be gone: the derived topics are still those it was appended to (`generation`), and no broker
began again since (`era`), which may have lost the last things it acknowledged on other topics; then what was told within a minute before is told again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from contracts.ipc import number_of
from contracts.ports import Log, Position, Stored
from contracts.topics import OUTCOMES
from streams.normalise import known_key

UNSURE_MILLISECONDS = 60_000

Place = tuple[str, int]
"""A raw topic and a partition of it."""


@dataclass(slots=True)
class _Told:
    """What outcomes say about one place: by offset the eras and times they were told in; all offsets below `next` are done."""

    outcomes: dict[int, list[tuple[str, int]]] = field(default_factory=dict)
    next: int = 0


def told_of(headers: Mapping[str, str]) -> Position | None:
    """Which raw message an outcome tells of; None where a message of the topic is no outcome."""
    partition, offset = number_of(headers.get("raw_partition")), number_of(headers.get("raw_offset"), 1 << 62)
    if partition is None or offset is None or not {"raw_topic", "ce_id", "ce_time"} <= headers.keys():
        return None
    return Position(headers["raw_topic"], partition, offset)


class Outcomes:
    """The outcomes on a log as far as they were followed."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._after: dict[int, int] = {}
        self._told: dict[Place, _Told] = {}
        self._newest: dict[str, int] = {}
        self._first: dict[str, tuple[str, str, int, int]] = {}

    def follow(self, partitions: Iterable[int]) -> None:
        """Reads what was told since the last call."""
        for partition in partitions:
            while read := self._log.read(OUTCOMES, partition, self._after.get(partition, 0)):
                self._after[partition] = read[-1].position.offset + 1
                for stored in read:
                    self._hear(stored)

    def note(self, stored: Iterable[Stored]) -> None:
        """These raw messages were just told of."""
        for each in stored:
            self._add(each.position, each.message.headers, self._log.era, 0)

    def done(self, position: Position) -> bool:
        told = self._told.get((position.topic, position.partition))
        return told is not None and (position.offset < told.next or self._sure(told.outcomes.get(position.offset, ())))

    def next(self, place: Place) -> int:
        """The first offset of a place that is not done."""
        told = self._told.setdefault(place, _Told())
        while self._sure(told.outcomes.get(told.next, ())):
            told.next += 1
        return told.next

    def count(self, place: Place) -> int:
        """How many messages of a place are done."""
        told = self._told.get(place, _Told())
        return sum(self._sure(outcomes) for outcomes in told.outcomes.values())

    def known(self, stored: Iterable[Stored]) -> dict[str, str]:
        """By `known_key` the `ce_time` of earlier copies of these messages, told of already or standing before them here."""
        return self.known_of((each.position, each.message.headers) for each in stored)

    def known_of(self, given: Iterable[tuple[Position, Mapping[str, str]]]) -> dict[str, str]:
        found = {}
        for position, headers in given:
            key = known_key(headers)
            first = self._first.get(key)
            if first is not None and first[1:] != (position.topic, position.partition, position.offset):
                found[key] = first[0]
        return found

    def _hear(self, stored: Stored) -> None:
        headers = stored.message.headers
        position = told_of(headers)
        if headers.get("generation", self._log.generation) != self._log.generation or position is None:
            return
        era = headers.get("era", self._log.era)
        self._newest[era] = max(self._newest.get(era, 0), stored.at)
        self._add(position, headers, era, stored.at)

    def _add(self, position: Position, headers: Mapping[str, str], era: str, at: int) -> None:
        place = (position.topic, position.partition)
        self._told.setdefault(place, _Told()).outcomes.setdefault(position.offset, []).append((era, at))
        first = (headers["ce_time"], position.topic, position.partition, position.offset)
        key = known_key(headers)
        self._first[key] = min(first, self._first.get(key, first))

    def _sure(self, outcomes: Sequence[tuple[str, int]]) -> bool:
        return any(era == self._log.era or at < self._newest[era] - UNSURE_MILLISECONDS for era, at in outcomes)
