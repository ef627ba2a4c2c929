"""Every kind of mistake in a contract is told once, with its line; what is shipped has none."""

from __future__ import annotations

from pathlib import Path

import pytest

from contracts import InvalidContract
from contracts.check import check
from contracts.model import MOST_SOURCES
from contracts.problems import CATALOGUE
from contracts.read import load

SAMPLE = (Path(__file__).parent / "samples" / "hostel_guest.yaml").read_text(encoding="utf-8")
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
    properties:
      - {name: hostel, physicalType: VARCHAR, primaryKey: true, classification: plain, description: Hostel.}
      - {name: beds, physicalType: BIGINT, classification: plain, description: Beds.}
"""
KIND = """\
apiVersion: v3.2.0
kind: DataContract
id: hostel
version: 1.0.0
customProperties:
  - {property: cabin.label, value: {zh: 宿舍, en: Hostel}}
  - {property: cabin.title, value: name}
  - {property: cabin.retention_days, value: 365}
  - property: cabin.priorities
    value:
      "*": []
      name: []
schema:
  - name: hostel
    properties:
      - name: present
        id: hostel.present
        logicalType: boolean
        classification: plain
        customProperties:
          - {property: cabin.purpose, value: statistics}
          - {property: cabin.legal_basis, value: no_personal_information}
          - {property: cabin.freshness_days, value: 180}
      - name: name
        id: hostel.name
        logicalType: string
        classification: plain
        customProperties:
          - {property: cabin.purpose, value: statistics}
          - {property: cabin.legal_basis, value: no_personal_information}
          - {property: cabin.freshness_days, value: 180}
      - name: tenure
        id: hostel.tenure
        logicalType: string
        physicalType: code
        classification: plain
        customProperties:
          - {property: cabin.purpose, value: statistics}
          - {property: cabin.legal_basis, value: no_personal_information}
          - {property: cabin.freshness_days, value: 180}
          - {property: cabin.code_list, value: tenure}
