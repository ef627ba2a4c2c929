"""A check that a kind or a mart asks for must exist, take what it is given, and have a limit that is applied."""

from __future__ import annotations

from pathlib import Path

import pytest

from contracts.check import check
from contracts.checks import METRICS, VOCABULARY
from contracts.model import Allowance, Severity
from contracts.odcs import document_of
from contracts.read_kind import mart_of

MART = """\
apiVersion: v3.2.0
kind: DataContract
id: hostel_beds
version: 1.0.0
customProperties:
  - {property: cabin.label, value: {zh: 床位, en: Beds}}
  - {property: cabin.consumers, value: [housing]}
  - {property: cabin.purpose, value: statistics}
schema:
  - name: hostel_beds
    quality:
      - name: beds-negative
        type: custom
        engine: duckdb
        implementation: beds >= 0
        severity: error
        customProperties:
          - {property: cabin.label, value: {zh: 床位不小于零, en: there are no beds below 0}}
      - name: crowded
        type: custom
        engine: greatExpectations
        implementation: {type: expect_people_per_dwelling, kwargs: {column: hostel, max_people: 9}}
        mustBeLessOrEqualTo: 5
        unit: percent
        severity: warning
        customProperties:
          - {property: cabin.label, value: {zh: 人数合理, en: not too many people}}
      - name: few
        type: library
        metric: rowCount
        mustBeGreaterOrEqualTo: 1
        severity: error
        customProperties:
          - {property: cabin.label, value: {zh: 至少一行, en: one row at least}}
    properties:
      - {name: hostel, physicalType: VARCHAR, primaryKey: true, classification: plain, description: Hostel.}
      - name: tenure
        physicalType: VARCHAR
        classification: plain
        description: Tenure.
        quality:
          - name: tenure-unknown
            type: library
            metric: invalidValues
            arguments: {codeList: tenure}
            mustBeLessOrEqualTo: 3
            unit: rows
            severity: warning
            customProperties:
              - {property: cabin.label, value: {zh: 属于代码表, en: of the list}}
      - {name: beds, physicalType: BIGINT, classification: plain, description: Beds.}
"""


def told(folder: Path, text: str) -> list[tuple[int, str]]:
    (folder / "hostel_beds.yaml").write_text(text, encoding="utf-8")
    return [(problem.line, problem.code) for problem in check([folder])]


def line_of(text: str, words: str) -> int:
    return text[: text.index(words)].count("\n") + 1


def test_sound_entries_are_read_as_promises(tmp_path: Path) -> None:
    """A condition, a check by name, a metric of the standard and one of a column each become a promise with severity, words and limit."""
    assert told(tmp_path, MART) == []
    beds, crowded, few, tenure = mart_of(document_of(MART, "hostel_beds.yaml")).quality
    assert (beds.check, beds.arguments, beds.severity, beds.limit) == ("expect_rows_to_hold", {"condition": "beds >= 0"}, Severity.ERROR, Allowance())
    assert (crowded.check, crowded.severity, crowded.limit, crowded.label.zh) == (
        "expect_people_per_dwelling",
        Severity.WARNING,
        Allowance(share=0.05),
        "人数合理",
    )
    assert (few.check, few.arguments, few.limit) == (METRICS["rowCount"], {"min_value": 1}, Allowance())
    assert (tenure.check, tenure.arguments, tenure.limit) == (METRICS["invalidValues"], {"column": "tenure", "code_list": "tenure"}, Allowance(rows=3))


@pytest.mark.parametrize(
    ("code", "old", "new", "words"),
    [
        ("unknown-check", "type: expect_people_per_dwelling", "type: expect_good_data", "expect_good_data"),
        ("unknown-check", "metric: rowCount", "metric: beauty", "metric: beauty"),
        ("unknown-column", "column: hostel", "column: motel", "column: motel"),
        ("unknown-property", "max_people: 9", "max_people: 9, colour: red", "colour"),
        ("missing-property", ", max_people: 9", "", "implementation: {type"),
        ("missing-property", "{type: expect_people_per_dwelling, kwargs: {column: hostel, max_people: 9}}", "{type: expect_column_values_to_be_in_set, kwargs: {column: hostel}}", "implementation: {type"),
        ("unknown-value", "max_people: 9", "max_people: many", "many"),
        ("unknown-value", "engine: greatExpectations", "engine: soda", "engine: soda"),
        ("unknown-value", "severity: warning", "severity: mild", "severity: mild"),
        ("unknown-value", "type: library\n        metric: rowCount", "type: sql\n        metric: rowCount", "type: sql"),
        ("unknown-code-list", "codeList: tenure", "codeList: gender", "codeList: gender"),
        ("unusable-limit", "mustBeLessOrEqualTo: 5", "mustBeLessOrEqualTo: 105", "mustBeLessOrEqualTo: 105"),
        ("unusable-limit", "mustBeLessOrEqualTo: 3", "mustNotBe: 3", "mustNotBe: 3"),
        ("unusable-limit", "mustBeLessOrEqualTo: 3", "mustBe: 3", "mustBe: 3"),
        ("unknown-value", "unit: percent", "unit: per mille", "unit: per mille"),
        ("sql-does-not-bind", "implementation: beds >= 0", "implementation: bedz >= 0", "implementation: bedz"),
        ("sql-not-boolean", "implementation: beds >= 0", "implementation: beds + 1", "implementation: beds"),
        ("duplicate-name", "name: crowded", "name: beds-negative", "name: beds-negative\n        type: custom\n        engine: greatExpectations"),
        ("missing-property", "        severity: error\n        customProperties:\n          - {property: cabin.label, value: {zh: 床", "        customProperties:\n          - {property: cabin.label, value: {zh: 床", "- name: beds-negative"),
    ],
)  # fmt: skip
def test_mistakes_are_told_with_their_line(tmp_path: Path, code: str, old: str, new: str, words: str) -> None:
    """Each once, at the line where it stands, with a hint in both languages."""
    assert old in MART
    text = MART.replace(old, new, 1)
    assert told(tmp_path, text) == [(line_of(text, words), code)]
    for problem in check([tmp_path]):
        assert problem.hint.zh and problem.hint.en


def test_an_unknown_check_is_told_with_those_there_are(tmp_path: Path) -> None:
    """Who misspelt a check finds its name in the hint."""
    told(tmp_path, MART.replace("expect_people_per_dwelling", "expect_people_in_dwelling"))
    (problem,) = check([tmp_path])
    assert "expect_people_in_dwelling" in problem.fact.en and "expect_people_in_dwelling" in problem.fact.zh
    assert all(name in problem.hint.en and name in problem.hint.zh for name in VOCABULARY)


def test_a_kind_is_judged_by_its_current_table(tmp_path: Path) -> None:
    """Its promises may read attributes, the entity and the area; anything else is told."""
    text = (Path(__file__).parents[2] / "contracts" / "entities" / "residency.yaml").read_text("utf-8")
    wrong = text.replace('implementation: "from_on <= to_on"', 'implementation: "from_on <= until_on"', 1).replace("column: area", "column: region", 1)
    assert wrong.count("until_on") == wrong.count("region") == 1
    (tmp_path / "residency.yaml").write_text(wrong, encoding="utf-8")
    found = {problem.code for problem in check([tmp_path])}
    assert {"sql-does-not-bind", "unknown-column"} <= found
