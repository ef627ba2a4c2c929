"""Whatever a stranger writes to the topic of claims: it is set aside with its bytes sealed, and every good claim has its golden row."""

from __future__ import annotations

from base64 import b64decode
from pathlib import Path
from typing import Any

import pyarrow as pa

from contracts.partition import Share
from contracts.ports import Message
from contracts.topics import CLAIMS, QUARANTINE
from streams.aside import aside_to
from streams.log.embedded import EmbeddedLog
from streams.normalise import decode, encode
from streams.reconcile import State, fold
from tests.contracts.golden_kit import ALL, claim, switch
from tests.streams.normalise.support import PlainSealer
from tests.streams.test_reconcile import fact, things
from tests.streams.test_reconcile import message as claims_message


def in_fold(log: EmbeddedLog) -> tuple[list[str], list[dict[str, Any]]]:
    """Entities that have a golden row, and what was set aside, when all claims are folded."""
    with State.open(Path(":memory:"), ALL, Share(0, 1)) as state:
        fold(log, state, aside_to(log, PlainSealer()), settle_rows=1_000)
        assert state.applied == log.end(CLAIMS, 0)
        kept = [each for held in log.read(QUARANTINE, 0, 0) for each in decode(held.message.value).to_pylist()]
        return sorted(each["entity"] for each in state.golden("thing").to_pylist() if each["alive"]), kept


def test_what_is_no_fact_is_set_aside_and_the_fold_goes_on(tmp_path: Path) -> None:
    """Bytes, types, shapes and texts that are none among good claims: each is kept with its bytes, and every good claim has its golden row."""
    (good, other) = claims_message(things(claim("x", "a", 1, colour="red")), things(claim("y", "a", 1, colour="red")))
    table = decode(good.value)
    text = pa.StringArray.from_buffers(1, pa.array([0, 2], pa.int32()).buffers()[1], pa.py_buffer(b"\xff\xfe"))
    place = table.schema.get_field_index("colour")
    bad = [
        Message(b"nonsense", {"ce_type": "claim.thing", "rows": "many"}),
        Message(b"", {}),
        Message(good.value, {"ce_type": "claim.unheard"}),
        Message(encode(pa.table({"entity": ["z"]})), {"ce_type": "claim.thing"}),
        Message(encode(table.set_column(place, "colour", text)), {"ce_type": "claim.thing"}),
        Message(encode(table.append_column("entity", table["entity"])), {"ce_type": "claim.thing"}),
    ]
    wider = Message(encode(table.append_column("more", pa.array(["m"]))), {"ce_type": "claim.thing"})
    with EmbeddedLog.open(tmp_path / "log.sqlite", 1) as log:
        log.append(CLAIMS, 0, [good, *bad, wider, other])
        entities, kept = in_fold(log)
    assert entities == ["x", "y"]
    assert [(each["reason"], each["row"], b64decode(each["sealed"])) for each in kept] == [("undecodable", at, each.value) for at, each in enumerate(bad, 1)]


def test_an_attribute_added_later_takes_no_claim_away(tmp_path: Path) -> None:
    """Claims derived before their kind had an attribute are folded, and say nothing about it; without a column that every claim has, a message is none."""
    (before, now) = claims_message(things(claim("x", "a", 1, colour="red")), things(claim("y", "a", 1, colour="red")))
    table = decode(before.value)
    without = [Message(encode(table.drop_columns([column])), {"ce_type": "claim.thing"}) for column in ("colour", "withdraws")]
    with EmbeddedLog.open(tmp_path / "log.sqlite", 1) as log, State.open(Path(":memory:"), ALL, Share(0, 1)) as state:
        log.append(CLAIMS, 0, [without[0], now, without[1]])
        fold(log, state, aside_to(log, PlainSealer()))
        golden = {each["entity"]: each["colour"] for each in state.golden("thing").to_pylist()}
        kept = [each for held in log.read(QUARANTINE, 0, 0) for each in decode(held.message.value).to_pylist()]
    assert golden == {"x": None, "y": "red"}
    assert [(each["reason"], each["row"]) for each in kept] == [("undecodable", 2)]


def test_a_poison_fact_is_found_and_the_others_are_folded(tmp_path: Path) -> None:
    """A number with which the engine cannot compute breaks the statement: the fact alone is set aside, with its row; a recall beside it works."""
    recalls = fact("switch", switch("recall", "b1"), switch("recall", "a1") | {"sequence": (1 << 63) - 1}, switch("recall", "c1"))
    with EmbeddedLog.open(tmp_path / "log.sqlite", 1) as log:
        log.append(CLAIMS, 0, claims_message(things(*(claim(f"x{source}", source, 1, colour="red") for source in "abc")), recalls, things(claim("y", "a", 1))))
        entities, kept = in_fold(log)
    assert entities == ["xa", "y"]
    assert [each["reason"] for each in kept] == ["poison"] and decode(b64decode(kept[0]["sealed"]))["target"].to_pylist() == ["a1"]


def test_a_moment_of_no_calendar_reaches_no_engine(tmp_path: Path) -> None:
    """It could be stored, and would break whatever is computed of it later, when others would be blamed: the message is set aside at once."""
    rows = things(claim("x", "a", 1))[1]
    place = rows.schema.get_field_index("observed_at")
    late = rows.set_column(place, "observed_at", pa.array([(1 << 63) - 2], pa.int64()).cast(rows.schema.field(place).type))
    with EmbeddedLog.open(tmp_path / "log.sqlite", 1) as log:
        log.append(CLAIMS, 0, claims_message(("claim.thing", late), things(claim("y", "a", 1))))
        entities, kept = in_fold(log)
    assert entities == ["y"] and [each["reason"] for each in kept] == ["undecodable"]