"""


def line_of(text: str, words: str) -> int:
    """The line of the first occurrence of some words."""
    return text[: text.index(words)].count("\n") + 1


def told(tmp_path, text, name="new.yaml"):
    """Line and code of every problem of one file, checked among the shipped contracts."""
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    found = check([file])
    assert all(problem.file == str(file) for problem in found)
    return [(problem.line, problem.code) for problem in found]


@pytest.mark.parametrize("text", [SAMPLE, MART, KIND], ids=["feed", "mart", "kind"])
def test_a_sound_contract_has_no_problem(tmp_path, text):
    """A feed, a mart and a kind without mistakes pass."""
    assert told(tmp_path, text) == []


LABEL = "  - {property: cabin.label, value: {zh: 宿舍住宿登记, en: Hostel guests}}\n"
AREA = '  - {property: cabin.area, value: "left(division_code, 6)"}\n'
PURPOSE = "          - {property: cabin.purpose, value: population_registration}\n"
BASIS = "          - {property: cabin.legal_basis, value: statutory_duty}\n"
WHERE = "      - {property: cabin.where, value: room is not null}\n"
MERGED = "      - {property: cabin.merged_into, value: room}\n"
COVERS = "  - {property: cabin.covers, value: [hostel]}\n"
LEVEL = COVERS + "slaProperties:\n  - {property: frequency, value: 7, unit: d}\n"
FAULTS = [
    # code, what is replaced, by what, words on the line that is told
    ("invalid-yaml", "name: Hostel guests\n", "name: 'Hostel guests\n", None),
    ("duplicate-key", "status: active\n", "status: active\nstatus: draft\n", "status: draft"),
    ("duplicate-name", "cabin.birth_column, value: born_on", "cabin.identifier, value: subject", None),
    ("invalid-yaml", "status: active\n", "status: &a [*a]\n", None),
    ("unknown-key", "status: active", "state: active", "state: active"),
    ("unknown-key", "        required: false\n", "        needed: false\n", "needed: false"),
    ("wrong-shape", "        required: false\n", "        required: perhaps\n", "required: perhaps"),
    ("unknown-property", "cabin.catalogue", "cabin.catalog", "cabin.catalog"),
    ("missing-covers", "  - {property: cabin.covers, value: [hostel]}\n", "", "apiVersion"),
    ("unknown-property", "cabin.birth_column", "cabin.born_column", "cabin.born_column"),
    ("unknown-property", WHERE, WHERE + MERGED, "cabin.merged_into"),
    ("missing-property", LABEL, "", "apiVersion"),
    ("missing-property", "  - {property: cabin.modes, value: [increment, snapshot]}\n", "", "apiVersion"),
    ("missing-property", "        classification: personal\n", "", "- name: full_name"),
    ("missing-property", "        id: hostel_guest.room\n", "", "- name: room\n"),
    ("missing-property", ", transformLogic: full_name}", "}", "- {name: name}"),
    ("unknown-value", "apiVersion: v3.2.0", "apiVersion: v3.1.0", "apiVersion"),
    ("unknown-value", "value: csv}", "value: pdf}", "cabin.format"),
    ("unknown-value", "value: [increment, snapshot]}", "value: [increment, everything]}", "everything"),
    ("unknown-value", "        severity: warning", "        severity: remark", "severity: remark"),
    ("unknown-value", "        severity: error", "        severity: fatal", "severity: fatal"),
    ("unknown-value", "        classification: personal\n", "        classification: secret\n", "secret"),
    ("unknown-value", "value: year}", "value: month}", "cabin.keep"),
    ("unknown-value", "cabin.rows, value: minors", "cabin.rows, value: all", "value: all"),
    ("unknown-value", "logicalType: timestamp", "logicalType: duration", "duration"),
    ("unknown-value", COVERS, LEVEL.replace("frequency", "availability"), "availability"),
    ("unknown-value", COVERS, LEVEL.replace("unit: d", "unit: week"), "unit: week"),
    ("unknown-value", COVERS, LEVEL.replace("value: 7", "value: 0"), "value: 0"),
    ("unknown-value", COVERS, LEVEL.replace("value: 7", "value: often"), "value: often"),
    ("missing-property", COVERS, LEVEL.replace(", unit: d", ""), "property: frequency"),
    ("name-mismatch", "schema:\n  - name: hostel_guest\n", "schema:\n  - name: hostel_guests\n", "- name: hostel_guests\n"),
    ("missing-observed-at", '  - {property: cabin.observed_at, value: ["try_cast(updated_at as timestamp)"]}\n', "", "apiVersion"),
    ("missing-area", AREA, "", "apiVersion"),
    ("missing-minors", "  - {property: cabin.minors, value: {birth: born_on, keep: [division_code, room]}}\n", "", "apiVersion"),
    ("missing-minors", "cabin.minors, value: {birth: born_on, keep: [division_code, room]}", "cabin.minors, value: dropped", "cabin.minors"),
    ("unknown-property", "{birth: born_on,", "{birth: born_on, drop: [room],", "cabin.minors"),
    ("sql-does-not-bind", "{birth: born_on,", '{birth: born_on, stay: "chamber is null",', "cabin.minors"),
    ("missing-purpose", PURPOSE, "", "- name: guest_no"),
    ("missing-purpose", PURPOSE, "          - {property: cabin.purpose, value: ''}\n", "cabin.purpose, value: ''"),
    ("missing-legal-basis", BASIS, "", "- name: guest_no"),
    ("banned-column", "synonym: 房号", "synonym: 备注", "备注"),
    ("banned-column", "synonym: 编号,", "synonym: 民族,", "民族"),
    ("banned-code-list", "value: residence_type}", "value: ethnicity}", "value: ethnicity"),
    ("duplicate-id", "id: hostel_guest.room\n", "id: hostel_guest.flag\n", "id: hostel_guest.flag"),
    ("duplicate-header", "synonym: 房号", "synonym: 编号", None),
    ("unknown-target", "value: finding}", "value: rumour}", "value: rumour"),
    ("unknown-attribute", "- {name: birth_year,", "- {name: birthday,", "- {name: birthday,"),
    ("unknown-column", "value: id_no}\n  - {property: cabin.minors", "value: number}\n  - {property: cabin.minors", "cabin.subject"),
    ("unknown-column", "birth: born_on,", "birth: born_at,", "cabin.minors"),
    ("unknown-column", "keep: [division_code, room]", "keep: [division_code, chamber]", "chamber"),
    ("unknown-column", "cabin.birth_column, value: born_on", "cabin.birth_column, value: born_at", "born_at"),
    ("unknown-column", "cabin.blanks, value: born_on", "cabin.blanks, value: born_at", "born_at"),
    ("unknown-code-list", "value: residence_type}", "value: residence_kind}", "residence_kind"),
    ("incomplete-residency", "      - {name: dwelling, transformLogic: division_code || '/宿舍/-/-/-/' || room}\n", "", "- name: residency"),
    ("incomplete-residency", "      - {name: person, transformLogic: id_no}\n", "", "- name: residency"),
    ("incomplete-fact", "      - {name: outcome, transformLogic: \"'confirmed'\"}\n", "", "- name: finding_type"),
    (
        "missing-entity",
        "    customProperties:\n      - {property: cabin.entity, value: id_no}\n    properties:\n      - {name: name",
        "    properties:\n      - {name: name",
        "- name: person",
    ),
    ("identifier-without-form", "          - {property: cabin.identifier, value: subject}\n", "", None),
    ("identifier-without-form", "classification: identifier", "classification: personal", None),
    ("plain-feeds-personal", "        classification: personal\n", "        classification: plain\n", "transformLogic: full_name}"),
    ("error-rule-blanks", "        severity: warning", "        severity: error", None),
    ("unknown-limit", "        severity: warning", "        severity: warning\n            mustBeLessThan: 5\n            unit: percent", "mustBeLessThan"),
    (
        "limit-no-percent",
        "        severity: warning",
        "        severity: warning\n            mustBeLessOrEqualTo: 5\n            unit: rows",
        "mustBeLessOrEqualTo",
    ),
    (
        "limit-no-percent",
        "        severity: warning",
        "        severity: warning\n            mustBeLessOrEqualTo: 105\n            unit: percent",
        "mustBeLessOrEqualTo",
    ),
    (
        "least-rows-alone",
        "cabin.blanks, value: born_on}",
        "cabin.blanks, value: born_on}\n              - {property: cabin.least_rows, value: 9}",
        "cabin.least_rows",
    ),
    ("sql-does-not-bind", "transformLogic: full_name}", "transformLogic: family_name}", "family_name"),
    ("sql-does-not-bind", "transformLogic: full_name}", "transformLogic: trim(full_name}", "trim(full_name"),
    ("sql-does-not-bind", "transformLogic: full_name}", "transformLogic: no_such_macro(full_name)}", "no_such_macro"),
    ("sql-does-not-bind", "try_cast(updated_at as timestamp)", "try_cast(updated as timestamp)", "updated as"),
    ("sql-does-not-bind", '"left(division_code, 6)"', '"left(division, 6)"', "left(division, 6)"),
    ("sql-does-not-bind", "cabin.record, value: guest_no", "cabin.record, value: guest", "cabin.record"),
    ("sql-does-not-bind", "implementation: room is null", "implementation: chamber is null", "chamber is null"),
    ("sql-does-not-bind", "transformLogic: try_cast(born_on as integer)}", "transformLogic: minors}", "transformLogic: minors}"),
    ("sql-not-boolean", "\"flag = 'D'\"", "flag", "cabin.operation"),
    ("sql-not-boolean", "cabin.where, value: room is not null", "cabin.where, value: room", "cabin.where"),
    ("sql-not-boolean", "implementation: room is null or division_code is not null", "implementation: room", "implementation: room"),
]


@pytest.mark.parametrize(("code", "old", "new", "words"), FAULTS)
def test_each_mistake_is_told_once_at_its_line(tmp_path, code, old, new, words):
    """One mistake put into a sound feed gives exactly one problem: its own, at the line where a reader finds it."""
    assert old in SAMPLE
    text = SAMPLE.replace(old, new, 1)
    found = told(tmp_path, text)
    assert [each for _, each in found] == [code]
    if words:
        assert found[0][0] in {line_of(text, words), *_property_lines(text, words)}


def _property_lines(text: str, words: str) -> set[int]:
    """Mistakes in a value of customProperties are told at the entry, whose line may precede the words."""
    return {number for number, line in enumerate(text.splitlines(), 1) if words in line}


def test_a_successor_is_a_record_and_sql_like_the_rest(tmp_path):
    """A feed that says which dwelling took another's place needs a record, and its expression must bind."""
    dwelling = f"  - name: dwelling\n    physicalName: cabin.claims\n    customProperties:\n      - {{property: cabin.entity, value: room}}\n{MERGED}    properties: []\n"
    sound = SAMPLE + dwelling
    record = "  - {property: cabin.record, value: guest_no}\n"
    assert told(tmp_path, sound) == []
    assert told(tmp_path, sound.replace(record, "")) == [(line_of(sound, "  - name: dwelling\n") - 1, "missing-property")]
    assert told(tmp_path, sound.replace("merged_into, value: room}", "merged_into, value: chamber}")) == [(line_of(sound, "merged_into"), "sql-does-not-bind")]


