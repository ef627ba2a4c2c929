"""What subscribers and departments are told of a partition: everything that changed, once it is settled, whoever owned the partition before."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.facts import FACTS, claim_schema
from contracts.partition import Share
from contracts.ports import Message, Stored
from contracts.subscribers import entity_sql
from contracts.topics import CLAIMS, DISCREPANCIES
from streams.log.embedded import EmbeddedLog
from streams.log.errors import LogMoved
from streams.reconcile import Follower, State, fold
from streams.reconcile.announcer import Addressed, Announcer, Round
from streams.reconcile.batches import encoded
from tests.contracts.golden_kit import ALL, claim, closed, switch
from tests.streams.test_follower import OF_THINGS, Fact, Moving, empty_log
from tests.streams.test_reconcile import message as messages_of
from tests.streams.test_reconcile import things

ENTITY = "cabin.entity.thing"
TOPICS = [DISCREPANCIES, *(f"cabin.entity.{kind}" for kind in ALL.kinds)]
TELLING = st.sampled_from(["told", "crash", "reopen", "wait"])
"""After a settle: a whole round; one that dies after sending; one of an announcer begun anew; none yet."""


SECRET = "secret"


class OnLog:
    """The port `Fenced` over a file's log, which nobody else writes meanwhile."""

    def __init__(self, log: EmbeddedLog) -> None:
        self._log = log

    def send(self, messages: Sequence[Addressed]) -> None:
        for topic, message in messages:
            self._log.append(topic, 0, [message])

    def ends(self, topics: Sequence[str]) -> Mapping[str, int]:
        return {topic: self._log.end(topic, 0) for topic in topics}


class Hiding:
    """A log whose entity topic shows no message from `after` on, as of a transaction that came to nothing."""

    def __init__(self, log: EmbeddedLog, after: int) -> None:
        self._log, self._after = log, after

    def __getattr__(self, name: str) -> Any:
        return getattr(self._log, name)

    def headers(self, topic: str, partition: int, start: int) -> Sequence[tuple[int, Mapping[str, str]]]:
        return [each for each in self._log.headers(topic, partition, start) if topic != ENTITY or each[0] < self._after]


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


def send(log: EmbeddedLog, announcer: Announcer) -> Round:
    """A round up to its last acknowledgement."""
    told = announcer.begin()
    pages = [message for page in told.pages for message in announcer.page(told, *page)]
    OnLog(log).send([*told.facts, *pages, *told.gone])
    return told


def tell(log: EmbeddedLog, announcer: Announcer) -> None:
    """One whole round, where one is due."""
    if announcer.due:
        announcer.done(send(log, announcer))


def shown(log: EmbeddedLog) -> dict[tuple[str, str], str]:
    """By topic and key the last value that is no tombstone, of discrepancies those that are open."""
    kept: dict[tuple[str, str], str] = {}
    for topic in TOPICS:
        for stored in log.read(topic, 0, 0):
            kept[topic, stored.message.key.decode()] = stored.message.value.decode()
    return {key: value for key, value in kept.items() if value and '"state":"closed"' not in value}


def records(state: State) -> dict[tuple[str, str], str]:
    """What subscribers must see of the golden rows."""
    found = {}
    for name, kind in ALL.kinds.items():
        for entity, value in state.connection.execute(
            f"select entity, value from ({entity_sql(kind, state.contracts, f'golden_{name}')}) where value is not null"
        ).fetchall():
            found[f"cabin.entity.{name}", entity] = value
    return found


def all_ends(log: EmbeddedLog) -> list[int]:
    return [log.end(topic, 0) for topic in TOPICS]


def last(log: EmbeddedLog, topic: str) -> dict[str, dict[str, object]]:
    return {stored.message.key.decode(): json.loads(stored.message.value) for stored in log.read(topic, 0, 0)}


def test_what_changed_is_told_also_after_a_settle_that_changed_nothing(log: EmbeddedLog, tmp_path: Path) -> None:
    """A change, then a fact that changes no golden row before anybody was told: the change is told all the same."""
    with State.open(tmp_path / "p0.duckdb", ALL, Share(0, 1)) as state:
        announcer = Announcer(log, state, OnLog(log), SECRET)
        say(log, "red", "a", 1)
        settle(log, state)
        note(log, "closed", closed("b", 9))
        settle(log, state)
        tell(log, announcer)
        assert list(last(log, ENTITY)) == ["x"]
        assert not announcer.due


def test_what_was_told_before_everything_was_folded_anew_is_closed(log: EmbeddedLog, tmp_path: Path) -> None:
    """A recall can make an owner fold everything anew while it goes on announcing: discrepancies that stand open on the topic and are none any more are closed."""
    with State.open(tmp_path / "p0.duckdb", ALL, Share(0, 1)) as state:
        announcer = Announcer(log, state, OnLog(log), SECRET)
        say(log, "red", "a", 1)
        say(log, "blue", "b", 1)
        settle(log, state)
        tell(log, announcer)
        (opened,) = last(log, DISCREPANCIES).values()
        say(log, opened["golden"], opened["feed"], 2)
        state.discard(version=state.version)
        settle(log, state)
        tell(log, announcer)
        (corrected,) = last(log, DISCREPANCIES).values()
        assert (opened["state"], corrected["state"]) == ("open", "closed")


