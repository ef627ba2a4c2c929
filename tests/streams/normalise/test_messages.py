"""Many raw messages in one step: copies, messages that cannot be read, facts passed on, accounts, partitions."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import duckdb
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.facts import TO_ALL
from contracts.partition import partition_of
from contracts.ports import Stored
from streams.normalise import Derived, decode, known_key, normalise_messages
from tests.streams.normalise import support
from tests.streams.normalise.support import RECORDED, PlainSealer, contracts, json_message, message, row, stored

CONTRACTS = contracts()
CLOSED = {
    "source": "sample", "delivery": "aaaaaaaaaaaa", "mode": "snapshot", "moment": "2024-05-01T00:00:00", "area": "330302", "part": 1, "parts": 1, "declared": 2, "delivered": 2,
    "refused": 0, "reduced": 0, "layout": 0, "landed": 2, "unkeyed": 0, "chunks": 1, "supersedes": [], "recorded_at": "2024-05-10T09:00:00.000",
}  # fmt: skip
SWITCH = {
    "switch": "recall",
    "target": "aaaaaaaaaaaa",
    "on": True,
    "actor": "clerk",
    "reason": "wrong file",
    "sequence": 3,
    "recorded_at": "2024-05-11T09:00:00",
}


@pytest.fixture(scope="module")
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    con = support.engine()
    yield con
    con.close()


def step(engine: duckdb.DuckDBPyConnection, messages: Sequence[Stored], partitions: int = 1, known: dict[str, str] | None = None) -> Derived:
    return normalise_messages(engine, CONTRACTS, PlainSealer(), messages, partitions, known)


def outcomes(derived: Derived) -> list[dict[str, Any]]:
    return [orjson.loads(each.value) for part in derived.outcomes.values() for each in part]


def fact_set(*derivations: Derived) -> set[tuple[str, str]]:
    """All facts of all partitions as text, without order and repetition."""
    found = set()
    for derived in derivations:
        for part in derived.claims.values():
            for each in part:
                found |= {(each.headers["ce_type"], repr(sorted(fact.items()))) for fact in decode(each.value).to_pylist()}
    return found


def test_every_message_gets_one_outcome_with_its_position(engine: duckdb.DuckDBPyConnection) -> None:
    """Outcomes are in the order of the raw messages and name where those lie."""
    messages = stored(message([row(1)], chunk=0), message([row(2, sex="x")], chunk=1), json_message("delivery.closed", CLOSED, "aaaaaaaaaaaa/closed"))
    derived = step(engine, messages)
    assert [each.headers["raw_offset"] for each in derived.outcomes[0]] == ["0", "1", "2"]
    assert [(each["outcome"], each["rows"], each["accepted"], each["quarantined"]) for each in outcomes(derived)] == [
        ("normalised", 1, 1, {}),
        ("normalised", 1, 0, {"no-sex-code": 1}),
        ("closed", 0, 0, {}),
    ]


def test_a_released_alias_table_is_accounted_for_and_says_nothing(engine: duckdb.DuckDBPyConnection) -> None:
    """The message that releases a version has an outcome without rows; it makes no fact and nothing is quarantined."""
    derived = step(engine, stored(json_message("aliases", {"version": 1, "pairs": [["a", "b"]]}, "aliases/1")))
    assert [(each["outcome"], each["rows"], each["quarantined"]) for each in outcomes(derived)] == [("aliases", 0, {})]
    assert derived.claims == derived.quarantine == {}


def test_copies_get_the_outcome_duplicate_and_make_nothing(engine: duckdb.DuckDBPyConnection) -> None:
    """A message delivered twice in one step counts once."""
    once = step(engine, stored(message([row(1)])))
    twice = step(engine, stored(message([row(1)]), message([row(1)])))
    assert [each["outcome"] for each in outcomes(twice)] == ["normalised", "duplicate"]
    assert fact_set(once) == fact_set(twice)


def test_known_messages_are_duplicates_unless_recorded_earlier(engine: duckdb.DuckDBPyConnection) -> None:
    """The smallest recording counts, also when it is read last."""
    later = message([row(1)])
    earlier = message([row(1)], ce_time=(RECORDED - timedelta(hours=1)).isoformat(timespec="milliseconds"))
    known = {known_key(later.headers): later.headers["ce_time"]}
    assert [each["outcome"] for each in outcomes(step(engine, stored(later), known=known))] == ["duplicate"]
    assert [each["outcome"] for each in outcomes(step(engine, stored(earlier), known=known))] == ["normalised"]


def test_a_repair_is_a_message_of_its_own(engine: duckdb.DuckDBPyConnection) -> None:
    """A redriven row keeps its origin, carries its number, and leaves the chunk's fact alone."""
    derived = step(engine, stored(message([row(1, sex="x")]), message([row(1)], repair="1")))
    assert [each["outcome"] for each in outcomes(derived)] == ["normalised", "normalised"]
    types = [each.headers["ce_type"] for each in derived.claims[0]]
    assert types.count("chunk") == 1
    chunk = next(decode(each.value) for each in derived.claims[0] if each.headers["ce_type"] == "chunk")
    assert chunk.num_rows == 1
    claim = next(decode(each.value).to_pylist()[0] for each in derived.claims[0] if each.headers["ce_type"] == "claim.person")
    assert (claim["row"], claim["repair"]) == (1, 1)


