"""Suites are what the contracts give: complete, stable, committed, and never edited."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from contracts.checks import COLUMNS, ROWS_HOLD, VOCABULARY
from contracts.conditions import ROWS
from contracts.model import Allowance, Severity
from contracts.read import load
from quality.promises.checks import Suite
from quality.promises.committed import HOME, drift, write
from quality.promises.from_contracts import mart_suite, suites

SUITES = suites(load())


def test_the_committed_suites_are_what_the_contracts_give() -> None:
    """A changed contract comes with its changed suite; `cabin quality suites` writes it."""
    assert drift(SUITES) == []


def test_every_contract_has_a_suite() -> None:
    """Feeds, kinds and marts, each once, in a fixed order."""
    known = load()
    wanted = [f"{flavour}/{name}" for flavour, items in (("feeds", known.feeds), ("entities", known.kinds), ("marts", known.marts)) for name in sorted(items)]
    assert [suite.name for suite in SUITES] == wanted


def test_no_two_checks_of_a_suite_share_a_name() -> None:
    """A result is told by suite and check, so a name means one check."""
    for suite in SUITES:
        names = [check.name for check in suite.checks]
        assert len(names) == len(set(names)), suite.name


def test_every_check_means_something() -> None:
    """What a suite asks is in the vocabulary, and what the vocabulary offers over rows has a meaning in SQL."""
    assert {check.type for suite in SUITES for check in suite.checks} <= {*VOCABULARY, ROWS_HOLD, COLUMNS}
    assert {*ROWS} == {*VOCABULARY, ROWS_HOLD} - {"expect_table_row_count_to_be_between"}


def test_the_checks_of_the_field_are_asked_for() -> None:
    """Identity verdicts, credit codes, divisions, grids, addresses, people, points and quantities are each checked somewhere."""
    asked = {check.type for suite in SUITES for check in suite.checks}
    assert {*VOCABULARY} - asked == {"expect_table_row_count_to_be_between"}


def test_keys_that_are_told_are_not_personal() -> None:
    """A failing row is told by columns that may be shown to anybody; subject tokens may."""
    known = load()
    for suite in SUITES:
        if suite.flavour == "marts":
            mart = known.marts[suite.contract]
            assert all(column.classification.value != "personal" for column in mart.columns if column.name in suite.key), suite.name


def test_a_suite_edited_by_hand_is_found(tmp_path: Path) -> None:
    """An edited suite, a missing one and one without contract are each told by name, and written right again."""
    write(SUITES, tmp_path)
    edited = tmp_path / "marts" / "household.json"
    edited.write_text(edited.read_text("utf-8").replace('"critical"', '"info"'), "utf-8")
    (tmp_path / "marts" / "coverage.json").unlink()
    (tmp_path / "feeds" / "nobody.json").write_text("{}", "utf-8")
    assert [(each.name, each.what) for each in drift(SUITES, tmp_path)] == [
        ("feeds/nobody", "orphan"),
        ("marts/coverage", "missing"),
        ("marts/household", "differs"),
    ]
    write(SUITES, tmp_path)
    assert drift(SUITES, tmp_path) == []


def test_a_change_of_a_contract_is_seen_in_its_suite() -> None:
    """Another type, another severity and another limit of a mart each change its text, and no other suite's."""
    mart = load().marts["household"]
    before = mart_suite(mart, load()).text()
    column = dataclasses.replace(mart.columns[-1], type="INTEGER")
    promise = dataclasses.replace(mart.quality[0], severity=Severity.WARNING, limit=Allowance(share=0.25))
    retyped = mart_suite(dataclasses.replace(mart, columns=(*mart.columns[:-1], column)), load()).text()
    softened = mart_suite(dataclasses.replace(mart, quality=(promise, *mart.quality[1:])), load()).text()
    assert '"minors": "INTEGER"' in retyped and retyped != before
    assert '"mostly": 0.75' in softened and softened.count('"warning"') == before.count('"warning"') + 1


def test_severities_and_limits_are_those_of_the_contract() -> None:
    """A warning that one percent may break is so in the suite, in the library's words."""
    crowded = found("marts/household", "too-many-people")
    assert (crowded["severity"], crowded["kwargs"]["mostly"]) == ("warning", 0.99)
    assert found("marts/household", "main-residence-twice")["severity"] == "critical"


def test_code_lists_are_written_out() -> None:
    """A reader of a suite sees what a change of a code list does."""
    wanted = found("entities/dwelling", "tenure-code")["kwargs"]["value_set"]
    assert wanted == list(load().code_lists["tenure"].labels)


def test_rules_that_read_sealed_cells_say_so() -> None:
    """Landed rows hold no sealed cell: a rule over the address of a resident is not judged on them, one over what the check said is."""
    rules = {check.name: check for check in named("feeds/ps_resident").checks}
    assert rules["address-unreadable"].reads_sealed and rules["name-filled"].reads_sealed
    assert not rules["sex-disagrees"].reads_sealed and not rules["doc_no-identity"].reads_sealed


def named(name: str) -> Suite:
    return next(suite for suite in SUITES if suite.name == name)


def found(suite: str, check: str) -> dict[str, Any]:
    """One expectation of a committed suite."""
    document = json.loads((HOME / f"{suite}.json").read_text("utf-8"))
    return next(each for each in document["expectations"] if each["meta"]["check"] == check)


@pytest.mark.parametrize("file", sorted(HOME.rglob("*.json")), ids=lambda file: file.stem)
def test_committed_files_read_as_the_library_wants_them(file: Path) -> None:
    """Each has a name that is its place, and every expectation its type, arguments and severity."""
    document = json.loads(file.read_text("utf-8"))
    assert document["name"] == f"{file.parent.name}/{file.stem}"
    assert all({"type", "kwargs", "severity", "meta"} == each.keys() and each["severity"] in ("critical", "warning") for each in document["expectations"])
