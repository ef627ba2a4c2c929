"""The profile of raw rows against an obvious reference, and what it must never hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

import duckdb
import pyarrow as pa
import pytest

from contracts.database import connect
from contracts.engine import prepare, rows_of
from contracts.normalising import RAW, raw_schema
from contracts.profiling import MEASURES, PROFILE, fields_of, profile_sql, sort_of
from contracts.read import load

CONTRACTS = load()
AT = datetime(2026, 3, 2, 8)


@pytest.fixture(scope="module")
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    """One engine with the contracts' vocabulary."""
    with connect() as con:
        prepare(con, CONTRACTS, threads=1)
        yield con


def profiled(engine: duckdb.DuckDBPyConnection, feed: str, rows: list[dict[str, object]]) -> dict[tuple[str, str, str], float]:
    """The profile of rows of one delivery, by field, measure and item."""
    head = {"delivery": "d", "mode": "increment", "recorded_at": AT}
    engine.register(RAW, pa.Table.from_pylist([{**head, **row} for row in rows], raw_schema(CONTRACTS.feeds[feed])))
    table = rows_of(engine, profile_sql(CONTRACTS.feeds[feed]))
    engine.unregister(RAW)
    assert table.schema.names == PROFILE.names and set(table["measure"].to_pylist()) <= MEASURES.keys()
    return {(row["field"], row["measure"], row["item"]): row["value"] for row in table.to_pylist()}


def test_counts_and_quartiles_are_those_of_the_cells(engine: duckdb.DuckDBPyConnection) -> None:
    """Blanks, different cells, the most frequent one, codes, quartiles of numbers and ages of dates, as counted by hand."""
    kinds = ["grid", "grid", "ring", None, " "] * 4
    rows = [
        {
            "row": place,
            "branch": f"B{place % 3}",
            "warned": str(place + 1) if place else "many",
            "counted_on": f"2026-02-{1 + place:02d}",
            "saved": kinds[place],
        }
        for place in range(20)
    ]
    found = profiled(engine, "bank_counter", rows)
    assert (found["saved", "nulls", ""], found["saved", "distinct", ""], found["saved", "top", ""]) == (8, 2, 8)
    assert {item: value for (field, measure, item), value in found.items() if (field, measure) == ("branch", "code")} == Counter(
        str(row["branch"]) for row in rows
    )
    assert [found["warned", measure, ""] for measure in ("q25", "q50", "q75")] == [6, 11, 16]
    ages = [found["counted_on", measure, ""] for measure in ("age25", "age50", "age75")]
    assert ages == sorted(ages) and ages[1] == pytest.approx((AT - datetime(2026, 2, 11)).total_seconds() / 86400, abs=1)
    assert ("saved", "q50", "") not in found and all(found[field, "rows", ""] == 20 for field in fields_of(CONTRACTS.feeds["bank_counter"]))


def test_many_codes_are_none(engine: duckdb.DuckDBPyConnection) -> None:
    """Of a column of record numbers no cell is kept, only how many there are."""
    found = profiled(engine, "bank_counter", [{"row": place, "branch": f"B{place}"} for place in range(50)])
    assert found["branch", "distinct", ""] == 50 and not [key for key in found if key[1] == "code"]


def test_nothing_of_a_person_but_blanks_is_told(engine: duckdb.DuckDBPyConnection) -> None:
    """Of sealed columns blanks are counted, of tokens how many there are and what the check said; no personal cell and no token is in the profile."""
    rows = [
        {
            "row": place,
            "doc_no": f"token{place % 2}",
            "doc_no_check": "valid",
            "opened": '{"name":"王小明"}' if place % 2 else None,
            "sealed": b"x" if place else None,
        }
        for place in range(4)
    ]
    found = profiled(engine, "ps_resident", rows)
    assert (found["name", "nulls", ""], found["address", "nulls", ""]) == (1, 3)
    assert (found["doc_no", "distinct", ""], found["doc_no_check", "code", "valid"]) == (2, 4)
    assert not [item for _, _, item in found if "王" in item or "token" in item]
    sealed = [column.name for column in CONTRACTS.feeds["ps_resident"].columns if sort_of(column) == "sealed"]
    assert len(sealed) > 5 and {measure for field, measure, _ in found if field in sealed} == {"rows", "nulls"}


def test_the_digest_tells_content_and_not_order(engine: duckdb.DuckDBPyConnection) -> None:
    """The same rows in another order have the same digest, one changed cell another."""
    rows: list[dict[str, object]] = [{"row": place, "branch": f"B{place}", "warned": str(place)} for place in range(9)]
    digests = [profiled(engine, "bank_counter", each)["", "digest", ""] for each in (rows, rows[::-1], [*rows[:8], {"row": 8, "branch": "B8", "warned": "0"}])]
    assert digests[0] == digests[1] != digests[2]


@pytest.mark.parametrize("feed", sorted(CONTRACTS.feeds))
def test_every_feed_can_be_profiled(engine: duckdb.DuckDBPyConnection, feed: str) -> None:
    """The statement of every contract runs, and tells rows and blanks of every field."""
    found = profiled(engine, feed, [{"row": 1}, {"row": 2}])
    assert {field for field, measure, _ in found if measure == "nulls"} == set(fields_of(CONTRACTS.feeds[feed]))