@pytest.mark.parametrize("spoil", ["bytes", "rows", "feed", "type", "empty"])
def test_unreadable_messages_are_quarantined_whole(engine: duckdb.DuckDBPyConnection, spoil: str) -> None:
    """A message that holds no rows of a known feed is kept with its bytes; its neighbours are not harmed."""
    good = message([row(1)], chunk=0)
    bad = message([row(2)], chunk=1)
    changed = {
        "bytes": (b"nonsense", {}),
        "rows": (bad.value, {"rows": "5"}),
        "feed": (bad.value, {"feed": "unheard"}),
        "type": (bad.value, {"ce_type": "raw.x"}),
        "empty": (b"", {}),
    }
    value, headers = changed[spoil]
    bad = type(bad)(value, {**bad.headers, **headers})
    derived = step(engine, stored(good, bad))
    reason = {"feed": "unknown-feed"}.get(spoil, "undecodable")
    assert [each["outcome"] for each in outcomes(derived)] == ["normalised", reason]
    (kept,) = [each for part in derived.quarantine.values() for message_ in part for each in decode(message_.value).to_pylist()]
    assert (kept["reason"], kept["row"], kept["subject"], b64decode(kept["sealed"])) == (
        reason,
        0,
        "d:cabin.raw.sample/0/1" if spoil == "type" else "d:aaaaaaaaaaaa",
        value,
    )
    assert outcomes(derived)[1]["unkeyed"] == (0 if spoil == "type" else int(bad.headers["rows"]))
    assert len([1 for fact, _ in fact_set(derived) if fact == "claim.person"]) == 1


def test_unreadable_closing_is_quarantined_and_not_fatal(engine: duckdb.DuckDBPyConnection) -> None:
    """A closing whose JSON does not fit closes nothing."""
    broken = json_message("delivery.closed", CLOSED | {"declared": "many"}, "aaaaaaaaaaaa/closed")
    derived = step(engine, stored(broken))
    assert outcomes(derived)[0]["outcome"] == "undecodable"
    assert derived.claims == {}


def test_closings_and_switches_reach_every_partition_after_the_rows(engine: duckdb.DuckDBPyConnection) -> None:
    """No partition withdraws before it has the rows; what concerns all is in each."""
    messages = stored(
        json_message("switch", SWITCH, "switch/3"), json_message("delivery.closed", CLOSED, "aaaaaaaaaaaa/closed"), message([row(n) for n in range(20)])
    )
    derived = step(engine, messages, partitions=3)
    for partition in range(3):
        types = [each.headers["ce_type"] for each in derived.claims[partition]]
        assert types[-2:] == ["closed", "switch"]
        assert "chunk" in types


