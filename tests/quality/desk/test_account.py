"""The account of the desk is a law: whatever steps people take, ever quarantined = open + redriven + rejected, and the state is a function of the facts alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cabin.ledger import accounts
from contracts.desk import FIRST_REPAIR, FIX, REDRIVE, REDRIVEN, REJECT, RETURN, UNDO
from contracts.ports import Message
from contracts.topics import OUTCOMES, QUARANTINE, RAW
from quality.desk import ask
from quality.desk.fold import SCHEMA, add_events, apply, settle
from quality.desk.index import opened
from quality.desk.pattern import Pattern
from quality.desk.steps import Rows, Step, message_of, step_in
from streams.log import EmbeddedLog
from tests.quality.desk.kit import Place, check

AT = datetime(2026, 2, 3, 8)
EVENT = pa.schema(
    [
        ("source", pa.string()),
        ("delivery", pa.string()),
        ("row", pa.int32()),
        ("chunk", pa.int32()),
        ("recorded_at", pa.timestamp("ms")),
        ("reason", pa.string()),
        ("column", pa.string()),
        ("verdict", pa.string()),
        ("part", pa.int32()),
        ("place", pa.int64()),
        ("shape", pa.string()),
    ]
)
Event = tuple[int, int]
"""Row and version; the chunk of version v is 0 for the first, FIRST_REPAIR + v - 1 for its repairs."""


def events(rows: Sequence[Event]) -> pa.Table:
    listed = [
        {"source": "f", "delivery": "d", "row": row, "chunk": chunk_of(row, version), "recorded_at": AT, "reason": "r", "part": 0, "place": place}
        for place, (row, version) in enumerate(rows)
    ]
    return pa.Table.from_pylist(listed, EVENT)


def chunk_of(row: int, version: int) -> int:
    """Every repair of every row in these worlds is a message of its own."""
    return 0 if version == 0 else FIRST_REPAIR + row * 10 + version


class World:
    """A desk told of random steps; beside it the same told of in plain Python, one row after the other."""

    def __init__(self) -> None:
        self.con = duckdb.connect()
        self.con.execute(SCHEMA)
        self.steps: list[Step] = []
        self.newest: dict[int, int] = {}
        self.decided: dict[Event, tuple[str, str]] = {}
        self.state: dict[str, str] = {}

    def quarantine(self, rows: Sequence[Event]) -> None:
        add_events(self.con, events(rows))
        settle(self.con)
        for row, version in rows:
            self.newest[row] = max(self.newest.get(row, 0), version)

    def take(self, step: Step) -> None:
        again = step_in(message_of(step))
        assert again == step
        apply(self.con, len(self.steps), step)
        settle(self.con)
        self.steps.append(step)
        self._model(step)

    def _model(self, step: Step) -> None:
        if step.kind in (FIX, REJECT) and step.step not in self.state:
            self.state[step.step] = "planned" if step.kind == FIX else "rejected"
            for each in step.rows:
                for row in each.rows:
                    self.decided.setdefault((row, each.version), (self.state[step.step], step.step))
        follows = {(REDRIVE, "planned"): "redriving", (REDRIVEN, "redriving"): "redriven", (UNDO, "planned"): "undone", (UNDO, "rejected"): "undone"}
        state = follows.get((step.kind, self.state.get(step.of, "")))
        if state:
            self.state[step.of] = state
            own = [event for event, (_, of) in self.decided.items() if of == step.of]
            for event in own:
                if state == "undone":
                    del self.decided[event]
                else:
                    self.decided[event] = (state, step.of)

    def expected(self) -> dict[int, str]:
        shown = {"redriving": "redriven", "redriven": "redriven", "rejected": "rejected"}
        return {row: shown.get(self.decided.get((row, version), ("", ""))[0], "open") for row, version in self.newest.items()}


@st.composite
def worlds(draw: st.DrawFn) -> list[tuple[str, object]]:
    """Moves: quarantined rows, and steps that may make no sense: over rows that are none, twice, over steps that are none or over already."""
    moves: list[tuple[str, object]] = [("quarantine", [(row, 0) for row in range(1, draw(st.integers(1, 5)) + 1)])]
    for number in range(draw(st.integers(1, 9))):
        kind = draw(st.sampled_from(["quarantine", FIX, FIX, REJECT, UNDO, REDRIVE, REDRIVEN, RETURN]))
        if kind == "quarantine":
            moves.append((kind, draw(st.lists(st.tuples(st.integers(1, 6), st.integers(0, 2)), min_size=1, max_size=3))))
            continue
        version = draw(st.integers(0, 2))
        rows = tuple(draw(st.lists(st.integers(1, 6), min_size=1, max_size=4, unique=True)))
        of = f"s{draw(st.integers(0, max(number - 1, 0)))}" if kind in (UNDO, REDRIVE, REDRIVEN) else ""
        named = () if of else (Rows("d", 0, version, tuple(sorted(rows))),)
        moves.append((kind, Step(f"s{number}", kind, "a", "because", AT.isoformat(), of=of, feed="f", rows=named)))
    return moves


@given(worlds())
@settings(max_examples=25)
def test_every_row_ever_quarantined_is_open_redriven_or_rejected(moves: list[tuple[str, object]]) -> None:
    """After any sequence of steps - double fixes, undone ones, redrives whose repairs are quarantined again - every row is in the state that a plain reading of the steps
    gives, and open, redriven and rejected rows are all rows ever quarantined."""
    world = World()
    # which repair a message is, its redrive tells: in a world without that step a stray event of a repair would be a first-hand one
    world.con.execute(f"insert into sent select '-', 'd', 0, {FIRST_REPAIR} + r * 10 + v, v, null from range(1, 7) as a(r), range(1, 4) as b(v)")
    for kind, what in moves:
        if kind == "quarantine":
            world.quarantine(what)  # type: ignore[arg-type]
        else:
            world.take(what)  # type: ignore[arg-type]
        (account,) = ask.accounts(world.con)
        assert account.holds and account.ever == len(world.newest)
        lines = ask.listed(world.con, Pattern(), state=None, limit=100)
        assert {each["row"]: each["state"] for each in lines} == world.expected()


@given(worlds())
@settings(max_examples=12)
def test_the_state_does_not_depend_on_when_the_index_was_made(moves: list[tuple[str, object]]) -> None:
    """Steps first and quarantined rows after them, all at once, give the lines that following them one by one gave."""
    followed, anew = World(), World()
    for world in (followed, anew):
        world.con.execute(f"insert into sent select '-', 'd', 0, {FIRST_REPAIR} + r * 10 + v, v, null from range(1, 7) as a(r), range(1, 4) as b(v)")
    for kind, what in moves:
        followed.quarantine(what) if kind == "quarantine" else followed.take(what)  # type: ignore[arg-type]
    for number, (_, what) in enumerate(move for move in moves if move[0] != "quarantine"):
        apply(anew.con, number, what)  # type: ignore[arg-type]
    for _, what in (move for move in moves if move[0] == "quarantine"):
        add_events(anew.con, events(what))  # type: ignore[arg-type]
    settle(anew.con)
    shown = "select delivery, slot, version, state, step, returned from line order by all"
    assert followed.con.execute(shown).fetchall() == anew.con.execute(shown).fetchall()


DAMAGES = {
    "a line is gone": 'delete from line where "row" = 1',
    "a line stands twice": 'insert into line from line where "row" = 1',
    "a line has no state that there is": """update line set state = 'lost' where "row" = 1""",
    "a line weighs too much": 'update line set weight = 2 where "row" = 1',
    "what was set aside is gone": 'delete from event where "row" = 1',
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_an_account_does_not_hold_where_the_index_is_damaged(damage: str) -> None:
    """Rows ever quarantined and the states of rows are counted apart, so whatever is lost, doubled or spoilt on one side shows."""
    world = World()
    world.quarantine([(1, 0), (2, 0)])
    assert all(each.holds for each in ask.accounts(world.con))
    world.con.execute(damage)
    assert not all(each.holds for each in ask.accounts(world.con))


@pytest.mark.parametrize("late", [False, True], ids=["at once", "outcomes later"])
def test_the_account_counts_what_landing_counts(here: Place, tmp_path: Path, late: bool) -> None:
    """What landing refused or reduced and nobody can read stays in the list and weighs nothing: ever quarantined is what the outcomes of delivered rows say, in whatever order the index reads them."""
    here.deliver("fire_hazard", [check(1, "饭店"), check(2)])
    for form, rows in (("raw.minors", 7), ("raw.presence", 5), ("raw.rows", 3)):
        headers = {"ce_id": f"{form}/0", "ce_type": form, "ce_time": "2026-02-04T09:00:00.000", "feed": "fire_hazard", "delivery": form, "chunk": "0"}
        here.log.append(RAW + "fire_hazard", 0, [Message(b"no table", headers | {"rows": str(rows)})])
    here.normalise()
    with EmbeddedLog.open(tmp_path / "again.sqlite", 2) as log:
        for topic in (QUARANTINE, OUTCOMES):
            for partition in range(2):
                log.append(topic, partition, [each.message for each in here.log.read(topic, partition, 0)])
            if late and topic == QUARANTINE:
                with opened(tmp_path / "again", log):
                    pass
        with opened(tmp_path / "again", log) as con:
            (account,) = ask.accounts(con)
            lines = ask.listed(con, Pattern(), limit=100)
        (count,) = [each for each in accounts(here.log).counts() if each.quarantined]
    assert account.holds and account.ever == account.open == count.quarantined == 4
    assert len(lines) == 4


def test_a_reduced_row_weighs_nothing_once_its_outcome_is_told(here: Place, tmp_path: Path) -> None:
    """Rows are set aside before the outcome of their message tells what they were; where landing had reduced them, they leave the account then."""
    here.deliver("fire_hazard", [check(1, "饭店")])
    with EmbeddedLog.open(tmp_path / "again.sqlite", 2) as log:
        found = []
        for topic in (QUARANTINE, OUTCOMES):
            for partition in range(2):
                given = [each.message for each in here.log.read(topic, partition, 0)]
                log.append(topic, partition, [replace(each, value=each.value.replace(b"raw.rows", b"raw.minors")) for each in given])
            with opened(tmp_path / "again", log) as con:
                found.append(([each.ever for each in ask.accounts(con)], all(each.holds for each in ask.accounts(con)), len(ask.listed(con, Pattern()))))
    assert found == [([1], True, 1), ([], True, 1)]
