"""A log followed: accounts and backlogs kept up to date by reading only what is new. Over a broker headers cannot be had without values, so nothing is read twice."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from cabin.accounts import Accounts
from cabin.ledger import fact_at, messages, outcome_in, told_of
from contracts.ipc import number_of
from contracts.ports import Log
from contracts.topics import APPLIED, CHANGES, CLAIMS, OUTCOMES, RAW
from streams.landing.messages import CLOSING, ROWS

LOOKED_AT = 8
"""Messages at the end of the changes of which one is surely ours: headers cannot be had without values."""


@dataclass(frozen=True, slots=True)
class Backlog:
    """What a step has still to do; `oldest` is the moment of the oldest message, None where there is none."""

    rows: int = 0
    messages: int = 0
    oldest: datetime | None = None

    def seconds(self, now: datetime) -> float:
        """The age of the oldest message; 0 where there is none, or where it says to be from later."""
        return 0.0 if self.oldest is None else max(0.0, (now - self.oldest).total_seconds())

    @classmethod
    def of(cls, waiting: Iterable[tuple[int, str]]) -> Backlog:
        """That of messages given by rows and `ce_time`."""
        listed = list(waiting)
        times = [time for _, time in listed if time]
        return cls(sum(rows for rows, _ in listed), len(listed), datetime.fromisoformat(min(times)) if times else None)


@dataclass(slots=True)
class _Claims:
    """The messages of one partition of claims, in offset order."""

    offsets: list[int] = field(default_factory=list)
    waiting: list[tuple[int, str]] = field(default_factory=list)
    """Claims (other facts count as none) and `ce_time` of each."""


class Followed:
    """What a log says up to the last `refresh`. A log made anew is followed from its beginning."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._generation = log.generation
        self._begin()

    def _begin(self) -> None:
        self.accounts = Accounts()
        self._next: dict[tuple[str, int], int] = {}
        self._raw: dict[tuple[str, int, int], tuple[int, str]] = {}
        self._done: set[tuple[str, int, int]] = set()  # an outcome may be read before its raw message: both are appended meanwhile
        self._claims = [_Claims() for _ in range(self._log.partitions)]
        self.settled: dict[int, int] = {}
        """Next offsets of claims by partition that the fold had come to when it published last; it may be further by now, where nothing changed since."""

    def refresh(self) -> None:
        """Reads what was appended since the last time."""
        if self._log.generation != self._generation:
            self._generation = self._log.generation
            self._begin()
        partitions = range(self._log.partitions)
        for topic in self._log.topics():
            if topic.startswith(RAW):
                for partition in partitions:
                    self._read_raw(topic, partition)
        for partition in partitions:
            self._read_outcomes(partition)
            self._read_claims(partition)
            self._read_changes(partition)
        for place in self._done & self._raw.keys():
            del self._raw[place]
            self._done.remove(place)

    @property
    def generation(self) -> str:
        return self._generation

    @property
    def claims(self) -> int:
        """All claims on the log."""
        return sum(rows for part in self._claims for rows, _ in part.waiting)

    def unnormalised(self, only: int | None = None) -> Backlog:
        """Raw messages without an outcome, of all partitions or only one."""
        return Backlog.of(each for (_, partition, _), each in self._raw.items() if only in (None, partition))

    def claims_from(self, positions: Mapping[int, int], only: int | None = None) -> Backlog:
        """Messages of claims at or after the next offsets given by partition (0 where none is given), of all partitions or only one."""
        chosen = ((number, part) for number, part in enumerate(self._claims) if only in (None, number))
        return Backlog.of(each for number, part in chosen for each in part.waiting[bisect_left(part.offsets, positions.get(number, 0)) :])

    def waiting_last(self, messages: Mapping[int, int]) -> Backlog:
        """The last so many messages of claims of each partition."""
        return Backlog.of(each for number, part in enumerate(self._claims) for each in part.waiting[max(0, len(part.waiting) - messages.get(number, 0)) :])

    def _read_raw(self, topic: str, partition: int) -> None:
        for offset, headers in self._log.headers(topic, partition, self._next.get((topic, partition), 0)):
            self._next[topic, partition] = offset + 1
            rows = _rows(headers) if headers["ce_type"] == ROWS else 0
            self._raw[topic, partition, offset] = (rows, headers.get("ce_time", ""))
            if headers["ce_type"] == CLOSING:
                self.accounts.closed(headers["ce_id"], fact_at(self._log, topic, partition, offset))

    def _read_outcomes(self, partition: int) -> None:
        for stored in messages(self._log, OUTCOMES, partition, self._next.get((OUTCOMES, partition), 0)):
            self._next[OUTCOMES, partition] = stored.position.offset + 1
            headers = stored.message.headers
            if told_of(self._generation, headers):
                self.accounts.outcome(headers, outcome_in(stored.message.value))
                self._done.add((headers["raw_topic"], int(headers["raw_partition"]), int(headers["raw_offset"])))

    def _read_changes(self, partition: int) -> None:
        """The last message tells; where it is a stranger's, one of the last few."""
        end = self._log.end(CHANGES, partition)
        if end in (0, self._next.get((CHANGES, partition))):
            return
        self._next[CHANGES, partition] = end
        for start in (end - 1, max(0, end - LOOKED_AT)):
            told = [headers for _, headers in self._log.headers(CHANGES, partition, start) if headers.get("generation") == self._generation]
            if told:
                self.settled[partition] = max(self.settled.get(partition, 0), *(number_of(headers.get(APPLIED), 1 << 62) or 0 for headers in told))
                return

    def _read_claims(self, partition: int) -> None:
        part = self._claims[partition]
        for offset, headers in self._log.headers(CLAIMS, partition, self._next.get((CLAIMS, partition), 0)):
            self._next[CLAIMS, partition] = offset + 1
            part.offsets.append(offset)
            part.waiting.append((_rows(headers) if headers["ce_type"].startswith("claim.") else 0, headers.get("ce_time", "")))


def _rows(headers: Mapping[str, str]) -> int:
    """The rows a message says to have; 0 where it says none, as a foreign one may."""
    return number_of(headers.get("rows")) or 0
