"""The fold: what a settle touches, what it publishes, what it may forget, and that any crash is repaired by the next call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from contracts.facts import FACTS, claim_schema
from contracts.partition import Share
from contracts.ports import Message, Position, Stored
from contracts.topics import CHANGES, CLAIMS
from streams.log.embedded import EmbeddedLog
from streams.reconcile import Folded, HistoryNeeded, LogTruncated, State, StateInUse
from streams.reconcile import fold as fold_into
from streams.reconcile.batches import decoded, encoded
from streams.reconcile.outbox import publish
from tests.contracts.golden_kit import ALL, claim, closed, finding, presence, roster, switch

HOME = "330302006071/r/1"
Row = dict[str, Any]


def fact(name: str, *rows: Row) -> tuple[str, pa.Table]:
    schema = FACTS[name] if name in FACTS else claim_schema(ALL.kinds[name.removeprefix("claim.")])
    return name, pa.Table.from_pylist(list(rows), schema=schema)


def things(*rows: Row) -> tuple[str, pa.Table]:
    return fact("claim.thing", *rows)


def message(*given: tuple[str, pa.Table]) -> list[Message]:
    return [Message(encoded(rows), {"ce_type": name, "rows": str(rows.num_rows)}) for name, rows in given]


@pytest.fixture
def state() -> Iterator[State]:
    with State.open(Path(":memory:"), ALL, Share(0, 1)) as made:
        yield made


@pytest.fixture
def log(tmp_path: Path) -> Iterator[EmbeddedLog]:
    with EmbeddedLog.open(tmp_path / "log.sqlite", 1) as made:
        yield made


def fold(log: Any, state: State, **more: Any) -> Folded:
    """A fold over a log on which everything is a fact."""
    return fold_into(log, state, refused, **more)


def refused(stored: Stored, reason: str, data: bytes) -> None:
    raise AssertionError(reason)


def settled(state: State, *batches: Sequence[tuple[str, pa.Table]]) -> dict[str, Row]:
    """Settle batches one after the other, publish nothing; all golden rows by entity."""
    for batch in batches:
        state.settle(batch, state.applied + 1)
    return {row["entity"]: row for kind in ("thing", "residency") for row in state.golden(kind).to_pylist()}


def published(state: State) -> set[str]:
    entities = {row["entity"] for _, table in state.outbox() for row in table.to_pylist()}
    state.clear_outbox(CHANGES, 0)
    return entities


def test_only_rows_that_changed_are_published(state: State) -> None:
    """A repeated fact and an equal claim of another moment of evidence change nothing or only their own entity."""
    settled(state, [things(claim("x", "a", 1, colour="red"), claim("y", "a", 1, colour="red"))])
    assert published(state) == {"x", "y"}
    settled(state, [things(claim("x", "a", 1, colour="red"), claim("y", "a", 2, colour="red"))])
    assert published(state) == {"y"}
    assert published(state) == set()


def test_a_closed_snapshot_touches_entities_outside_the_batch(state: State) -> None:
    """(!) Claims of earlier batches end when the snapshot that does not list them becomes complete, and live again when it is recalled."""
    rows = settled(state, [things(claim("x", "a", 1, colour="red"))], [things(claim("y", "a", 9, moment=9))], [fact("closed", closed("a", 9))])
    assert (rows["x"]["alive"], rows["y"]["alive"]) == (False, True)
    assert published(state) == {"x", "y"}


def test_a_recall_touches_everything_of_the_delivery_and_its_snapshot() -> None:
    """What a recalled list had ended counts again; a state that had forgotten it says so, and an unpruned one simply recomputes."""
    batches = [[things(claim("x", "a", 1, colour="red"))], [things(claim("y", "a", 9, moment=9)), fact("closed", closed("a", 9))]]
    with State.open(Path(":memory:"), ALL, Share(0, 1), pruned=False) as whole:
        rows = settled(whole, *batches, [fact("switch", switch("recall", "a9"))])
        assert (rows["x"]["alive"], rows["y"]["alive"]) == (True, False)
    with State.open(Path(":memory:"), ALL, Share(0, 1)) as pruned:
        settled(pruned, *batches)
        with pytest.raises(HistoryNeeded):
            settled(pruned, [fact("switch", switch("recall", "a9"))])
        assert pruned.applied == 2


def test_rosters_touch_every_known_link_of_the_dwelling(state: State) -> None:
    """(!) Links claimed long before the roster fall absent, those found are made."""
    rows = settled(state, [fact("claim.residency", claim(f"p@{HOME}", "a", 1))], [fact("roster", *roster(HOME, ["q"], 5))])
    assert (rows[f"p@{HOME}"]["present"], rows[f"q@{HOME}"]["present"], rows[f"q@{HOME}"]["main"]) == (False, True, True)


def test_rosters_make_links_of_the_own_partition_only() -> None:
    """Rosters go to every partition; a listed person's link is made in one of them."""
    made = []
    for partition in range(4):
        with State.open(Path(":memory:"), ALL, Share(partition, 4)) as state:
            made += settled(state, [fact("roster", *roster(HOME, ["p", "q", "r", "s"], 5))])
    assert sorted(made) == sorted(f"{person}@{HOME}" for person in "pqrs")