def test_golden_rows_have_room_for_so_many_feeds(tmp_path):
    """One feed more than fit into a golden row is refused: told in each that speaks about the kind, and not loaded."""
    files = [tmp_path / f"crowd_{number}.yaml" for number in range(MOST_SOURCES + 1)]
    for file in files:
        file.write_text(SAMPLE.replace("hostel_guest", file.stem), encoding="utf-8")
    found = check(files)
    assert {problem.code for problem in found} == {"too-many-sources"}
    assert {problem.file for problem in found} == {str(file) for file in files}
    with pytest.raises(InvalidContract, match=f"more than {MOST_SOURCES} feeds speak about") as refused:
        load(extra=files)
    assert f"超过 {MOST_SOURCES} 个" in refused.value.render("zh")[0]


def test_names_must_be_plain(tmp_path):
    """A column name with capitals cannot be used, and the SQL that named it no longer binds only if it differs."""
    text = SAMPLE.replace("- name: flag\n", "- name: Flag\n")
    assert told(tmp_path, text) == [(line_of(text, "- name: Flag"), "bad-name")]


def test_two_columns_of_one_name(tmp_path):
    """A name given twice is told at the second."""
    text = SAMPLE.replace("      - name: flag\n", "      - name: room\n").replace("\"flag = 'D'\"", "room = 'D'")
    assert told(tmp_path, text) == [(line_of(text, "- name: room\n        id: hostel_guest.flag"), "duplicate-name")]


