"""The ports: what the pure parts ask of the world. Adapters live in `streams` and `vault`; `cabin` hands them over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

import pyarrow as pa

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True, slots=True)
class Position:
    """Where a message lies on one log. Machinery only: never in a golden record or a mart."""

    topic: str
    partition: int
    offset: int


@dataclass(frozen=True, slots=True)
class Message:
    """Key, value bytes and headers; headers follow CloudEvents 1.0 in Kafka's binary mode. An empty value on a compacted topic is a tombstone."""

    value: bytes
    headers: Mapping[str, str]
    key: bytes = b""


@dataclass(frozen=True, slots=True)
class Stored:
    """A message and where it lies. `at`: when the log took it, milliseconds since 1970; 0 where it keeps no time. Machinery like the position."""

    position: Position
    message: Message
    at: int = 0


class Log(Protocol):
    """An append-only log of topics split into the same number of partitions.

    `generation` changes when the log, or some of its derived topics, are made anew. `era` changes when what was acknowledged within the last minute may
    be lost: a broker began again. `append` is atomic and durable when it returns.

    Every message read has `ce_type`, raw ones also `ce_id` and `ce_time`, and a `ce_time` is a time: what a foreign producer left out is filled in.
    """

    @property
    def partitions(self) -> int: ...

    @property
    def generation(self) -> str: ...

    @property
    def era(self) -> str: ...

    def moved(self) -> bool:
        """Whether the log became another one since it was opened: then `generation` and `era` are out of date, and it must be opened anew."""
        ...

    def append(self, topic: str, partition: int, messages: Sequence[Message]) -> Sequence[Position]: ...

    def read(self, topic: str, partition: int, start: int, limit_bytes: int = 64_000_000) -> Sequence[Stored]:
        """Messages from offset `start` on, in order, at least one if there is one, about `limit_bytes` in all; empty at the end."""
        ...

    def headers(self, topic: str, partition: int, start: int) -> Sequence[tuple[int, Mapping[str, str]]]:
        """Offset and headers of all messages from `start` on, without their values."""
        ...

    def end(self, topic: str, partition: int) -> int:
        """The offset the next message will get; 0 for a topic without messages."""
        ...

    def topics(self) -> Sequence[str]: ...

    def topic_id(self, topic: str) -> str:
        """Tells a topic from another that had the same name before it was deleted; asked anew each time."""
        ...

    def renew(self, topics: Sequence[str]) -> None:
        """Makes `topics` anew: their messages are gone, their offsets begin at 0 again, and the generation is another; all of it or nothing.

        Only for topics that can be derived again; the others keep every message. Over a broker: recreate the topics, whose ids are the generation.
        """
        ...


class Fenced(Protocol):
    """Writes the messages for subscribers of one claims partition; whoever opens one for the same partition fences the one before it."""

    def send(self, messages: Sequence[tuple[str, Message]]) -> None:
        """All of these (topic, message), or none; acknowledged when it returns. One with an empty value is a tombstone."""
        ...

    def ends(self, topics: Sequence[str]) -> Mapping[str, int]:
        """The offset the next message of the partition will get, per topic."""
        ...

    def close(self) -> None: ...


class Sealer(Protocol):
    """The vault as landing and normalise see it. All arrays are of one length; null in, null out."""

    @property
    def sequence(self) -> int:
        """Grows with every new token or key; travels in raw headers so that an older vault is noticed."""
        ...

    def subjects(self, numbers: pa.StringArray) -> pa.StringArray:
        """Subject tokens of normalised identity numbers, made where new; durable on return."""
        ...

    def phones(self, numbers: pa.StringArray) -> pa.StringArray:
        """Value tokens of normalised phone numbers, made where new; durable on return."""
        ...

    def delivery_subject(self, delivery: str) -> str:
        """The pseudo-subject whose key seals the rows of a delivery that name no person."""
        ...

    def seal(self, subjects: pa.StringArray, clear: pa.StringArray) -> pa.BinaryArray: ...

    def unseal(self, subjects: pa.StringArray, sealed: pa.BinaryArray) -> pa.StringArray:
        """The clear texts; null where the subject's key was destroyed."""
        ...

    def digest(self, data: bytes) -> str:
        """A keyed digest of 12 characters `a-z2-7` (60 bits): the name of a delivery."""
        ...


class Clock(Protocol):
    """Wall clock, asked by landing only."""

    def now(self) -> datetime:
        """Beijing time without zone, in milliseconds."""
        ...


class Commit(Protocol):
    """The step by which a DuckDB file takes in all that was done since `begin`, or nothing. The real one is `contracts.transaction.commit`."""

    def __call__(self, con: duckdb.DuckDBPyConnection) -> None: ...


class Meter(Protocol):
    """What a process tells about itself while it runs: the names and labels of `contracts.metrics`, never a value from a record."""

    def count(self, name: str, amount: float = 1, **labels: str) -> None:
        """Adds to a counter."""
        ...

    def gauge(self, name: str, value: float, **labels: str) -> None:
        """Sets what is so now; not a number takes the series away, as when its partition went to another worker."""
        ...

    def observe(self, name: str, value: float, **labels: str) -> None:
        """Adds one observation to a histogram."""
        ...


class QuietMeter:
    """Tells nobody."""

    def count(self, name: str, amount: float = 1, **labels: str) -> None:
        pass

    def gauge(self, name: str, value: float, **labels: str) -> None:
        pass

    def observe(self, name: str, value: float, **labels: str) -> None:
        pass