def test_who_takes_over_tells_what_others_told_wrongly_by_now(log: EmbeddedLog, tmp_path: Path) -> None:
    """Another owner told that a discrepancy is closed, and that delivery is recalled: the state that told long ago that it is open tells it again."""
    with State.open(tmp_path / "one.duckdb", ALL, Share(0, 1)) as one, State.open(tmp_path / "two.duckdb", ALL, Share(0, 1)) as two:
        say(log, "red", "a", 1)
        say(log, "blue", "b", 1)
        settle(log, one)
        tell(log, Announcer(log, one, OnLog(log), SECRET))
        (opened,) = last(log, DISCREPANCIES).values()
        say(log, opened["golden"], opened["feed"], 2)  # the department corrects its list
        settle(log, two)
        tell(log, Announcer(log, two, OnLog(log), SECRET))
        (corrected,) = last(log, DISCREPANCIES).values()
        note(log, "switch", switch("recall", f"{opened['feed']}2"))
        settle(log, one)
        tell(log, Announcer(log, one, OnLog(log), SECRET))
        (again,) = last(log, DISCREPANCIES).values()
        assert (opened["state"], corrected["state"], again["state"]) == ("open", "closed", "open")


@settings(max_examples=8)
@given(st.lists(st.tuples(OF_THINGS, TELLING), min_size=1, max_size=5))
def test_subscribers_see_the_golden_rows_and_the_open_discrepancies(settles: list[tuple[Fact, str]]) -> None:
    """After any settles, told at once, later, or by one that died before it could remember: the same as when everything is told in one go, and then nothing more."""
    with (
        empty_log() as log,
        empty_log() as whole,
        State.open(Path(":memory:"), ALL, Share(0, 1)) as state,
        State.open(Path(":memory:"), ALL, Share(0, 1)) as fresh,
    ):
        announcer = Announcer(log, state, OnLog(log), SECRET)
        for fact, telling in [*settles, (things(claim("x", "b", 3, colour="blue")), "told")]:
            for each in (log, whole):
                each.append(CLAIMS, 0, messages_of(fact))
            settle(log, state)
            if telling == "crash":
                send(log, announcer)
            if telling in ("crash", "reopen"):
                announcer = Announcer(log, state, OnLog(log), SECRET, page_rows=1)
            if telling in ("told", "reopen"):
                tell(log, announcer)
        settle(whole, fresh)
        tell(whole, Announcer(whole, fresh, OnLog(whole), SECRET))
        assert shown(log) == shown(whole)
        assert {key: value for key, value in shown(log).items() if key[0] != DISCREPANCIES} == records(state)
        ends = all_ends(log)
        tell(log, Announcer(log, state, OnLog(log), SECRET))
        assert all_ends(log) == ends


def two_told(log: EmbeddedLog, state: State) -> dict[tuple[str, str], str]:
    """Two things, about one of which two departments differ, all told; what is shown."""
    log.append(CLAIMS, 0, messages_of(things(claim("x", "a", 1, colour="red"), claim("y", "a", 1)), things(claim("x", "b", 2, colour="blue"))))
    settle(log, state)
    tell(log, Announcer(log, state, OnLog(log), SECRET))
    assert {topic for topic, _ in shown(log)} == {DISCREPANCIES, ENTITY}
    return shown(log)


@pytest.fixture
def state() -> Iterator[State]:
    with State.open(Path(":memory:"), ALL, Share(0, 1)) as made:
        yield made


@pytest.mark.parametrize("topic", [ENTITY, DISCREPANCIES])
def test_a_lost_tail_is_told_anew(topic: str, log: EmbeddedLog, state: State) -> None:
    """A topic for subscribers that ends before what was told there: everything is told again, discrepancies too."""
    before = two_told(log, state)
    log.renew([topic])
    tell(log, Announcer(log, state, OnLog(log), SECRET))
    assert shown(log).keys() == before.keys()


@pytest.mark.parametrize("more", [0, 1])
def test_a_lost_tail_that_was_overwritten_is_told_anew(more: int, log: EmbeddedLog, state: State) -> None:
    """A later round stands in the place of what was told, so that the topic is as long as before, or longer: its version tells."""
    before = two_told(log, state)
    told = log.read(ENTITY, 0, 0)
    log.renew([ENTITY])
    later = {**told[0].message.headers, "version": str(state.version + 1)}
    log.append(ENTITY, 0, [replace(told[0].message, headers=later)] * (len(told) + more))
    announcer = Announcer(log, state, OnLog(log), SECRET)
    settle(log, state)
    tell(log, announcer)
    assert shown(log).keys() == before.keys()


