"""What subscribers and departments are told of a partition: everything that changed, once it is settled, whoever owned the partition before."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pytest

from contracts.facts import FACTS, claim_schema
from contracts.ports import Message, Stored
from contracts.topics import CLAIMS, DISCREPANCIES
from streams.log.embedded import EmbeddedLog
from streams.reconcile import State, fold
from streams.reconcile.announcer import Addressed, Announcer
from streams.reconcile.batches import encoded
from tests.contracts.golden_kit import ALL, claim, closed, switch

ENTITY = "cabin.entity.thing"


class OnLog:
    """The port `Fenced` over a file's log, which nobody else writes meanwhile."""

    def __init__(self, log: EmbeddedLog) -> None:
        self._log = log

    def send(self, messages: Sequence[Addressed]) -> None:
        for topic, message in messages:
            self._log.append(topic, 0, [message])

    def ends(self, topics: Sequence[str]) -> Mapping[str, int]:
        return {topic: self._log.end(topic, 0) for topic in topics}


@pytest.fixture
def log(tmp_path: Path) -> Iterator[EmbeddedLog]:
    with EmbeddedLog.open(tmp_path / "log.sqlite", 1) as made:
        yield made


def say(log: EmbeddedLog, colour: str, source: str, day: int) -> None:
    rows = pa.Table.from_pylist([claim("x", source, day, colour=colour)], schema=claim_schema(ALL.kinds["thing"]))
    log.append(CLAIMS, 0, [Message(encoded(rows), {"ce_type": "claim.thing", "rows": "1"})])


def note(log: EmbeddedLog, fact: str, row: dict[str, object]) -> None:
    log.append(CLAIMS, 0, [Message(encoded(pa.Table.from_pylist([row], schema=FACTS[fact])), {"ce_type": fact, "rows": "1"})])


def refused(stored: Stored, reason: str, data: bytes) -> None:
    raise AssertionError(reason)


def settle(log: EmbeddedLog, state: State) -> None:
    fold(log, state, refused)


def tell(log: EmbeddedLog, announcer: Announcer) -> None:
    """One whole round, where one is due."""
    if announcer.due:
        told = announcer.begin()
        pages = [message for page in told.pages for message in announcer.page(told, *page)]
        OnLog(log).send([*told.gone, *told.facts, *pages])
        announcer.done(told)


def last(log: EmbeddedLog, topic: str) -> dict[str, dict[str, object]]:
    return {stored.message.key.decode(): json.loads(stored.message.value) for stored in log.read(topic, 0, 0)}


def test_what_changed_is_told_also_after_a_settle_that_changed_nothing(log: EmbeddedLog, tmp_path: Path) -> None:
    """A change, then a fact that changes no golden row before anybody was told: the change is told all the same."""
    with State.open(tmp_path / "p0.duckdb", ALL, 0, 1) as state:
        announcer = Announcer(log, state, OnLog(log))
        say(log, "red", "a", 1)
        settle(log, state)
        note(log, "closed", closed("b", 9))
        settle(log, state)
        tell(log, announcer)
        assert list(last(log, ENTITY)) == ["x"]
        assert not announcer.due


def test_who_takes_over_tells_what_others_told_wrongly_by_now(log: EmbeddedLog, tmp_path: Path) -> None:
    """Another owner told that a discrepancy is closed, and that delivery is recalled: the state that told long ago that it is open tells it again."""
    with State.open(tmp_path / "one.duckdb", ALL, 0, 1) as one, State.open(tmp_path / "two.duckdb", ALL, 0, 1) as two:
        say(log, "red", "a", 1)
        say(log, "blue", "b", 1)
        settle(log, one)
        tell(log, Announcer(log, one, OnLog(log)))
        (opened,) = last(log, DISCREPANCIES).values()
        say(log, opened["golden"], opened["feed"], 2)  # the department corrects its list
        settle(log, two)
        tell(log, Announcer(log, two, OnLog(log)))
        (corrected,) = last(log, DISCREPANCIES).values()
        note(log, "switch", switch("recall", f"{opened['feed']}2"))
        settle(log, one)
        tell(log, Announcer(log, one, OnLog(log)))
        (again,) = last(log, DISCREPANCIES).values()
        assert (opened["state"], corrected["state"], again["state"]) == ("open", "closed", "open")
