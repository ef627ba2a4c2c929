"""A message of which too much breaks a rule is held: nothing of it is accepted before a person has decided."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import duckdb
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import Contracts
from contracts.model import Limit
from contracts.ports import Message
from streams.normalise import Derived, decode, normalise_messages
from tests.streams.normalise import support
from tests.streams.normalise.support import FEED, PlainSealer, message, row, rule, stored

LIMITS = {"no-sex-code": Limit(40, 4), "no-ground": Limit(25, 4)}
LIMITED = replace(FEED, rules=tuple(replace(each, limit=LIMITS.get(each.reason)) for each in FEED.rules))
CONTRACTS: Contracts = replace(support.contracts(), feeds={"sample": LIMITED})
GOOD, FLAGGED, WRONG = {}, {"ground": "9"}, {"sex": "7"}


@pytest.fixture(scope="module")
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    con = support.engine()
    yield con
    con.close()


def of(engine: duckdb.DuckDBPyConnection, *messages: Message) -> Derived:
    return normalise_messages(engine, CONTRACTS, PlainSealer(), stored(*messages), 1)


def made(*rows: dict[str, str], **headers: Any) -> Message:
    return message([row(at, **cells) for at, cells in enumerate(rows, 1)], **headers)


def outcomes(derived: Derived) -> list[dict[str, Any]]:
    return [orjson.loads(each.value) for each in derived.outcomes[0]]


def reasons(derived: Derived) -> dict[int, str]:
    return {each["row"]: each["reason"] for message in derived.quarantine.get(0, []) for each in decode(message.value).to_pylist()}


def claimed(derived: Derived) -> set[int]:
    tables = [decode(each.value) for each in derived.claims.get(0, []) if each.headers["ce_type"].startswith("claim.")]
    return {row for table in tables for row in table["row"].to_pylist()}


def test_message_at_its_limit_is_accepted(engine: duckdb.DuckDBPyConnection) -> None:
    """A quarter of the rows may break a rule whose limit is 25 percent: the message goes on, its flags counted."""
    derived = of(engine, made(GOOD, GOOD, GOOD, FLAGGED))
    assert (claimed(derived), reasons(derived)) == ({1, 2, 3, 4}, {})
    assert outcomes(derived)[0]["flags"] == {"no-ground": 1}
    assert outcomes(derived)[0]["flagged"] == {"no-ground": [4]}


def test_message_above_its_limit_is_held_whole(engine: duckdb.DuckDBPyConnection) -> None:
    """Two of five rows break a rule whose limit is 25 percent: no row makes a claim, each is kept for that rule, and rows = accepted + quarantined."""
    derived = of(engine, made(GOOD, GOOD, GOOD, FLAGGED, FLAGGED))
    assert claimed(derived) == set()
    assert reasons(derived) == dict.fromkeys(range(1, 6), "held-no-ground")
    (outcome,) = outcomes(derived)
    assert (outcome["rows"], outcome["accepted"], outcome["quarantined"]) == (5, 0, {"held-no-ground": 5})


def test_row_of_a_held_message_keeps_its_own_reason(engine: duckdb.DuckDBPyConnection) -> None:
    """A row that is set aside for itself stays so where its message is held for an error; the others are held."""
    derived = of(engine, made(WRONG, WRONG, WRONG, GOOD, FLAGGED))
    assert reasons(derived) == {1: "no-sex-code", 2: "no-sex-code", 3: "no-sex-code", 4: "held-no-sex-code", 5: "held-no-sex-code"}


def test_few_rows_are_not_judged(engine: duckdb.DuckDBPyConnection) -> None:
    """Below the least count of rows a share says nothing: three flagged rows of three go on."""
    assert claimed(of(engine, made(FLAGGED, FLAGGED, FLAGGED))) == {1, 2, 3}


def test_repair_is_never_held(engine: duckdb.DuckDBPyConnection) -> None:
    """Rows that a person redrives are accepted although the share is what it was: the redrive is the decision."""
    assert claimed(of(engine, made(*[FLAGGED] * 5, repair="1"))) == {1, 2, 3, 4, 5}


def test_other_messages_of_the_step_go_on(engine: duckdb.DuckDBPyConnection) -> None:
    """A step of three messages of which one is held derives of the others what they derive to alone."""
    good, bad, other = made(GOOD, GOOD, GOOD, GOOD), made(*[FLAGGED] * 4, delivery="bbbbbbbbbbbb"), made(*[FLAGGED] * 3, delivery="cccccccccccc")
    together = outcomes(of(engine, good, bad, other))
    alone = [outcomes(of(engine, each))[0] for each in (good, bad, other)]
    assert [(each["accepted"], each["quarantined"]) for each in together] == [(each["accepted"], each["quarantined"]) for each in alone]
    assert [each["accepted"] for each in together] == [4, 0, 3]


def test_listed_rows_of_a_held_message_stay_present(engine: duckdb.DuckDBPyConnection) -> None:
    """Each held row of a full list leaves a presence, so that holding a message withdraws nobody."""
    derived = of(engine, made(*[FLAGGED] * 5, mode="snapshot", moment="2024-05-10T00:00:00.000"))
    present = [decode(each.value).to_pylist() for each in derived.claims[0] if each.headers["ce_type"] == "presence"]
    assert {row["entity"] for rows in present for row in rows if row["kind"] == "person"} == {f"p{at:024x}" for at in range(1, 6)}


def test_message_with_a_row_that_breaks_the_engine_is_judged_whole(engine: duckdb.DuckDBPyConnection) -> None:
    """A row that the engine cannot compute splits the computing, not the judging: two flagged rows of five hold the message, and the row keeps its own reason."""
    frail = replace(LIMITED, rules=(*LIMITED.rules, rule("odd-number", "cast(number as integer) > 0")))
    numbers = ["1", "2", "none", "4", "5"]
    rows = [row(at, number=number, ground="9" if at in (1, 5) else "2") for at, number in enumerate(numbers, 1)]
    derived = normalise_messages(engine, replace(CONTRACTS, feeds={"sample": frail}), PlainSealer(), stored(message(rows, feed=frail)), 1)
    assert reasons(derived) == {1: "held-no-ground", 2: "held-no-ground", 3: "poison", 4: "held-no-ground", 5: "held-no-ground"}


@given(st.lists(st.lists(st.sampled_from([0, 1, 2]), min_size=1, max_size=9), min_size=1, max_size=4), st.randoms(use_true_random=False))
def test_every_message_is_judged_by_itself(engine: duckdb.DuckDBPyConnection, given: list[list[int]], random: Any) -> None:
    """Whatever the messages and their order, each is held exactly where a plain count of its rows says so, and its account balances."""
    messages = [made(*([GOOD, FLAGGED, WRONG][each] for each in rows), delivery=f"{at:012x}") for at, rows in enumerate(given)]
    order = list(range(len(messages)))
    random.shuffle(order)
    found = dict(zip(order, outcomes(of(engine, *(messages[at] for at in order))), strict=True))
    for at, rows in enumerate(given):
        judged = len(rows) >= 4
        stopped = judged and (rows.count(2) * 100 > 40 * len(rows) or rows.count(1) * 100 > 25 * len(rows))
        assert found[at]["accepted"] == (0 if stopped else len(rows) - rows.count(2)), rows
        assert found[at]["rows"] == len(rows) == found[at]["accepted"] + sum(found[at]["quarantined"].values())
