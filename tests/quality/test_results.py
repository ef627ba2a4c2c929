"""Results stay whole: every metric of every run, the keys of the last, and which snapshots were checked."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import yaml

from contracts.check import check as check_contract
from contracts.model import Allowance, Severity
from contracts.odcs import document_of
from contracts.read_kind import mart_of
from quality.promises.outcomes import Outcome, Status, Tally
from quality.promises.results import KEYS, RESULT, UNFINISHED, Run, history, keep, mark, marks
from tests.quality.kit import check, suite

CONTRACT = Path(__file__).parents[2] / "quality" / "promises" / "quality_result.yaml"
AT = datetime(2026, 3, 31, 23, 30)


def outcome(name: str, status: Status, severity: Severity = Severity.ERROR, limit: Allowance | None = None, **more: object) -> Outcome:
    one = check(name, "expect_rows_to_hold", limit, severity, condition="true")
    counted = {"rows": None, "broken": None, "fault": "Binder Error"} if status is Status.ERROR else {"rows": 10, "broken": 3 if status is Status.FAILED else 0}
    return Outcome(suite(one), one, status, **{**counted, **more})  # type: ignore[arg-type]


def run(at: datetime = AT, snapshot: str = "000001", *outcomes: Outcome) -> Run:
    return Run(at, snapshot, outcomes or (outcome("a", Status.PASSED),))


def test_the_columns_are_those_of_the_contract() -> None:
    """What is written is what `quality_result` promises, names, types and order; the contract itself has no mistake."""
    mart = mart_of(document_of(CONTRACT.read_text("utf-8"), CONTRACT.name))
    types = {"timestamp[ms]": "TIMESTAMP_MS", "string": "VARCHAR", "int64": "BIGINT"}
    assert [(column.name, column.type) for column in mart.columns] == [(field.name, types[str(field.type)]) for field in RESULT]
    assert check_contract([CONTRACT]) == []
    assert all(column.label.zh != column.name and column.description_zh for column in mart.columns)
    assert yaml.safe_load(CONTRACT.read_text("utf-8"))["id"] == "quality_result"


def test_every_run_stays(tmp_path: Path) -> None:
    """Runs of two months are all in the history, with what each check came to; the grain of the contract holds."""
    later = datetime(2026, 4, 1, 0, 30)
    keep(tmp_path, run(AT, "000001", outcome("a", Status.PASSED), outcome("b", Status.FAILED, limit=Allowance(share=0.1))))
    keep(tmp_path, run(later, "000002", outcome("a", Status.FAILED), outcome("b", Status.ERROR)))
    keep(tmp_path, run(later.replace(hour=1), "000002", outcome("a", Status.PASSED)))
    with history(tmp_path) as con:
        found = con.execute("select snapshot, check_name, status, rows, broken, allowed, fault from quality_result order by run_at, check_name").fetchall()
        assert con.execute("select count(*) = count(distinct (run_at, suite, check_name)) from quality_result").fetchall() == [(True,)]
    assert found == [
        ("000001", "a", "passed", 10, 0, "0", None),
        ("000001", "b", "failed", 10, 3, "10 %", None),
        ("000002", "a", "failed", 10, 3, "0", None),
        ("000002", "b", "error", None, None, "0", "Binder Error"),
        ("000002", "a", "passed", 10, 0, "0", None),
    ]
    assert sorted(each.name for each in (tmp_path / "results").iterdir()) == ["2026-03.parquet", "2026-04.parquet"]


def test_history_of_nothing_is_empty(tmp_path: Path) -> None:
    """Before the first run a reader gets the columns and no rows."""
    with history(tmp_path) as con:
        assert con.execute("select count(*) from quality_result").fetchall() == [(0,)]


def test_a_run_that_dies_while_it_writes_leaves_what_was_there(tmp_path: Path) -> None:
    """Half a file under its unfinished name is no result; the next run takes its place."""
    keep(tmp_path, run())
    month = tmp_path / "results" / "2026-03.parquet"
    month.with_name(month.name + UNFINISHED).write_bytes(month.read_bytes()[:100])
    with history(tmp_path) as con:
        assert con.execute("select count(*) from quality_result").fetchall() == [(1,)]
    keep(tmp_path, run(AT.replace(minute=45)))
    assert pq.read_table(month).num_rows == 2 and list(tmp_path.rglob(f"*{UNFINISHED}")) == []


def test_the_keys_of_the_last_run_are_told_line_by_line(tmp_path: Path) -> None:
    """One JSON object a check, with the keys of failing rows and no more of them than the keys."""
    failed = outcome("b", Status.FAILED, keys=({"dwelling": "330302006044/-/-/1/1/202", "resident": "p0123"},))
    keep(tmp_path, run(AT, "000001", outcome("a", Status.PASSED), failed))
    lines = [json.loads(line) for line in (tmp_path / KEYS).read_text("utf-8").splitlines()]
    assert [(line["check"], line["status"], line["keys"]) for line in lines] == [("a", "passed", []), ("b", "failed", [dict(failed.keys[0])])]
    assert ((tmp_path / KEYS).stat().st_mode & 0o077) == 0


def test_a_snapshot_is_marked_once_and_by_its_last_run(tmp_path: Path) -> None:
    """The mark names snapshot, moment, contracts and what the run came to; a later run of the same snapshot takes its place."""
    assert marks(tmp_path) == []
    mark(tmp_path, run(AT, "000001", outcome("a", Status.FAILED), outcome("b", Status.FAILED, Severity.WARNING)), "f" * 64)
    mark(tmp_path, run(AT, "000002"), "f" * 64)
    mark(tmp_path, run(AT.replace(minute=59), "000001"), "e" * 64)
    found = [(each.snapshot, each.at, each.contracts[0], each.passed, each.failed, each.warned, each.errors) for each in marks(tmp_path)]
    assert found == [("000002", "2026-03-31T23:30:00.000", "f", 1, 0, 0, 0), ("000001", "2026-03-31T23:59:00.000", "e", 1, 0, 0, 0)]


@pytest.mark.parametrize(
    ("outcomes", "code"),
    [
        ([outcome("a", Status.PASSED)], 0),
        ([outcome("a", Status.PASSED), outcome("b", Status.FAILED, Severity.WARNING)], 0),
        ([outcome("a", Status.FAILED), outcome("b", Status.PASSED)], 1),
        ([outcome("a", Status.FAILED), outcome("b", Status.ERROR, Severity.WARNING)], 3),
        ([outcome("a", Status.ERROR)], 3),
    ],
)
def test_the_exit_code_says_findings_or_that_nobody_knows(outcomes: list[Outcome], code: int) -> None:
    """A failed error is a finding, a failed warning is told only, and an error of a check is never a pass, however mild the check."""
    assert Tally.of(outcomes).exit_code == code


def test_a_share_is_of_the_rows_that_the_check_is_about() -> None:
    """Of no rows there is no share."""
    assert outcome("a", Status.FAILED).share == 0.3
    assert outcome("a", Status.FAILED, rows=0, broken=0).share is None and outcome("a", Status.ERROR).share is None
