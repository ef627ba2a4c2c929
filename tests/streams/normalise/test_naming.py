"""The address alias table as address feeds give it: corrections, merges, splits, and what nobody can tell."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import load
from contracts.aliases import Aliases, Proposal
from contracts.engine import prepare
from contracts.facts import NAMING
from contracts.normalising import naming_sql, raw_schema
from streams.normalise import normalise, proposed

START = datetime(2026, 1, 10)
FEED = "std_address"


def says(record: str, key: str | None, day: int, **more: Any) -> dict[str, Any]:
    """One row of the registry: on a day the record is under a key (None: no room). `into`: merged, status 3; `stopped`: status 2."""
    into = more.pop("into", None)
    return {
        "record": record,
        "dwelling": key,
        "merged_into": into,
        "observed_at": START + timedelta(days=day),
        "rank": 0,
        "withdraws": more.pop("stopped", into is not None),
        "content": 0,
        "source": FEED,
        "delivery": f"d{day}",
        "row": int.from_bytes(f"{record}{key or 0}".encode()[:3], "big"),
        "repair": 0,
        "contract_version": 1,
        "recorded_at": START + timedelta(days=day),
    } | more


def table(rows: Iterable[dict[str, Any]]) -> Proposal:
    with duckdb.connect() as engine:
        return proposed(engine, pa.Table.from_pylist(list(rows), NAMING))


def test_a_corrected_record_carries_its_earlier_keys_along() -> None:
    """One record under A and later under B: A is an earlier name of B, also when the record goes out of use afterwards."""
    corrected = [says("r", "A", 1), says("r", "B", 2)]
    assert table(corrected) == table([*corrected, says("r", "B", 3, stopped=True)]) == Proposal((("A", "B"),))


def test_only_what_was_in_use_last_is_the_present_key() -> None:
    """A row that takes a record out of use under yet another key names no present key, but is an earlier name like any other."""
    assert table([says("r", "A", 1), says("r", "B", 2, stopped=True)]) == Proposal((("B", "A"),))


def test_a_merged_record_gives_all_its_keys_to_the_other() -> None:
    """Status 3 with the code of another room: every key the record ever had leads to that room's newest key."""
    rows = [says("r", "A", 1), says("r", "A2", 2), says("t", "B", 1), says("t", "C", 2)]
    assert table([*rows, says("r", None, 3, into="t")]) == Proposal((("A", "C"), ("A2", "C"), ("B", "C")))


def test_a_record_merged_into_its_building_is_merged_into_no_dwelling() -> None:
    """The code one level up that ordinary rows carry is no room: nothing is said of where the dwelling went."""
    assert table([says("r", "A", 1), says("house", None, 1), says("r", "A", 2, into="house"), says("s", "B", 1, into="nobody")]) == Proposal()


def test_chains_lead_to_their_end() -> None:
    """A became B, B merged into C, C corrected to D: all are names of D."""
    rows = [says("r", "A", 1), says("r", "B", 2), says("r", "B", 3, into="t"), says("t", "C", 1), says("t", "D", 4)]
    assert table(rows).pairs == (("A", "D"), ("B", "D"), ("C", "D"))


def test_a_key_that_another_record_uses_stays_that_record_s() -> None:
    """The registry gave A to another record: what the departments mean by A nobody can tell, so it is reported and not aliased."""
    used = [says("r", "A", 1), says("r", "B", 2), says("s", "A", 3)]
    assert table(used) == Proposal(ambiguous=(("A", "B"),))
    assert table([*used, says("s", "A", 4, stopped=True)]).pairs == (("A", "B"),)
    assert table([says("r", "A", 1), says("r", "B", 2), says("s", "B", 1), says("s", "A", 2)]) == Proposal(ambiguous=(("A", "B"), ("B", "A")))


def test_a_key_that_became_several_is_reported() -> None:
    """Two records left A for different keys; with the same end there is nothing to ask."""
    apart = [says("r", "A", 1), says("r", "B", 2), says("s", "A", 1), says("s", "C", 2)]
    assert table(apart) == Proposal(ambiguous=(("A", "B"), ("A", "C")))
    assert table([*apart, says("r", "B", 3, into="s")]).pairs == (("A", "C"), ("B", "C"))


def test_an_unclear_key_ends_the_chains_that_lead_to_it() -> None:
    """A became B for certain; what B became is unclear, so B stands for itself and for A."""
    rows = [says("q", "A", 1), says("q", "B", 2, into="r"), says("r", "B", 1), says("r", "C", 2), says("s", "B", 1), says("s", "D", 2)]
    found = table(rows)
    assert found.ambiguous == (("B", "C"), ("B", "D")) and found.circular == ()