def test_a_moved_record_touches_the_old_link(state: State) -> None:
    """A person's row that moves to another dwelling ends the link of an earlier batch."""
    rows = settled(state, [fact("claim.residency", claim("p@d1", "a", 1, record="R"))], [fact("claim.residency", claim("p@d2", "a", 5, record="R"))])
    assert (rows["p@d1"]["alive"], rows["p@d2"]["alive"], rows["p@d2"]["main"]) == (False, True, True)


def test_a_presence_by_record_touches_the_entity_of_that_record(state: State) -> None:
    """A listed row without value revives the claim it names when it arrives after the snapshot was closed."""
    whole = [things(claim("x", "a", 1, record="R", colour="red"))], [fact("closed", closed("a", 9))]
    with State.open(Path(":memory:"), ALL, Share(0, 1), pruned=False) as unpruned:
        assert settled(unpruned, *whole)["x"]["alive"] is False
        assert settled(unpruned, [fact("presence", presence(None, "a", 9, "R"))])["x"]["alive"] is True
    settled(state, *whole)
    with pytest.raises(HistoryNeeded):
        settled(state, [fact("presence", presence(None, "a", 9, "R"))])


def test_forgetting_drops_only_what_never_counts_again(state: State) -> None:
    """Unlisted claims under a newer complete list and replaced increments go; equal moments, repaired rows and rows of other areas stay."""
    rows = [claim("x", "a", 1, colour="r"), claim("x", "a", 2, colour="g"), claim("x", "a", 2, row=2, colour="b"), claim("y", "a", 1, colour="r", area="33")]
    settled(state, [things(*rows)])
    assert state.claims("thing") == 3
    settled(state, [things(claim("x", "a", 5, moment=5)), fact("closed", closed("a", 5))])
    assert state.claims("thing") == 2
    assert settled(state, [fact("finding", finding("x", "colour", "blue", 7))])["x"]["colour"] == "blue"


def test_settle_size_does_not_matter(log: EmbeddedLog, tmp_path: Path) -> None:
    """One message at a time or everything at once: equal golden rows, apart from the version."""
    for at, name in enumerate("abcabc"):
        log.append(CLAIMS, 0, message(things(*(claim(f"x{number}", name, at, colour=f"c{(number * at) % 3}") for number in range(20)))))
    found = []
    for rows in (1, 50, 10_000):
        with State.open(tmp_path / f"{rows}.duckdb", ALL, Share(0, 1)) as state:
            assert fold(log, state, settle_rows=rows).claims == 120
            found.append(sorted((row | {"version": 0} for row in state.golden("thing").to_pylist()), key=lambda row: row["entity"]))
    assert found[0] == found[1] == found[2]