def test_a_name_taken_by_another_feed(tmp_path):
    """Two feeds of one name are both told, and their ids too."""
    (tmp_path / "a.yaml").write_text(SAMPLE, encoding="utf-8")
    (tmp_path / "b.yaml").write_text(SAMPLE, encoding="utf-8")
    found = [(Path(problem.file).name, problem.code) for problem in check([tmp_path])]
    assert {code for _, code in found} == {"duplicate-name", "duplicate-id"}
    assert {file for file, code in found if code == "duplicate-name"} == {"a.yaml", "b.yaml"}


@pytest.mark.parametrize(
    ("code", "old", "new"),
    [
        ("missing-grain", ", primaryKey: true", ""),
        ("missing-property", "  - {property: cabin.purpose, value: statistics}\n", ""),
        ("missing-property", "name: beds, physicalType: BIGINT, ", "name: beds, "),
        ("banned-column", "name: beds", "name: religion"),
        ("unknown-value", "classification: plain, description: Beds", "classification: open, description: Beds"),
        ("sql-does-not-bind", "physicalType: BIGINT", "physicalType: BIGNUMBER_"),
        ("unknown-flavour", "  - {property: cabin.consumers, value: [housing]}\n", ""),
    ],
)
def test_mistakes_in_a_mart(tmp_path, code, old, new):
    """A mart without grain, purpose, types or with a banned column is told."""
    assert old in MART
    assert [each for _, each in told(tmp_path, MART.replace(old, new, 1))] == [code]


