"""Accuracy against the planted truth, on golden tables small enough to count by hand."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cabin.demo.accuracy import SHAPE, accuracy
from contracts.model import Contracts
from contracts.read import load
from tests.golden_rows import golden_table


@pytest.fixture(scope="module")
def contracts() -> Contracts:
    return load()


def golden_rows(contracts: Contracts, kind: str, rows: list[dict[str, object]]) -> pa.Table:
    """Golden rows of a kind; what is not given is null."""
    return golden_table(contracts.kinds[kind], contracts.sources(kind), [{"alive": True, "differs": [], **row} for row in rows])


def differs(attribute: str, source: str, claimed: str) -> dict[str, object]:
    return {"attribute": attribute, "source": source, "claimed": claimed, "judged": False, "row": 1}


def counted(table: pa.Table, kind: str, attribute: str) -> dict[str, tuple[int, int, int]]:
    return {row["source"]: (row["truths"], row["said"], row["right"]) for row in table.to_pylist() if (row["kind"], row["attribute"]) == (kind, attribute)}


def no_tokens(numbers: pa.StringArray) -> pa.StringArray:
    return pa.nulls(len(numbers), pa.string())


def test_a_department_is_measured_by_what_it_claims(contracts: Contracts, tmp_path: Path) -> None:
    """Where a source agrees it is as right as golden; where it differs its own value counts; where it is silent it says nothing."""
    sources = contracts.sources("dwelling")
    bit = {name: 1 << place for place, name in enumerate(sources)}
    pq.write_table(pa.table({"entity": ["a", "b", "c"], "tenure": ["1", "2", "2"]}), tmp_path / "dwelling.parquet")
    rows: list[dict[str, object]] = [
        {"entity": "a", "tenure": "1", "tenure__agree": bit["ho_dwelling"], "tenure__differ": 0},
        {
            "entity": "b",
            "tenure": "2",
            "tenure__agree": bit["rental"],
            "tenure__differ": bit["ho_dwelling"],
            "differs": [differs("tenure", "ho_dwelling", "1")],
        },
        {"entity": "c", "tenure": None, "tenure__agree": 0, "tenure__differ": 0},
        {"entity": "of nobody's truth", "tenure": "9", "tenure__agree": bit["rental"], "tenure__differ": 0},
    ]
    con = duckdb.connect()
    con.register("golden_dwelling", golden_rows(contracts, "dwelling", rows))
    table = accuracy(tmp_path, con, contracts, no_tokens)
    found = counted(table, "dwelling", "tenure")
    assert table.schema == SHAPE
    assert (found["golden"], found["ho_dwelling"], found["rental"]) == ((3, 2, 2), (3, 2, 1), (3, 1, 1))


def test_links_are_judged_in_both_directions(contracts: Contracts, tmp_path: Path) -> None:
    """A link claimed but not true is a wrong answer; a true link nobody claims is a truth without an answer; other people are left out."""
    bit = 1 << contracts.sources("residency").index("ps_resident")
    born = pa.array(["1980-01-01"] * 2).cast(pa.date32())
    pq.write_table(pa.table({"number": ["n1", "n2"], "born": born, "name": ["甲", "乙"]}), tmp_path / "person.parquet")
    pq.write_table(pa.table({"number": ["n1", "n2"], "born": born, "dwelling": ["x", "y"], "present": [True, True]}), tmp_path / "residency.parquet")
    rows: list[dict[str, object]] = [
        {"entity": "p1@x", "person": "p1", "dwelling": "x", "present": True, "present__agree": bit, "present__differ": 0, "main": True},
        {
            "entity": "p1@z",
            "person": "p1",
            "dwelling": "z",
            "present": False,
            "present__agree": 0,
            "present__differ": bit,
            "differs": [differs("present", "ps_resident", "true")],
        },
        {"entity": "p9@z", "person": "p9", "dwelling": "z", "present": True, "present__agree": bit, "present__differ": 0},
    ]
    con = duckdb.connect()
    con.register("golden_residency", golden_rows(contracts, "residency", rows))
    con.register("golden_person", golden_rows(contracts, "person", [{"entity": "p1", "name": "甲"}]))
    asked = {"n1": "p1", "n2": "p2"}
    found = accuracy(tmp_path, con, contracts, lambda numbers: pa.array([asked.get(number.as_py()) for number in numbers], pa.string()))
    links = counted(found, "residency", "present")
    assert (links["golden"], links["ps_resident"]) == ((3, 2, 2), (3, 2, 1))
    homes = counted(found, "residency", "main")
    assert (homes["golden"], homes["ps_resident"], homes["rental"]) == ((2, 1, 1), (2, 1, 0), (2, 0, 0))
    assert counted(found, "person", "name")["golden"] == (2, 1, 1)
    assert con.sql("select * from duckdb_views() where view_name in ('known', 'people', 'given', 'planted')").fetchall() == []


def test_without_truth_there_is_nothing_to_say(contracts: Contracts, tmp_path: Path) -> None:
    """An empty truth folder gives an empty table of the same shape."""
    assert accuracy(tmp_path, duckdb.connect(), contracts, no_tokens).equals(SHAPE.empty_table())
