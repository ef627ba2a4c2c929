"""Raw partitions followed by their owner: what is handed over is normalised in order, what is missing is read from the log, what has an outcome is passed over."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from contracts.ports import Position, Stored
from streams.local import SPAN_ROWS, Normaliser, Ports, append, rows_of
from streams.normalise import Derived
from streams.outcomes import Outcomes, Place

READ_BYTES = 16_000_000


class RawFollower:
    """Normalises for all raw partitions that one worker owns, under one version of the alias table. The position is the outcomes topic.

    `heard` is told what each step derived to, when that is on the log.
    """

    def __init__(self, ports: Ports, normaliser: Normaliser, *, step_rows: int = SPAN_ROWS, heard: Callable[[Derived], None] = lambda derived: None) -> None:
        self._ports, self._normaliser, self._step_rows, self._heard = ports, normaliser, step_rows, heard
        self._outcomes = Outcomes(ports.log)

    def adopt(self, places: Iterable[Place]) -> None:
        """These places are owned from now on: what others told about them meanwhile is read."""
        self._outcomes.follow({partition for _, partition in places})

    def next(self, place: Place) -> int:
        """The first offset of a place that has no outcome."""
        return self._outcomes.next(place)

    def behind(self, places: Iterable[Place]) -> list[Place]:
        """Those places whose log goes on beyond what has an outcome."""
        return [place for place in places if self._outcomes.next(place) < self._ports.log.end(*place)]

    def take(self, stored: Sequence[Stored]) -> int:
        """Normalises messages handed over, each place in order, what is missing before and between them too; the number of raw rows."""
        places: dict[Place, list[Stored]] = {}
        for each in stored:
            places.setdefault((each.position.topic, each.position.partition), []).append(each)
        return self._normalised(each for place, handed in places.items() for each in self._fresh(place, handed))

    def reach(self, places: Iterable[Place], steps: int | None = None) -> int:
        """Reads these places up to their ends as they are now, or for so many steps; the number of raw rows."""
        return self._normalised((each for place in places for each in self._between(place, self._outcomes.next(place), self._ports.log.end(*place))), steps)

    def _fresh(self, place: Place, handed: Sequence[Stored]) -> Iterator[Stored]:
        offset = self._outcomes.next(place)
        for each in handed:
            if each.position.offset >= offset:
                yield from self._between(place, offset, each.position.offset)
                offset = each.position.offset + 1
                if not self._outcomes.done(each.position):
                    yield each

    def _between(self, place: Place, start: int, stop: int) -> Iterator[Stored]:
        """What the log holds from `start` to `stop` and has no outcome."""
        while start < stop:
            if self._outcomes.done(Position(*place, start)):
                start += 1
                continue
            read = self._ports.log.read(*place, start, READ_BYTES)
            if not read:
                return
            start = read[-1].position.offset + 1
            yield from (each for each in read if each.position.offset < stop and not self._outcomes.done(each.position))

    def _normalised(self, stored: Iterable[Stored], steps: int | None = None) -> int:
        """In steps of about `step_rows` rows, each wholly on the log before the next is begun."""
        total = rows = done = 0
        step: list[Stored] = []
        for each in stored:
            step.append(each)
            rows += rows_of(each.message.headers)
            if rows >= self._step_rows:
                total += self._step(step)
                step, rows, done = [], 0, done + 1
                if done == steps:
                    break
        return total + self._step(step)

    def _step(self, step: Sequence[Stored]) -> int:
        if not step:
            return 0
        derived = self._normaliser.derive_of(step, self._outcomes.known(step))
        append(self._ports.log, derived)
        self._outcomes.note(step)
        self._heard(derived)
        return sum(rows_of(each.message.headers) for each in step)
