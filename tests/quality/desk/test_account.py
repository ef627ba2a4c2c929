"""The account of the desk is a law: whatever steps people take, ever quarantined = open + redriven + rejected, and the state is a function of the facts alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import duckdb
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.desk import FIRST_REPAIR, FIX, REDRIVE, REDRIVEN, REJECT, RETURN, UNDO
from quality.desk import ask
from quality.desk.fold import SCHEMA, add_events, apply, settle
from quality.desk.pattern import Pattern
from quality.desk.steps import Rows, Step, message_of, step_in

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