def test_the_state_continues_where_it_stopped(log: EmbeddedLog, tmp_path: Path) -> None:
    """Reopened, it reads only what is new and publishes only what that changed."""
    log.append(CLAIMS, 0, message(things(claim("x", "a", 1), claim("y", "a", 1))))
    with State.open(tmp_path / "p0.duckdb", ALL, Share(0, 1)) as state:
        assert fold(log, state).changes == 2
    log.append(CLAIMS, 0, message(things(claim("y", "b", 1))))
    with State.open(tmp_path / "p0.duckdb", ALL, Share(0, 1)) as state:
        folded = fold(log, state)
        assert (folded.claims, folded.changes, state.applied) == (1, 1, 2)
        with pytest.raises(StateInUse), State.open(tmp_path / "p0.duckdb", ALL, Share(0, 1)):
            pass


@pytest.mark.parametrize("change", ["generation", "end", "digest", "contracts", "partitions", "garbage"])
def test_a_state_that_does_not_fit_is_folded_anew(change: str, tmp_path: Path) -> None:
    """Another log, a shorter one, another last message, other contracts or partitions, a damaged file: everything is read and published again."""
    place = tmp_path / "p0.duckdb"
    with EmbeddedLog.open(tmp_path / "one", 1) as log, State.open(place, ALL, Share(0, 1)) as state:
        log.append(CLAIMS, 0, message(things(claim("x", "a", 1)), things(claim("y", "a", 1))))
        fold(log, state)
        first = Other(log, "same")
        state.settle([], 2, generation="same", digest=lambda: state.digest)
    other = {"generation": Other(first, "new"), "end": Other(first, "same", stop=1), "digest": Other(first, "same", swap=True)}.get(change, first)
    given = replace(ALL, fingerprint="another") if change == "contracts" else ALL
    if change == "garbage":
        place.write_bytes(b"no database" * 1000)
    with EmbeddedLog.open(tmp_path / "one") as log:
        other.log = log
        with State.open(place, given, Share(0, 2 if change == "partitions" else 1)) as state:
            assert fold(other, state).claims == (1 if change == "end" else 2)


def test_a_log_that_begins_too_late_is_refused(log: EmbeddedLog, state: State) -> None:
    """Facts are missing: the claims must be derived again."""
    log.append(CLAIMS, 0, message(things(claim("x", "a", 1)), things(claim("y", "a", 1))))
    with pytest.raises(LogTruncated, match="begins at 1"):
        fold(Other(log, "g", start=1), state)


@pytest.mark.parametrize("crash_on", range(12))
def test_any_crash_is_repaired_by_the_next_call(crash_on: int, log: EmbeddedLog, tmp_path: Path) -> None:
    """Whichever call of the log fails, folding again ends in the same golden rows, each published at least once and at last rightly."""
    log.append(CLAIMS, 0, message(*(things(claim(f"x{number}", "a", 1, colour="red")) for number in range(4))))
    log.append(CLAIMS, 0, message(things(claim("x0", "a", 5, colour="blue"))))
    broken = Other(log, log.generation, crash_on=crash_on)
    with State.open(tmp_path / "p0.duckdb", ALL, Share(0, 1)) as state:
        try:
            fold(broken, state, settle_rows=2)
        except ConnectionError:
            assert broken.calls == crash_on + 1
    with State.open(tmp_path / "p0.duckdb", ALL, Share(0, 1)) as state:
        fold(log, state, settle_rows=2)
        last = {row["entity"]: row["colour"] for stored in log.read(CHANGES, 0, 0) for row in decoded(stored.message)[1].to_pylist()}
        assert last == {"x0": "blue", "x1": "red", "x2": "red", "x3": "red"} == {row["entity"]: row["colour"] for row in state.golden("thing").to_pylist()}
        assert fold(log, state).changes == 0


def test_a_state_that_needs_history_is_folded_anew_without_forgetting(log: EmbeddedLog, state: State) -> None:
    """A recall after the forgetting: the fold reads the log again and what the list had ended lives."""
    log.append(CLAIMS, 0, message(things(claim("x", "a", 1, colour="red")), things(claim("y", "a", 9, moment=9)), fact("closed", closed("a", 9))))
    fold(log, state)
    log.append(CLAIMS, 0, message(fact("switch", switch("recall", "a9"))))
    assert fold(log, state).claims == 4
    assert {row["entity"]: row["alive"] for row in state.golden("thing").to_pylist()} == {"x": True, "y": False}


