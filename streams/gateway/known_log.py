"""A log whose raw headers are read once: over a broker headers cannot be had without their values, and each landing asks for all of its partition.

Only what landing asks of a raw message is kept, shared by all berths. Before it is used the last known message is looked at again: where it is another one, or gone,
the log was cut or made anew, and everything of that partition is read again.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from contracts.ports import Log, Message, Position, Stored
from streams.landing.on_log import RAW

KEPT = ("delivery", "chunk", "ce_type", "ce_time", "rows", "vault_sequence")
Heads = list[tuple[int, Mapping[str, str]]]


@dataclass(slots=True)
class Known:
    """The kept headers by topic and partition, in offset order."""

    heads: dict[tuple[str, int], Heads] = field(default_factory=dict)
    alone: threading.Lock = field(default_factory=threading.Lock)


class KnownLog:
    """Implements `contracts.ports.Log` over another; on raw topics `headers` gives the kept ones only."""

    def __init__(self, log: Log, known: Known) -> None:
        self._log = log
        self._known = known

    @property
    def partitions(self) -> int:
        return self._log.partitions

    @property
    def generation(self) -> str:
        return self._log.generation

    def append(self, topic: str, partition: int, messages: Sequence[Message]) -> Sequence[Position]:
        return self._log.append(topic, partition, messages)

    def read(self, topic: str, partition: int, start: int, limit_bytes: int = 64_000_000) -> Sequence[Stored]:
        return self._log.read(topic, partition, start, limit_bytes)

    def headers(self, topic: str, partition: int, start: int) -> Sequence[tuple[int, Mapping[str, str]]]:
        if not topic.startswith(RAW):
            return self._log.headers(topic, partition, start)
        with self._known.alone:
            heads = self._known.heads.setdefault((topic, partition), [])
            self._catch_up(topic, partition, heads)
            return [each for each in heads if each[0] >= start] if start else heads[:]

    def end(self, topic: str, partition: int) -> int:
        return self._log.end(topic, partition)

    def topics(self) -> Sequence[str]:
        return self._log.topics()

    def renew(self, topics: Sequence[str]) -> None:
        self._log.renew(topics)

    def _catch_up(self, topic: str, partition: int, heads: Heads) -> None:
        new = _kept(self._log.headers(topic, partition, heads[-1][0] if heads else 0))
        if heads and new[:1] != heads[-1:]:
            heads.clear()
            new = _kept(self._log.headers(topic, partition, 0))
        heads += new[1:] if heads else new


def _kept(headers: Sequence[tuple[int, Mapping[str, str]]]) -> Heads:
    """Equal words are one object: all messages of a delivery share most of them."""
    return [(offset, {name: sys.intern(given[name]) for name in KEPT if name in given}) for offset, given in headers]