@pytest.mark.parametrize(
    ("code", "old", "new", "words"),
    [
        ("unknown-source", '"*": []', '"*": [[rumour]]', "rumour"),
        ("ranked-but-silent", '"*": []', '"*": [[venue]]', "venue"),
        ("ranked-but-silent", "      name: []", "      name: [[venue]]", "venue"),
        ("unknown-unit", "      name: []", "      nickname: []", "nickname"),
        ("unknown-column", "cabin.title, value: name", "cabin.title, value: nickname", "nickname"),
        ("missing-property", "          - {property: cabin.freshness_days, value: 180}\n", "", "- name: present"),
        ("missing-property", "      - name: present\n        id: hostel.present\n", "      - name: there\n        id: hostel.there\n", "- name: hostel"),
        ("missing-purpose", "          - {property: cabin.purpose, value: statistics}\n", "", "- name: present"),
        ("missing-legal-basis", "          - {property: cabin.legal_basis, value: no_personal_information}\n", "", "- name: present"),
        ("banned-column", "- name: tenure\n", "- name: ethnicity\n", "- name: ethnicity"),
        ("unknown-code-list", "value: tenure}", "value: gender}", "value: gender"),
        ("unknown-property", "cabin.code_list", "cabin.codes", "cabin.codes"),
        ("unknown-value", "logicalType: boolean", "logicalType: truth", "truth"),
    ],
)
def test_mistakes_in_a_kind(tmp_path, code, old, new, words):
    """A kind whose priorities, title, freshness or fields are wrong is told once, at the line."""
    assert old in KIND
    text = KIND.replace(old, new, 1)
    assert told(tmp_path, text) == [(line_of(text, words), code)]


def test_a_source_of_a_group_delivers_a_member(tmp_path):
    """One member of a group is enough to be ranked for it; ranked for what it does not deliver, the same feed is told."""
    hostel = "  - name: hostel\n    physicalName: cabin.claims\n    customProperties:\n      - {property: cabin.entity, value: room}\n    properties:\n"
    feed = f"{SAMPLE}{hostel}      - {{name: name, transformLogic: room}}\n"
    (tmp_path / "feed.yaml").write_text(feed, encoding="utf-8")
    ranked = _in_group(_in_group(KIND, "name"), "tenure").replace("      name: []", "      both: [[hostel_guest]]")
    (tmp_path / "kind.yaml").write_text(ranked, encoding="utf-8")
    assert [problem.code for problem in check([tmp_path])] == []
    (tmp_path / "kind.yaml").write_text(KIND.replace("      name: []", "      tenure: [[hostel_guest]]"), encoding="utf-8")
    assert [problem.code for problem in check([tmp_path])] == ["ranked-but-silent"]


def _in_group(kind: str, attribute: str) -> str:
    """The kind with one more attribute in the group `both`."""
    head, tail = kind.split(f"        id: hostel.{attribute}\n")
    return f"{head}        id: hostel.{attribute}\n" + tail.replace(
        "        customProperties:\n", "        customProperties:\n          - {property: cabin.group, value: both}\n", 1
    )


def test_what_cannot_be_read_is_told(tmp_path):
    """A file in another encoding is a problem of that file; a file that is not there is refused as such."""
    (tmp_path / "gbk.yaml").write_bytes("name: 宿舍\n".encode("gb18030"))
    assert [(problem.line, problem.code) for problem in check([tmp_path / "gbk.yaml"])] == [(1, "invalid-yaml")]
    with pytest.raises(InvalidContract, match=r"none\.yaml"):
        check([tmp_path / "none.yaml"])


@pytest.mark.parametrize(("text", "says"), [("code,zh\n1,一\n", "no column"), ("code,zh,en\n1,一,one\n1,二,two\n", "1 occurs 2 times")])
def test_mistakes_in_a_code_list(tmp_path, text, says):
    """A code list without its columns, or with a code twice, is told."""
    (tmp_path / "odd.csv").write_text(text, encoding="utf-8")
    found = check([tmp_path])
    assert [(Path(problem.file).name, problem.code) for problem in found] == [("odd.csv", "invalid-code-list")]
    assert says in found[0].fact.en


def test_every_mistake_is_tried():
    """Each code of the catalogue occurs in these tests, and speaks both languages."""
    tried = "".join(file.read_text(encoding="utf-8") for file in Path(__file__).parent.glob("test_check*.py"))
    assert [code for code in CATALOGUE if f'"{code}"' not in tried] == []
    for told_ in CATALOGUE.values():
        assert all(text.strip() for label in told_ for text in (label.zh, label.en))


def test_what_is_shipped_passes():
    """The contracts of the release have no problem."""
    assert [f"{problem.file}:{problem.line} {problem.code} {problem.fact.en}" for problem in check()] == []