def test_each_claim_lies_in_the_partition_of_its_entity(engine: duckdb.DuckDBPyConnection) -> None:
    """Residencies go with their person, presences without entity to all."""
    messages = stored(message([row(n, sex="x" if n % 5 == 0 else "1") for n in range(60)] + [row(99, id_number=None)], mode="snapshot", moment="2024-05-01"))
    derived = step(engine, messages, partitions=4)
    seen: dict[str, int] = {}
    for partition, part in derived.claims.items():
        for each in part:
            for fact in decode(each.value).to_pylist():
                if each.headers["ce_type"] not in TO_ALL and fact["entity"] is not None:
                    assert partition_of(fact["entity"].split("@")[0], 4) == partition
                elif each.headers["ce_type"] == "presence":
                    seen[fact["kind"]] = seen.get(fact["kind"], 0) + 1
    assert seen == {"person": 4, "residency": 4}


def test_a_chunk_without_rows_still_arrives(engine: duckdb.DuckDBPyConnection) -> None:
    """An empty message has its chunk fact, or its snapshot would never be complete."""
    assert {fact for fact, _ in fact_set(step(engine, stored(message([]))))} == {"chunk"}


faulty_rows = st.lists(
    st.tuples(
        st.integers(1, 10_000),
        st.fixed_dictionaries(
            {},
            optional={
                "sex": st.sampled_from(["1", "2", "x", None]),
                "ground": st.sampled_from(["1", "02", "zz", None]),
                "id_number": st.sampled_from([None, f"p{7:024x}"]),
                "updated": st.sampled_from([None, "2024-01-01", "2099-01-01", "never"]),
                "address": st.none(),
                "number": st.none(),
                "operation": st.sampled_from(["D", "I"]),
                "fault": st.sampled_from(["identifier-in-wrong-column:name", None]),
                "flags": st.sampled_from(["padded,full-width", None]),
            },
        ),
    ),
    max_size=25,
    unique_by=lambda each: each[0],
).map(lambda pairs: [row(at, **cells) for at, cells in pairs])


@given(faulty_rows, st.integers(1, 6), st.sampled_from([{}, {"mode": "snapshot", "moment": "2024-05-01"}]))
def test_any_split_into_steps_gives_the_same_facts(rows: list[dict[str, Any]], size: int, headers: dict[str, str]) -> None:
    """Batching changes nothing: one step over all messages and a step for each derive the same set."""
    messages = stored(*(message(rows[start : start + size], chunk=start // size, **headers) for start in range(0, len(rows), size)))
    apart = [step(SHARED, [each]) for each in messages]
    assert fact_set(step(SHARED, messages)) == fact_set(*apart)


@given(faulty_rows, st.integers(1, 6))
def test_accounts_hold_for_every_message(rows: list[dict[str, Any]], size: int) -> None:
    """Rows = accepted + quarantined, and the quarantine holds exactly the rows the outcomes count."""
    derived = step(SHARED, stored(*(message(rows[start : start + size], chunk=start // size) for start in range(0, len(rows), size))))
    for each in outcomes(derived):
        assert each["rows"] == each["accepted"] + sum(each["quarantined"].values())
        assert each["unkeyed"] <= each["rows"] - each["accepted"]
    kept = sum(int(each.headers["rows"]) for part in derived.quarantine.values() for each in part)
    assert kept == sum(sum(each["quarantined"].values()) for each in outcomes(derived))


@given(faulty_rows)
def test_normalising_twice_is_normalising_once(rows: list[dict[str, Any]]) -> None:
    """The step is a function: same messages, same bytes."""
    messages = stored(message(rows))
    assert step(SHARED, messages, 2) == step(SHARED, messages, 2)


SHARED = support.engine()
"""One engine for the laws: hypothesis does not mix with fixtures of a test."""
