"""Normalise's position: which outcomes count as done, and which messages are copies of others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.ports import Message, Position, Stored
from contracts.topics import OUTCOMES
from streams.log import EmbeddedLog
from streams.outcomes import Outcomes
from tests.streams.test_follower import empty_log

TOPIC = "cabin.raw.sample"
PLACE = (TOPIC, 0)
MINUTE = 60_000


@dataclass
class Dated:
    """A file's log that keeps times, and is of an era and a generation, as one behind brokers is. `times`: by offset of the outcomes, milliseconds."""

    log: EmbeddedLog
    times: list[int] = field(default_factory=list)
    era: str = "now"
    generation: str = "this"

    def read(self, topic: str, partition: int, start: int, limit_bytes: int = 64_000_000) -> Sequence[Stored]:
        return [replace(each, at=self.times[each.position.offset]) for each in self.log.read(topic, partition, start, limit_bytes)]

    def tell(self, offset: int, at: int, *, name: str = "", time: str = "2026-01-01T00:00:00", era: str = "now", generation: str = "this") -> None:
        """Appends the outcome of the raw message at an offset."""
        headers = {"ce_type": "outcome", "raw_topic": TOPIC, "raw_partition": "0", "raw_offset": str(offset), "era": era, "generation": generation}
        self.log.append(OUTCOMES, 0, [Message(b"{}", {**headers, "ce_id": name or f"m{offset}", "ce_time": time})])
        self.times.append(at)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.log, name)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Dated]:
    with EmbeddedLog.open(tmp_path / "log.sqlite", 1) as made:
        yield Dated(made)


def followed(log: Dated) -> Outcomes:
    outcomes = Outcomes(log)
    outcomes.follow([0])
    return outcomes


def done(outcomes: Outcomes, offsets: int = 8) -> list[int]:
    return [offset for offset in range(offsets) if outcomes.done(Position(*PLACE, offset))]


def raw(offset: int, name: str = "", time: str = "2026-01-01T00:00:00") -> Stored:
    return Stored(Position(*PLACE, offset), Message(b"", {"ce_id": name or f"m{offset}", "ce_type": "delivery.closed", "ce_time": time}))


def test_the_position_is_the_first_offset_without_an_outcome(log: Dated) -> None:
    """Holes are found, what lies behind them is done all the same; what is told later moves the position on."""
    for offset in (0, 1, 3):
        log.tell(offset, at=0)
    outcomes = followed(log)
    assert (outcomes.next(PLACE), done(outcomes), outcomes.count(PLACE)) == (2, [0, 1, 3], 3)
    log.tell(2, at=0)
    outcomes.follow([0])
    assert (outcomes.next(PLACE), outcomes.next((TOPIC, 1))) == (4, 0)
    outcomes.note([raw(4)])
    assert (outcomes.next(PLACE), outcomes.done(Position(*PLACE, 4))) == (5, True)


def test_outcomes_of_another_generation_do_not_count(log: Dated) -> None:
    """What was derived beside them is gone; they make nothing a copy either."""
    log.tell(0, at=0, generation="earlier", name="same")
    log.tell(1, at=0)
    outcomes = followed(log)
    assert (outcomes.next(PLACE), done(outcomes), outcomes.known([raw(5, "same")])) == (0, [1], {})


def test_of_an_older_era_only_what_was_told_a_minute_before_its_end_counts(log: Dated) -> None:
    """A broker that began again may have lost the last things it acknowledged on other topics; the newest outcome of each era tells when that was."""
    for offset, at in enumerate((0, 1 * MINUTE, 2 * MINUTE - 1, 2 * MINUTE, 3 * MINUTE)):
        log.tell(offset, at, era="before")
    log.tell(5, 100 * MINUTE)
    outcomes = followed(log)
    assert (done(outcomes), outcomes.next(PLACE)) == ([0, 1, 2, 5], 3)
    log.tell(3, 100 * MINUTE)
    outcomes.follow([0])
    assert done(outcomes) == [0, 1, 2, 3, 5]


def test_each_era_ends_for_itself(log: Dated) -> None:
    """What the era before last told long before its own end counts, whatever came later; what no era is sure of is told again."""
    for offset, at, era in ((0, 0, "first"), (1, 2 * MINUTE, "first"), (2, 3 * MINUTE, "second"), (3, 5 * MINUTE, "second")):
        log.tell(offset, at, era=era)
    assert done(followed(log)) == [0, 2]


def test_a_message_that_is_repeated_is_no_copy_of_itself(log: Dated) -> None:
    """Told of in an era that is not sure, or told of twice, it is normalised as what it is; a real copy, here or after it, is one."""
    log.tell(0, at=0, name="m", era="before")
    log.tell(0, at=0, name="m", era="before")
    outcomes = followed(log)
    assert not outcomes.done(Position(*PLACE, 0)) and outcomes.known([raw(0, "m")]) == {}
    assert outcomes.known([raw(4, "m", "2026-01-02T00:00:00"), raw(0, "m")]) == {"m#0": "2026-01-01T00:00:00"}


def test_a_repair_is_no_copy_of_what_it_mends(log: Dated) -> None:
    """The same name with another repair number is another message."""
    log.tell(0, at=0, name="m")
    mended = raw(3, "m")
    mended = replace(mended, message=replace(mended.message, headers={**mended.message.headers, "repair": "1"}))
    assert followed(log).known([mended]) == {}


@given(st.permutations([(0, "a", "1"), (1, "a", "2"), (2, "b", "1"), (3, "a", "1")]), st.integers(0, 4))
def test_the_first_recorded_copy_is_the_message_in_whatever_order_outcomes_come(told: list[tuple[int, str, str]], noted: int) -> None:
    """Told by another worker or noted by oneself: all copies but the first recorded, then first lying, know of an earlier one."""
    with empty_log() as file:
        log = Dated(file)
        for offset, name, day in told[noted:]:
            log.tell(offset, 0, name=name, time=f"2026-01-0{day}T00:00:00")
        outcomes = followed(log)
        outcomes.note(raw(offset, name, f"2026-01-0{day}T00:00:00") for offset, name, day in told[:noted])
        known = {offset for offset, name, day in told if outcomes.known([raw(offset, name, f"2026-01-0{day}T00:00:00")])}
        assert known == {1, 3}
