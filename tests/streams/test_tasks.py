"""What partners are told of tasks: exactly where each stands, nothing twice, by the one writer of a file's log and by the announcer of a broker's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from jsonschema_rs import validator_for

from contracts import load
from contracts.facts import FACTS, claim_schema
from contracts.partition import Share
from contracts.ports import Message
from contracts.tasks import task_json_schema
from contracts.topics import CLAIMS, TASKS
from streams.log.embedded import EmbeddedLog
from streams.reconcile import State, fold
from streams.reconcile.announcer import Announcer
from streams.reconcile.batches import encoded
from streams.reconcile.tasks import tell
from tests.streams.test_announcer import OnLog, refused
from tests.streams.test_announcer import tell as announce

KNOWN = load()
AT = datetime(2026, 9, 1, 8)
STAGES = ("assessed", "dispatched", "accepted", "fed_back", "verified")


@pytest.fixture
def log(tmp_path: Path) -> Iterator[EmbeddedLog]:
    with EmbeddedLog.open(tmp_path / "log.sqlite", 1) as made:
        yield made


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    with State.open(tmp_path / "p0.duckdb", KNOWN, Share(0, 1)) as made:
        yield made


def say(log: EmbeddedLog, task: str, stage: str, minute: int, delivery: str = "d", **more: Any) -> None:
    """A claim that a task stands at a stage."""
    row = {
        "entity": f"task_exchange:{task}",
        "source": "task_exchange",
        "delivery": delivery,
        "row": minute,
        "repair": 0,
        "contract_version": 1,
        "recorded_at": AT,
    }
    row |= {"record": task, "observed_at": AT.replace(minute=minute), "rank": 0, "withdraws": False, "content": minute, "own_time": True, "listed": False}
    row |= {"present": True, "kind": "task", "stage": stage, "origin": "inner", "officer": "W1", "object_kind": "dwelling", "object_id": "h1"} | more
    rows = pa.Table.from_pylist([row], schema=claim_schema(KNOWN.kinds["event"]))
    log.append(CLAIMS, 0, [Message(encoded(rows), {"ce_type": "claim.event", "rows": "1"})])


def recall(log: EmbeddedLog, delivery: str) -> None:
    row = {"switch": "recall", "target": delivery, "on": True, "sequence": 1, "recorded_at": AT}
    log.append(CLAIMS, 0, [Message(encoded(pa.Table.from_pylist([row], schema=FACTS["switch"])), {"ce_type": "switch", "rows": "1"})])


def run(log: EmbeddedLog, state: State) -> int:
    fold(log, state, refused)
    return tell(log, state)


def facts(log: EmbeddedLog) -> list[dict[str, Any]]:
    return [json.loads(stored.message.value) for stored in log.read(TASKS, 0, 0)]


def test_a_task_is_told_as_it_stands_and_once(log: EmbeddedLog, state: State) -> None:
    """Its number, what it is about, where it stands and who has it; told again only when something of it changed; the schema holds. What is no task is not told."""
    say(log, "RW1", "dispatched", 1, opened_at=AT, due_at=datetime(2026, 9, 1, 20))
    say(log, "E1", "dispatched", 1, kind="dispute")
    assert (run(log, state), run(log, state)) == (1, 0)
    (first,) = facts(log)
    assert first == {
        "withdrawn": False,
        "task": "task_exchange:RW1",
        "feed": "task_exchange",
        "record": "RW1",
        **dict.fromkeys(("task_type", "partner", "fed_back_at", "result", "verifier", "area")),
        "stage": "dispatched",
        "origin": "inner",
        "object_kind": "dwelling",
        "object_id": "h1",
        "officer": "W1",
        "opened_at": "2026-09-01T08:00:00.000+08:00",
        "due_at": "2026-09-01T20:00:00.000+08:00",
        "observed_at": "2026-09-01T08:01:00.000+08:00",
    }
    say(log, "RW1", "fed_back", 2, opened_at=AT, result="handled")
    assert run(log, state) == 1
    assert [(each["stage"], each["result"]) for each in facts(log)] == [("dispatched", None), ("fed_back", "handled")]
    validator = validator_for(task_json_schema(KNOWN))
    for fact in facts(log):
        validator.validate(fact)
    (stored, _) = log.read(TASKS, 0, 0)
    assert (stored.message.key, stored.message.headers["ce_type"]) == (b"task_exchange:RW1", "task")


def test_a_recalled_task_is_withdrawn(log: EmbeddedLog, state: State) -> None:
    """When no claim about it counts any more its last fact comes again as withdrawn, and nothing after it."""
    say(log, "RW1", "dispatched", 1, delivery="gone")
    run(log, state)
    recall(log, "gone")
    assert (run(log, state), run(log, state)) == (1, 0)
    first, last = facts(log)
    assert last == first | {"withdrawn": True}


def test_who_died_before_remembering_tells_nothing_twice(log: EmbeddedLog, state: State, tmp_path: Path) -> None:
    """Told but not remembered, or remembered by a state that is lost: the topic itself says what was told."""
    say(log, "RW1", "dispatched", 1)
    run(log, state)
    state.announce_again()
    assert tell(log, state) == 0
    with State.open(tmp_path / "other.duckdb", KNOWN, Share(0, 1)) as new:
        assert run(log, new) == 0
    assert len(facts(log)) == 1


@settings(max_examples=12, phases=[Phase.generate], deadline=None)
@given(st.lists(st.lists(st.tuples(st.sampled_from("ABC"), st.sampled_from(STAGES)), min_size=1, max_size=3), min_size=1, max_size=5))
def test_a_broker_and_a_file_tell_the_same_in_the_end(tmp_path_factory: pytest.TempPathFactory, rounds: list[list[tuple[str, str]]]) -> None:
    """After any steps the last fact of every task is the same, whether the announcer tells it or the one writer of a file; both are what golden records say."""
    folder = tmp_path_factory.mktemp("both")
    last: list[dict[str, Any]] = []
    for way in ("file", "broker"):
        with EmbeddedLog.open(folder / f"{way}.sqlite", 1) as log, State.open(folder / f"{way}.duckdb", KNOWN, Share(0, 1)) as state:
            minute = 0
            for steps in rounds:
                for task, stage in steps:
                    say(log, task, stage, minute := minute + 1)
                fold(log, state, refused)
                if way == "file":
                    tell(log, state)
                else:
                    announce(log, Announcer(log, state, OnLog(log), "secret"))
            last.append({fact["task"]: fact for fact in facts(log)})
            golden = state.connection.execute("select entity, stage from golden_event").fetchall()
            assert {task: fact["stage"] for task, fact in last[-1].items()} == dict(golden)
    assert last[0] == last[1]