def test_a_state_that_takes_over_publishes_later_versions(log: EmbeddedLog, tmp_path: Path) -> None:
    """Another owner counted ahead, because it folded everything anew: what the next owner publishes after that still counts as later."""
    log.append(CLAIMS, 0, message(things(claim("x", "a", 1, colour="red"))))
    with State.open(tmp_path / "one.duckdb", ALL, Share(0, 1)) as one, State.open(tmp_path / "two.duckdb", ALL, Share(0, 1)) as two:
        fold(log, two)
        for _ in range(5):
            one.discard(version=one.version)
            fold(log, one)
        log.append(CLAIMS, 0, message(things(claim("x", "a", 5, colour="blue"))))
        fold(log, two)
        assert latest(log)["colour"] == "blue"


def test_what_a_paused_owner_publishes_late_is_published_over(log: EmbeddedLog, tmp_path: Path) -> None:
    """An owner stops before it publishes, and goes on when the next one is further: what it says then does not stay the last word."""
    log.append(CLAIMS, 0, message(things(claim("x", "a", 1, colour="red"))))
    with State.open(tmp_path / "one.duckdb", ALL, Share(0, 1)) as one, State.open(tmp_path / "two.duckdb", ALL, Share(0, 1)) as two:
        one.discard(version=50)
        with pytest.raises(ConnectionError):
            fold(Mute(log, log.generation), one)
        log.append(CLAIMS, 0, message(things(claim("x", "a", 5, colour="blue"))))
        fold(log, two)
        assert publish(log, one) == 1 and latest(log)["colour"] == "red"
        fold(log, two)
        assert latest(log)["colour"] == "blue"
        assert fold(log, two).changes == 0


def latest(log: EmbeddedLog) -> Row:
    """The change of the newest version."""
    changes = [row for stored in log.read(CHANGES, 0, 0) for row in decoded(stored.message)[1].to_pylist()]
    return max(changes, key=lambda row: row["version"])


class Other:
    """A log seen through a disturbance: another generation, a cut at either end, a swapped last message, or a call that fails."""

    def __init__(self, log: Any, generation: str, *, start: int = 0, stop: int | None = None, swap: bool = False, crash_on: int | None = None) -> None:
        self.log, self._generation, self._start, self._stop, self._swap, self._crash_on = log, generation, start, stop, swap, crash_on
        self.calls = 0

    @property
    def partitions(self) -> int:
        return 1

    @property
    def generation(self) -> str:
        return self._generation

    def moved(self) -> bool:
        return False

    def _call(self) -> None:
        self.calls += 1
        if self._crash_on == self.calls - 1:
            raise ConnectionError

    def append(self, topic: str, partition: int, messages: Sequence[Message]) -> Sequence[Position]:
        self._call()
        done: Sequence[Position] = self.log.append(topic, partition, messages)
        return done

    def read(self, topic: str, partition: int, start: int, limit_bytes: int = 64_000_000) -> Sequence[Stored]:
        self._call()
        found = self.log.read(topic, partition, start, limit_bytes)
        if self._swap and start > 0:
            return [Stored(one.position, Message(one.message.value + b" ", one.message.headers)) for one in found]
        return [one for one in found if one.position.offset >= self._start and (self._stop is None or one.position.offset < self._stop)]

    def headers(self, topic: str, partition: int, start: int) -> Sequence[tuple[int, Mapping[str, str]]]:
        self._call()
        return [one for one in self.log.headers(topic, partition, start) if one[0] >= self._start and (self._stop is None or one[0] < self._stop)]

    def end(self, topic: str, partition: int) -> int:
        self._call()
        found: int = self.log.end(topic, partition)
        return found if self._stop is None else min(found, self._stop)

    def topics(self) -> Sequence[str]:
        found: Sequence[str] = self.log.topics()
        return found


class Mute(Other):
    """A log that takes nothing."""

    def append(self, topic: str, partition: int, messages: Sequence[Message]) -> Sequence[Position]:
        raise ConnectionError