def test_records_merged_into_each_other_are_left_out() -> None:
    """A circle of merges has no present key; a key that led into the circle keeps its first step only."""
    circle = [says("r", "A", 1, into="s"), says("s", "B", 1, into="r")]
    assert table(circle) == Proposal(circular=(("A", "B"), ("B", "A")))
    assert table([*circle, says("q", "Z", 1, into="r")]) == Proposal((("Z", "A"),), circular=(("A", "B"), ("B", "A")))
    assert table([says("r", "A", 1, into="r")]) == Proposal()


def test_a_split_leaves_the_table() -> None:
    """The merged record is delivered in use again: the pair has no support any more."""
    merged = [says("r", "A", 1), says("t", "B", 1), says("r", "A", 2, into="t")]
    assert table(merged).pairs == (("A", "B"),)
    assert table([*merged, says("r", "A", 3)]) == Proposal()


def test_rows_of_one_moment_are_ordered_as_claims_are() -> None:
    """At one moment the withdrawal wins, then the larger content, then the smallest origin; a repair replaces its row."""
    assert table([says("r", "A", 1), says("r", "B", 1, content=1)]).pairs == (("A", "B"),)
    assert table([says("r", "A", 1, delivery="a"), says("r", "B", 1, delivery="b")]).pairs == (("B", "A"),)
    assert table([says("r", "A", 1), says("t", "B", 1), says("r", "A", 1, into="t", row=999)]).pairs == (("A", "B"),)
    assert table([says("r", "A", 1, row=7), says("r", "C", 1, row=7, repair=1), says("r", "B", 2)]).pairs == (("C", "B"),)


ROWS = st.builds(
    says, st.sampled_from("rstu"), st.sampled_from(["A", "B", "C", "D", None]), st.integers(1, 6), into=st.sampled_from([None, None, "r", "s", "t"]), stopped=st.booleans()
)  # fmt: skip


@given(st.lists(ROWS, max_size=12), st.randoms(use_true_random=False))
def test_the_table_is_a_function_of_the_set_of_rows(rows: list[dict[str, Any]], chance: Any) -> None:
    """Order and repetition of rows mean nothing; no new key is an old one, no pair leads to itself, and nothing is in two lists."""
    distinct = list({(row["delivery"], row["row"]): row for row in rows}.values())
    mixed = [*distinct, *distinct[:3]]
    chance.shuffle(mixed)
    found = table(distinct)
    assert table(mixed) == found
    old, new = {pair[0] for pair in found.pairs}, {pair[1] for pair in found.pairs}
    assert not old & new and len(old) == len(found.pairs)
    assert not old & {key for key, _ in (*found.ambiguous, *found.circular)}


@pytest.mark.parametrize("pairs", [(), (("A", "C"), ("B", "C"), ("X", "Y"))])
def test_the_relation_names_each_dwelling_once(pairs: tuple[tuple[str, str], ...]) -> None:
    """A released version as a relation: every old and new key with its present key and all the names of that dwelling."""
    rows = {row["from_dwelling"]: (row["to_dwelling"], row["names"]) for row in Aliases(1, pairs).table().to_pylist()}
    assert rows == ({name: ("C", ["A", "B", "C"]) for name in "ABC"} | {name: ("Y", ["X", "Y"]) for name in "XY"} if pairs else {})


def test_the_shipped_contract_reads_rooms_and_their_successors() -> None:
    """Of the registry's own layout: a room under its key; a merged room names its successor; a building names no key; a broken row names nothing."""
    contracts = load()
    feed = contracts.feeds[FEED]
    parts = {"county": "鹿城区", "township": "五马街道", "village": "八仙楼社区", "road": "解放街", "number": "12号"}
    given_rows = [
        {**parts, "address_code": "r", "room": "501室", "status": "1", "parent_code": "house"},
        {**parts, "address_code": "s", "room": "502室", "status": "3", "parent_code": "r"},
        {**parts, "address_code": "house", "status": "1", "parent_code": "330302006071"},
        {**parts, "room": "503室", "status": "3", "parent_code": "r"},
    ]
    machinery = {"delivery": "d", "chunk": 0, "recorded_at": START, "mode": "increment", "repair": 0}
    rows = pa.Table.from_pylist(
        [{**row, **machinery, "row": at, "effective_at": "2026-01-02 08:00:00"} for at, row in enumerate(given_rows, 1)], raw_schema(feed)
    )
    with duckdb.connect() as engine:
        prepare(engine, contracts, threads=1)
        found = normalise(engine, naming_sql(feed, contracts), rows).facts["naming"].to_pylist()
    assert sorted((row["record"], row["dwelling"], row["merged_into"], row["withdraws"]) for row in found if row["dwelling"]) == [
        ("r", "330302006071/解放街/12/-/-/501", None, False),
        ("s", "330302006071/解放街/12/-/-/502", "r", True),
    ]
    assert [(row["record"], row["merged_into"]) for row in found if not row["dwelling"]] == [("house", None)]
