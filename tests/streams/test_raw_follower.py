"""Following raw topics: whatever is handed over, in whatever pieces, derives to what one run over the log derives, and every message is told of once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.ports import Log, Message, Stored
from contracts.topics import CLAIMS, OUTCOMES, QUARANTINE
from streams.local import Normaliser, Ports, normalise_log, pending
from streams.log import EmbeddedLog
from streams.normalise import decode
from streams.outcomes import Place
from streams.raw import RawFollower
from tests.streams.normalise.support import PlainSealer, contracts, json_message, message, row
from tests.streams.test_follower import empty_log

KNOWN = contracts()
PLACES: tuple[Place, ...] = (("cabin.raw.sample", 0), ("cabin.raw.sample", 1))
LATER = "2024-05-11T09:00:00.000"
ORIGINAL = [
    message([row(1), row(2)], chunk=0),
    message([row(3), row(4, sex="x")], chunk=1),
    message([row(5)], delivery="bbbbbbbbbbbb"),
    Message(b"garbage", message([row(6)], delivery="cccccccccccc").headers),
    json_message("switch", {"target": "aaaaaaaaaaaa", "action": "recall", "sequence": 1, "actor": "o1"}, "switch/1"),
]
"""Good rows, one that breaks a rule, bytes that nobody can read, a switch."""
MESSAGES = st.lists(st.tuples(st.integers(0, 1), st.integers(0, len(ORIGINAL) - 1), st.booleans()), min_size=1, max_size=7)
"""Which message lies next on which partition; it may be a copy, recorded at the same moment or later."""
CALLS = st.lists(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 4)), min_size=1, max_size=5), max_size=3)
"""What is handed over: places and offsets in any order, repeated, with holes."""


def ports(log: Log) -> Ports:
    return Ports(log, KNOWN, PlainSealer())


@pytest.fixture(scope="module")
def normaliser() -> Iterator[Normaliser]:
    """One engine for all cases; it keeps nothing from one step to the next."""
    with empty_log() as log:
        made = Normaliser(ports(log))
        yield made
        made.close()


@contextmanager
def log_of(lying: Sequence[tuple[int, int, bool]]) -> Iterator[EmbeddedLog]:
    with empty_log(2) as log:
        for partition, number, late in lying:
            first = ORIGINAL[number]
            log.append(PLACES[0][0], partition, [Message(first.value, {**first.headers, "ce_time": LATER}) if late else first])
        yield log


def everything(log: Log, topic: str) -> list[Stored]:
    return [stored for partition in range(log.partitions) for stored in log.read(topic, partition, 0)]


def rows(log: Log, topic: str) -> set[str]:
    """The distinct rows of a derived topic, each with its type; when they were recorded aside, which two copies may say differently."""
    found = set()
    for stored in everything(log, topic):
        for each in decode(stored.message.value).to_pylist():
            found.add(repr((stored.message.headers["ce_type"], {name: value for name, value in each.items() if name != "recorded_at"})))
    return found


def outcomes(log: Log) -> list[tuple[tuple[str, str], dict[str, Any]]]:
    """Every outcome with the place and offset of its raw message."""
    return [
        ((each.message.headers["raw_partition"], each.message.headers["raw_offset"]), orjson.loads(each.message.value)) for each in everything(log, OUTCOMES)
    ]


def accounts(log: Log) -> set[str]:
    """What became of each distinct message: its outcomes that are no copy's, without their moments."""
    return {repr({**told, "recorded_at": ""}) for _, told in outcomes(log) if told["outcome"] != "duplicate"}


@settings(max_examples=12)
@given(MESSAGES, CALLS, st.integers(1, 4))
def test_any_handing_over_derives_what_one_run_derives(
    normaliser: Normaliser, lying: list[tuple[int, int, bool]], calls: list[list[tuple[int, int]]], step_rows: int
) -> None:
    """Permuted across places, repeated, with holes: the same facts, the same quarantined rows, the same accounts, one outcome per message and nothing left to do."""
    with log_of(lying) as log, log_of(lying) as whole:
        normalise_log(ports(whole), nullcontext, 1)
        raw = {(place[1], stored.position.offset): stored for place in PLACES for stored in log.read(*place, 0)}
        follower = RawFollower(ports(log), normaliser, step_rows=step_rows)
        follower.adopt(PLACES)
        for call in calls:
            follower.take([raw[each] for each in call if each in raw])
        follower.reach(PLACES)
        assert follower.behind(PLACES) == [] and pending(log) == []
        assert follower.take(list(raw.values())) == 0
        for topic in (CLAIMS, QUARANTINE):
            assert rows(log, topic) == rows(whole, topic)
        assert accounts(log) == accounts(whole)
        told = [place for place, _ in outcomes(log)]
        assert sorted(told) == sorted((str(partition), str(offset)) for partition, offset in raw)


def test_who_takes_a_place_over_hears_what_was_told_of_it(normaliser: Normaliser) -> None:
    """Two owners after each other, the first of which comes back: nothing is normalised twice, nothing is left out."""
    with log_of([(0, 0, False), (0, 1, False), (1, 2, False)]) as log:
        first, second = (RawFollower(ports(log), normaliser) for _ in range(2))
        first.adopt(PLACES)
        assert first.take(log.read(*PLACES[0], 0)[:1]) == 2
        second.adopt(PLACES[:1])
        assert second.next(PLACES[0]) == 1 and second.reach(PLACES[:1]) == 2
        first.adopt(PLACES[:1])
        assert first.reach(PLACES) == 1
        assert len(outcomes(log)) == 3


def test_what_died_before_its_outcome_is_derived_again(normaliser: Normaliser) -> None:
    """Facts on the log without their outcome: the next owner appends them once more, which adds no fact, and tells of them once."""
    with log_of([(0, 0, False), (0, 1, False)]) as log, log_of([(0, 0, False), (0, 1, False)]) as whole:
        normalise_log(ports(whole), nullcontext, 1)
        for topic in (CLAIMS, QUARANTINE):
            for stored in everything(whole, topic):
                log.append(topic, stored.position.partition, [stored.message])
        follower = RawFollower(ports(log), normaliser)
        follower.adopt(PLACES)
        follower.reach(PLACES)
        assert len(everything(log, CLAIMS)) > len(everything(whole, CLAIMS))
        assert rows(log, CLAIMS) == rows(whole, CLAIMS) and len(outcomes(log)) == 2
