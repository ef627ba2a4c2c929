"""Following a partition of claims: whatever is handed over, in whatever pieces, ends in the golden rows of one fold, and everything published is right at last."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.partition import Share
from contracts.ports import Message, Stored
from contracts.topics import APPLIED, CHANGES, CLAIMS
from streams.log import EmbeddedLog
from streams.log.errors import LogMoved
from streams.reconcile import Follower, State
from streams.reconcile.batches import decoded, encoded
from tests.contracts.golden_kit import ALL, claim, closed, finding, presence, roster, switch
from tests.streams.test_reconcile import HOME, Other, Row, fact, message, refused, things

Fact = tuple[str, pa.Table]
ENTITIES = st.sampled_from(["x", "y", "z"])
SOURCES = st.sampled_from(["a", "b"])
DAYS = st.integers(1, 6)
OF_THINGS: st.SearchStrategy[Fact] = st.one_of(
    st.builds(lambda entity, source, at, colour: things(claim(entity, source, at, colour=colour)), ENTITIES, SOURCES, DAYS, st.sampled_from(["red", "blue"])),
    st.builds(lambda entity, source, at: things(claim(entity, source, at, moment=at)), ENTITIES, SOURCES, DAYS),
    st.builds(lambda source, at: fact("closed", closed(source, at)), SOURCES, DAYS),
    st.builds(lambda entity, at: fact("finding", finding(entity, "colour", "green", at)), ENTITIES, DAYS),
    st.builds(lambda entity, source, at: fact("presence", presence(entity, source, at)), ENTITIES, SOURCES, DAYS),
    st.builds(lambda source, at: fact("switch", switch("recall", f"{source}{at}")), SOURCES, DAYS),
)
OF_ALL: st.SearchStrategy[Fact] = st.one_of(
    OF_THINGS,
    st.builds(lambda at: fact("claim.residency", claim(f"p@{HOME}", "a", at)), DAYS),
    st.builds(lambda at: fact("roster", *roster(HOME, ["q"], at)), DAYS),
)
CALLS = st.lists(st.one_of(st.none(), st.lists(st.integers(0, 6), min_size=1, max_size=4)), max_size=3)
"""What is handed over: offsets in any order, repeated, with holes; None reads one settle on."""


@dataclass
class Aside:
    """Quarantine in memory."""

    put: list[tuple[int, str, bytes]] = field(default_factory=list)

    def __call__(self, stored: Stored, reason: str, data: bytes) -> None:
        self.put.append((stored.position.offset, reason, data))


@contextmanager
def empty_log(partitions: int = 1) -> Iterator[EmbeddedLog]:
    with tempfile.TemporaryDirectory() as folder, EmbeddedLog.open(Path(folder) / "log.sqlite", partitions) as log:
        yield log


@pytest.fixture
def log() -> Iterator[EmbeddedLog]:
    with empty_log() as made:
        yield made


@pytest.fixture
def state() -> Iterator[State]:
    with State.open(Path(":memory:"), ALL, Share(0, 1)) as made:
        yield made


def golden(state: State) -> list[Row]:
    """Every golden row but its version."""
    rows = [(kind, row["entity"], row | {"version": 0}) for kind in ALL.kinds for row in state.golden(kind).to_pylist()]
    return [row for _, _, row in sorted(rows, key=lambda each: each[:2])]


def changes(log: Any, start: int = 0) -> list[Row]:
    """Everything published, in order."""
    return [row for stored in log.read(CHANGES, 0, start) for row in decoded(stored.message)[1].to_pylist()]


def newest(rows: Sequence[Row]) -> list[Row]:
    """Of each entity the row that a consumer keeps: that of the highest version, of equal ones the last."""
    kept: dict[str, Row] = {}
    for row in rows:
        if row["entity"] not in kept or row["version"] >= kept[row["entity"]]["version"]:
            kept[row["entity"]] = row
    return [kept[entity] | {"version": 0} for entity in sorted(kept)]


@settings(max_examples=10)
@given(st.lists(OF_ALL, min_size=1, max_size=7), CALLS, st.integers(1, 3))
def test_any_handing_over_gives_the_golden_rows_of_one_fold(facts: list[Fact], calls: list[list[int] | None], settle_rows: int) -> None:
    """Permuted, repeated, with holes, from below the position: the same golden rows, the same position, and consumers of changes keep those rows."""
    with empty_log() as log, State.open(Path(":memory:"), ALL, Share(0, 1), pruned=False) as whole, State.open(Path(":memory:"), ALL, Share(0, 1)) as state:
        log.append(CLAIMS, 0, message(*facts))
        stored = log.read(CLAIMS, 0, 0)
        whole.settle([decoded(each.message) for each in stored], len(stored))
        follower = Follower(log, state, refused, settle_rows=settle_rows)
        for call in calls:
            if call is None:
                follower.read_on()
            else:
                follower.take([stored[offset] for offset in call if offset < len(stored)])
            assert follower.next == state.applied
        follower.reach()
        assert golden(state) == golden(whole)
        assert state.applied == len(facts) and newest(changes(log)) == sorted(golden(state), key=lambda row: str(row["entity"]))
        assert follower.take(stored).claims == 0 and follower.read_on().changes == 0


def test_what_is_handed_over_is_settled_without_reading_it_again(log: EmbeddedLog, state: State) -> None:
    """Messages that follow the position need no log; those after a hole make the log be read up to them."""
    log.append(CLAIMS, 0, message(*(things(claim(f"x{number}", "a", 1)) for number in range(6))))
    stored = log.read(CLAIMS, 0, 0)
    watched = Other(log, log.generation)
    follower = Follower(watched, state, refused)
    before = watched.calls
    assert follower.take(stored[:2]).claims == 2 and watched.calls == before
    assert follower.take(stored[4:]).claims == 4 and watched.calls > before


@pytest.mark.parametrize("change", ["generation", "end", "digest"])
def test_a_log_that_is_another_one_is_folded_anew_with_later_versions(change: str, log: EmbeddedLog, state: State) -> None:
    """A shorter log, another message in the place of the last, another generation: every entity is published again, later than before where versions compare."""
    log.append(CLAIMS, 0, message(things(claim("x", "a", 1, colour="red")), things(claim("y", "a", 1))))
    same = Other(log, "same")
    Follower(same, state, refused).reach()
    published = log.end(CHANGES, 0)
    highest = max(row["version"] for row in changes(log))
    log.append(CLAIMS, 0, message(things(claim("x", "b", 2, colour="red"))))
    other = {"generation": Other(log, "new"), "end": Shorter(log, "same"), "digest": Swapped(log, "same")}[change]
    follower = Follower(other, state, refused)
    assert follower.next == 0 and follower.refolding
    follower.reach()
    again = changes(log, published)
    assert {row["entity"] for row in again} == ({"x"} if change == "end" else {"x", "y"})
    assert change == "generation" or min(row["version"] for row in again) > highest


class Shorter(Other):
    """A log that lost all claims but the first."""

    def end(self, topic: str, partition: int) -> int:
        return min(super().end(topic, partition), 1) if topic == CLAIMS else super().end(topic, partition)

    def read(self, topic: str, partition: int, start: int, limit_bytes: int = 64_000_000) -> Sequence[Stored]:
        found = super().read(topic, partition, start, limit_bytes)
        return [each for each in found if each.position.offset < 1] if topic == CLAIMS else found


class Swapped(Other):
    """A log that holds another message of claims at every offset."""

    def read(self, topic: str, partition: int, start: int, limit_bytes: int = 64_000_000) -> Sequence[Stored]:
        found = super().read(topic, partition, start, limit_bytes)
        return [Stored(each.position, Message(each.message.value + b" ", each.message.headers)) for each in found] if topic == CLAIMS else found


def test_a_refold_is_silent_until_its_goal_and_then_tells_every_entity_once(log: EmbeddedLog, state: State) -> None:
    """Nothing is published before the end seen at the beginning; then each entity once, those that are no more too; what came meanwhile is told with it."""
    log.append(CLAIMS, 0, message(things(claim("x", "a", 1)), things(claim("y", "a", 9, moment=9)), fact("closed", closed("a", 9))))
    with State.open(Path(":memory:"), ALL, Share(0, 1)) as first:
        Follower(log, first, refused).reach()
    published = log.end(CHANGES, 0)
    follower = Follower(log, state, refused, settle_rows=1)
    stored = log.read(CLAIMS, 0, 0)
    log.append(CLAIMS, 0, message(things(claim("z", "a", 10))))
    for each in stored[:2]:
        assert follower.refolding and follower.take([each]).changes == 0
    assert (log.end(CHANGES, 0), state.published) == (published, -1)
    follower.take(stored[2:])
    assert not follower.refolding
    assert sorted((row["entity"], row["alive"]) for row in changes(log, published)) == [("x", False), ("y", True)]
    assert follower.read_on().changes == 1


@pytest.mark.parametrize("again", [False, True])
def test_a_former_owner_who_publishes_during_a_refold_is_told_over(again: bool, log: EmbeddedLog, state: State) -> None:
    """Whoever begins anew while the former owner still works publishes everything as later than what that one published meanwhile, also where it is begun `again` before."""
    log.append(CLAIMS, 0, message(things(claim("x", "a", 1, colour="red"))))
    with State.open(Path(":memory:"), ALL, Share(0, 1)) as first:
        former = Follower(log, first, refused)
        first.publish_again(100, log.end(CHANGES, 0))  # faults of before: versions run ahead of offsets
        former.reach()
        follower = Follower(log, state, refused)
        for stamp in (2, 3, 4):
            log.append(CLAIMS, 0, message(things(claim("x", "b", stamp, colour="blue"))))
            former.reach()
    highest, published = max(row["version"] for row in changes(log)), log.end(CHANGES, 0)
    if again:
        follower = Follower(log, state, refused)
    log.append(CLAIMS, 0, message(things(claim("x", "a", 9, colour="green"))))
    follower.reach()
    told = changes(log, published)
    assert {row["entity"] for row in told} == {"x"} and min(row["version"] for row in told) > highest


@pytest.mark.parametrize("overwritten", [False, True])
def test_a_lost_tail_of_changes_is_published_again(overwritten: bool, log: EmbeddedLog, state: State) -> None:
    """What was published is gone, or later changes stand in its place, so that the topic is as long as before: everything is published once more, as later than all of it."""
    log.append(CLAIMS, 0, message(things(claim("x", "a", 1), claim("y", "a", 1))))
    Follower(log, state, refused).reach()
    (before,) = log.read(CHANGES, 0, 0)
    there = Other(log, str(state.generation))
    log.renew([CHANGES])
    if overwritten:
        log.append(CHANGES, 0, [replace(before.message, headers={**before.message.headers, "version": str(state.version + 5)})])
    highest = state.version + (5 if overwritten else 0)
    assert Follower(there, state, refused).reach().changes == 2
    again = changes(log, 1 if overwritten else 0)
    assert {row["entity"] for row in again} == {"x", "y"} and min(row["version"] for row in again) > highest


class Moving(Other):
    """A log that moves when it was asked so many times."""

    def __init__(self, log: Any, after: int = 0) -> None:
        super().__init__(log, log.generation)
        self.after = after

    def moved(self) -> bool:
        self.after -= 1
        return self.after < 0


def test_nothing_published_counts_as_published_where_the_log_moved_meanwhile(log: EmbeddedLog, state: State) -> None:
    """A broker that began again may have lost what it had just acknowledged: the next owner publishes it once more."""
    log.append(CLAIMS, 0, message(things(claim("x", "a", 1))))
    with pytest.raises(LogMoved):
        Follower(Moving(log, after=1), state, refused).reach()
    assert (state.applied, state.published, len(changes(log))) == (1, -1, 1)
    assert Follower(log, state, refused).reach().changes == 1


def test_nothing_read_from_a_log_that_moved_is_committed(log: EmbeddedLog, state: State) -> None:
    """After a broker began again messages may stand in the place of lost ones that were never seen: the position stays, the worker begins anew."""
    log.append(CLAIMS, 0, message(things(claim("x", "a", 1))))
    follower = Follower(Moving(log), state, refused)
    for step in (lambda: follower.take(log.read(CLAIMS, 0, 0)), follower.read_on):
        with pytest.raises(LogMoved):
            step()
    assert (state.applied, golden(state), log.end(CHANGES, 0)) == (0, [], 0)


def test_garbage_and_poison_go_aside_and_the_position_moves_on(log: EmbeddedLog, state: State) -> None:
    """What is no table, of no known type, of another shape, and the one row that breaks the statement are set aside with their bytes; all others are folded."""
    sound = [things(claim(f"x{number}", "a", 1)) for number in range(3)]
    poison = fact("switch", switch("recall", "a9"), switch("recall", "b9") | {"sequence": (1 << 63) - 1})
    given = [
        *message(sound[0]),
        Message(b"garbage", {"ce_type": "claim.thing", "rows": "1"}),
        *message(("claim.unknown", sound[0][1])),
        *message(("claim.thing", sound[0][1].drop_columns(["entity"]))),
        *message(sound[1], poison, sound[2]),
    ]
    log.append(CLAIMS, 0, given)
    aside = Aside()
    Follower(log, state, aside).reach()
    assert [(offset, reason) for offset, reason, _ in aside.put if reason == "undecodable"][:3] == [(offset, "undecodable") for offset in (1, 2, 3)]
    poisoned = [data for _, reason, data in aside.put if reason == "poison"]
    assert poisoned == [encoded(poison[1].slice(1, 1))]
    assert state.applied == len(given)
    assert {row["entity"] for row in state.golden("thing").to_pylist()} == {"x0", "x1", "x2"}


def test_what_an_older_alias_table_made_is_passed_over(log: EmbeddedLog, state: State) -> None:
    """A worker elsewhere appends once more under the version before, after everything was renewed: it counts for nothing; strangers name no version and do."""
    old, new = things(claim("old", "a", 1)), things(claim("new", "a", 1))
    given = [replace(each, headers={**each.headers, "aliases": version}) for fact, version in ((old, "1"), (new, "2")) for each in message(fact)]
    log.append(CLAIMS, 0, [*given, *message(things(claim("other", "a", 1)))])
    Follower(log, state, refused, aliases=2).reach()
    assert (state.applied, {row["entity"] for row in golden(state)}) == (3, {"new", "other"})


def test_that_nothing_changed_is_published_too(log: EmbeddedLog, state: State) -> None:
    """A settle that changes no golden row is told by one message without rows, which says up to which claims the state has come."""
    for each in (things(claim("x", "a", 1)), fact("closed", closed("b", 9))):
        log.append(CLAIMS, 0, message(each))
        Follower(log, state, refused).reach()
    told = [stored.message.headers for stored in log.read(CHANGES, 0, 0)]
    assert [(headers["rows"], headers[APPLIED]) for headers in told] == [("1", "1"), ("0", "2")]
    assert (state.published, log.end(CHANGES, 0)) == (state.version, 2)
    Follower(log, state, refused).reach()
    assert log.end(CHANGES, 0) == 2
