"""The desk as officers and departments meet it: the commands over one cabin, the workbook, the ledger, and marts that a rebuild gives again."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import duckdb
import openpyxl
import pytest

from contracts.desk import KIND_LABELS, KINDS, ROW_STATES, STEP_STATES
from tests.cabin.kit import cabin, done
from tests.quality.desk.kit import HEADER, check, contracts, lease

ADDRESS = "温州市鹿城区五马街道解放街9号1单元101室"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Fire checks and leases of which some are quarantined, landed and run."""
    folder = tmp_path_factory.mktemp("desk")
    data = folder / "data"
    (folder / "fire_hazard.csv").write_text("\n".join([HEADER, check(1), check(2, "饭店"), check(3, "007"), ""]), encoding="utf-8")
    leases = [lease(1), lease(2, status="9"), lease(3, address="不详")]
    (folder / "rental.jsonl").write_text("".join(json.dumps(each, ensure_ascii=False) + "\n" for each in leases), encoding="utf-8")
    done(data, "land", "auto", str(folder / "fire_hazard.csv"), str(folder / "rental.jsonl"))
    done(data, "run")
    return data


def rows(data: Path, *arguments: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = done(data, "--json", "quarantine", "list", *arguments).document["rows"]
    return found


def test_facets_trend_and_counts_agree(data: Path) -> None:
    """By feed, department, reason, column and age the facets add up to all open rows; the trend and the account say the same; a shape narrows the list."""
    facets = done(data, "--json", "quarantine", "facets").document["facets"]
    sums: dict[str, int] = {}
    for each in facets:
        sums[each["facet"]] = sums.get(each["facet"], 0) + each["rows"]
    document = done(data, "--json", "quarantine", "counts").document
    ever = sum(each["ever"] for each in document["account"])
    assert set(sums.values()) == {ever} and set(sums) == {"feed", "department", "reason", "column", "shape", "age"}
    assert sum(each["rows"] for each in document["counts"]) == ever == 4
    assert {each["value"] for each in facets if each["facet"] == "department"} == {contracts().feeds[name].department.en for name in ("fire_hazard", "rental")}
    (week,) = done(data, "--json", "quarantine", "trend", "--weekly").document["trend"]
    assert (week["ever"], week["open"], week["redriven"]) == (4, 4, 0)
    assert [each["column"] for each in rows(data, "--shape", "9x3")] == ["object_kind"]


def test_show_sets_the_contract_beside_the_row(data: Path) -> None:
    """Headers, types and rules of the contract, plain cells as they are, and of sealed ones nothing but the shape."""
    (row,) = rows(data, "--reason", "address-unreadable")
    said = done(data, "--json", "quarantine", "show", str(row["delivery"]), str(row["row"]))
    cells = {each["column"]: each for each in said.document["cells"]}
    feed = contracts().feeds["rental"]
    assert [(each.name, each.header) for each in feed.columns] == [(name, each["header"]) for name, each in cells.items()]
    assert (cells["address"]["cell"], cells["address"]["shape"]) == (None, "汉x2")
    assert cells["status"]["cell"] == "1" and cells["address"]["rule"] and said.document["state"] == "open"
    assert "不详" not in said.out


def test_a_sealed_cell_is_revealed_for_a_recorded_purpose_only(data: Path) -> None:
    """Without a purpose it is refused; with one the cell is shown, and the ledger and the desk's history say who looked, at which column and why."""
    (row,) = rows(data, "--reason", "address-unreadable")
    asked = ("quarantine", "reveal", str(row["delivery"]), str(row["row"]), "address")
    assert cabin(data, "--json", *asked).document["error"]["code"] == "purpose-missing"
    assert done(data, "--json", *asked, "--purpose", "call the agency").document["value"] == "不详"
    entry = done(data, "--json", "access").document["accesses"][0]
    assert (entry["viewer"], entry["entity"], entry["attribute"], entry["purpose"]) == (
        "tester",
        f"{row['delivery']}/{row['row']}",
        "address",
        "call the agency",
    )
    step = done(data, "--json", "quarantine", "history").document["steps"][0]
    assert (step["kind"], step["actor"], step["reason"], step["rows"]) == ("reveal", "tester", "call the agency", 1)
    token = cabin(data, "--json", "quarantine", "reveal", str(row["delivery"]), str(row["row"]), "tenant_doc_no", "--purpose", "x")
    assert token.document["error"]["code"] == "not-revealable"


@pytest.mark.parametrize(("lang", "wrong"), [("zh", "问题"), ("en", "what is wrong")])
def test_a_department_gets_its_own_layout_back(data: Path, tmp_path: Path, lang: str, wrong: str) -> None:
    """The workbook has the department's headers in order and one column more that says what is wrong; personal cells are blank, and stand in it where a purpose is
    named, which the ledger keeps once with the count. The rows stay open, marked as returned."""
    file, feed = tmp_path / "back.xlsx", contracts().feeds["rental"]
    assert cabin(data, "quarantine", "return", "rental", "--to", str(file), lang=lang).code == 0
    header, *lines = openpyxl.load_workbook(file).active.iter_rows(values_only=True)
    assert list(header) == [*(column.header for column in feed.columns), wrong]
    place = [column.name for column in feed.columns].index("address")
    assert len(lines) == 2 and all(line[place] is None for line in lines) and all(line[-1] for line in lines)
    before = len(done(data, "--json", "access").document["accesses"])
    department = feed.department.get(lang)
    others = [name for name, each in contracts().feeds.items() if each.department.get(lang) == department]
    assert cabin(data, "quarantine", "return", department, "--to", str(file), "--purpose", "to be corrected", lang=lang).code == 0
    written = file if len(others) == 1 else file.with_name("back_rental.xlsx")
    assert {line[place] for line in openpyxl.load_workbook(written).active.iter_rows(min_row=2, values_only=True)} >= {"不详"}
    assert len(done(data, "--json", "access").document["accesses"]) == before + 1
    assert all(each["returned"] for each in rows(data, "--feed", "rental"))


def test_a_formula_stays_a_text(tmp_path: Path) -> None:
    """A cell that begins as a formula does, or holds characters no XML may, is a plain text in the workbook."""
    from quality.desk.sheet import write_sheet

    write_sheet(tmp_path / "a.xlsx", ["a", "b"], [["=1+1", "x\x01<&>"], [None, "007"]])
    found = [[(cell.value, cell.data_type) for cell in row] for row in openpyxl.load_workbook(tmp_path / "a.xlsx").active.iter_rows()]
    assert found == [[("a", "s"), ("b", "s")], [("=1+1", "s"), ("x <&>", "s")], [(None, "n"), ("007", "s")]]


def test_states_and_steps_are_told_in_the_language_of_the_output(data: Path, tmp_path: Path) -> None:
    """In Chinese no state, kind of step or facet is English, every one has a label, and machines get the codes; two sentences say what a step really did."""
    own = shutil.copytree(data, tmp_path / "data")
    (row,) = rows(own, "--reason", "address-unreadable")
    rejected = done(own, "--json", "quarantine", "reject", "--delivery", str(row["delivery"]), "--row", str(row["row"]), "--reason", "不是我们的").document
    assert rejected["rejected"] == 1 and "others" not in rejected
    assert cabin(own, "quarantine", "undo", str(rejected["step"]), "--reason", "是我们的", lang="zh").code == 0
    codes = done(own, "--json", "quarantine", "history").document["steps"]
    assert {(each["kind"], each["state"]) for each in codes} >= {("reject", "undone"), ("undo", "told")}
    assert {each["kind"] for each in codes} <= KIND_LABELS.keys() == set(KINDS) and {each["state"] for each in codes} <= STEP_STATES.keys()
    shown = {name: cabin(own, "quarantine", *name.split(), lang="zh").out for name in ("history", "list --state all", "facets")}
    assert "驳回" in shown["history"] and "已撤销" in shown["history"] and "未处理" in shown["list --state all"] and "部门" in shown["facets"]
    words = {name: set(re.findall(r"[a-z][a-z-]+", re.sub(r"`[^`]*`", "", text))) for name, text in shown.items()}
    for labels in (KIND_LABELS, STEP_STATES, ROW_STATES):
        assert not words["history"] & labels.keys()
    assert not words["list --state all"] & ROW_STATES.keys() and not words["facets"] & {"department", "reason", "feed", "age"}


def test_a_damaged_index_is_said_and_made_anew(data: Path, tmp_path: Path) -> None:
    """Where rows ever quarantined are not all open, redriven or rejected, the counts end with the feeds and what to do; without the folder they are right again."""
    own = shutil.copytree(data, tmp_path / "data")
    before = done(own, "--json", "quarantine", "counts").document["account"]
    with duckdb.connect(str(own / "desk" / "index.duckdb")) as con:
        con.execute("delete from line where source = 'rental'")
    for lang in ("en", "zh"):
        said = cabin(own, "quarantine", "counts", lang=lang)
        assert said.code == 1 and "rental" in said.err and "desk" in said.err and "fire_hazard" not in said.err
    shutil.rmtree(own / "desk")
    assert done(own, "--json", "quarantine", "counts").document["account"] == before