def test_nothing_told_counts_as_told_where_the_log_moved_meanwhile(log: EmbeddedLog, state: State) -> None:
    """A broker that began again may have lost what it had just acknowledged: the round is told once more."""
    log.append(CLAIMS, 0, messages_of(things(claim("x", "a", 1))))
    settle(log, state)
    with pytest.raises(LogMoved):
        tell(log, Announcer(Moving(log), state, OnLog(log), SECRET))
    before = all_ends(log)
    tell(log, Announcer(log, state, OnLog(log), SECRET))
    assert [end - begun for end, begun in zip(all_ends(log), before, strict=True)] == before


def test_what_a_new_state_does_not_know_gets_a_tombstone(log: EmbeddedLog, state: State, tmp_path: Path) -> None:
    """Entities and discrepancies that another state told under other names: a tombstone each, and closed; a crash in between changes nothing of it."""
    two_told(log, state)
    with EmbeddedLog.open(tmp_path / "renamed.sqlite", 1) as renamed, State.open(Path(":memory:"), ALL, Share(0, 1)) as new:
        for topic in TOPICS:
            renamed.append(topic, 0, [stored.message for stored in log.read(topic, 0, 0)])
        renamed.append(CLAIMS, 0, messages_of(things(claim("z", "a", 1))))
        settle(renamed, new)
        send(renamed, Announcer(renamed, new, OnLog(renamed), SECRET))
        tell(renamed, Announcer(renamed, new, OnLog(renamed), SECRET))
        assert shown(renamed) == records(new) and list(shown(renamed)) == [(ENTITY, "z")]
        values = {stored.message.key: stored.message.value for stored in renamed.read(ENTITY, 0, 0)}
        assert values[b"x"] == values[b"y"] == b""


def told_versions(log: EmbeddedLog, start: int = 0) -> list[int]:
    return [int(stored.message.headers["version"]) for stored in log.read(ENTITY, 0, start)]


def test_nothing_is_told_that_is_not_published(log: EmbeddedLog, tmp_path: Path) -> None:
    """Who takes over holds what another published as later, and tells it when that is on the changes: else the next owner could not know which version to exceed."""
    with State.open(tmp_path / "one.duckdb", ALL, Share(0, 1)) as one, State.open(tmp_path / "two.duckdb", ALL, Share(0, 1)) as two:
        for state in (one, two):
            say(log, "red", "a", 1)
            settle(log, state)
            tell(log, Announcer(log, state, OnLog(log), SECRET))
        taken = Follower(log, one, refused)
        announcer = Announcer(log, one, OnLog(log), SECRET)
        assert (one.version > two.version, taken.unpublished, announcer.due) == (True, True, False)
        taken.read_on()
        assert (taken.unpublished, announcer.due) == (False, True)


@pytest.mark.parametrize("aborted", [0, 1, 40])
def test_what_is_told_counts_as_later_where_the_changes_before_it_are_lost(aborted: int, log: EmbeddedLog, state: State, tmp_path: Path) -> None:
    """A broker lost the changes and not what subscribers were told: a state that knows neither tells everything with later versions, even behind a transaction that came to nothing."""
    two_told(log, state)
    newest = max(told_versions(log))
    with EmbeddedLog.open(tmp_path / "cut.sqlite", 1) as cut, State.open(Path(":memory:"), ALL, Share(0, 1)) as new:
        kept = [stored.message for stored in log.read(ENTITY, 0, 0)]
        cut.append(ENTITY, 0, [*kept, *[Message(b"", {"ce_type": "unknown"}, b"x")] * aborted])
        cut.append(CLAIMS, 0, messages_of(things(claim("x", "a", 1, colour="red"))))
        follower = Follower(Hiding(cut, len(kept)), new, refused)
        follower.reach()
        assert new.version <= newest
        announcer = Announcer(Hiding(cut, len(kept)), new, OnLog(cut), SECRET)
        follower.read_on()
        before = cut.end(ENTITY, 0)
        tell(cut, announcer)
        assert min(told_versions(cut, before)) > newest


def test_the_last_message_of_a_topic_has_the_newest_version_of_it(log: EmbeddedLog, state: State) -> None:
    """However many pages a round has, and tombstones with it: who looks at the end of a topic sees the newest version."""
    for day, names in enumerate(("abcd", "ef", "bg"), 1):
        log.append(CLAIMS, 0, messages_of(things(*(claim(name, "a", day, colour=f"c{day}") for name in names))))
        settle(log, state)
    log.append(ENTITY, 0, [Message(b"{}", {"ce_type": "entity.thing", "version": "0"}, b"gone")])
    tell(log, Announcer(log, state, OnLog(log), SECRET, page_rows=2))
    told = told_versions(log)
    assert (told[-1], len(set(told)) > 2) == (max(told), True)
