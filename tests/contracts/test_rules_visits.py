"""Household visits and what feeds share: ids, outcomes, what a visit may change, the findings an officer was shown."""

from __future__ import annotations

import pyarrow as pa
import pytest

from contracts import load
from tests.contracts.rules_kit import Asker

DWELLING = "330302006071/解放街/12/3/2/501"
MAY_NOT = [
    ("person", "name"),
    ("person", "sex"),
    ("person", "birth_year"),
    ("business", "name"),
    ("business", "status"),
    ("venue", "licence_no"),
    ("residency", "registered_here"),
    ("place", "name"),
]
MAY = [
    ("dwelling", "use"),
    ("dwelling", "tenure"),
    ("dwelling", "present"),
    ("residency", "residence_status"),
    ("person", "phone"),
    ("business", "present"),
    ("venue", "open_status"),
    ("thing", "status"),
]


def test_a_visit_changes_only_what_it_may(rules: Asker) -> None:
    """Names, sex, birth, licences and registered residence become requests to their department; dwellings, stays and the speaker's phone may change."""
    assert rules.ask("visit_may(x, y)", MAY + MAY_NOT) == [True] * len(MAY) + [False] * len(MAY_NOT)
    assert rules.ask("visit_may(x, y)", [(None, "use"), ("dwelling", None)]) == [False, False]


def test_rules_and_kinds_say_the_same(rules: Asker) -> None:
    """What a visit may change is what the kinds mark so, and it may ask about all else, but of events, places and industries, which its layout cannot name."""
    marks = {(kind.name, attribute.name): attribute.visit for kind in load().kinds.values() for attribute in kind.attributes}
    assert dict(zip(marks, rules.ask("visit_may(x, y)", list(marks)), strict=True)) == marks
    asked = {(kind, name): not marked and kind not in {"event", "place", "industry"} for (kind, name), marked in marks.items()}
    assert dict(zip(asked, rules.ask("visit_asks(x, y)", list(asked)), strict=True)) == asked
    assert rules.ask("visit_asks(x, y)", [(None, "name"), ("person", None), ("person", "nmae")]) == [False] * 3


def test_what_is_asked_reads_like_what_is_claimed(rules: Asker) -> None:
    """Sex in one code, a birth date as its year, days, flags and keys in one form, names clean: so that a request meets equal claims."""
    asked = [("sex", "女"), ("birth_year", "1970年1月1日"), ("deregistered_on", "2026/1/2"), ("registered_here", "否"), ("name", "　王建君 ")]
    assert rules.ask("visit_asked(x, y, visit_key(x, y))", asked) == ["2", "1970", "2026-01-02", "false", "王建君"]
    assert rules.ask("visit_asked(x, y, visit_key(x, y))", [("status", "3"), ("name", None)]) == ["3", None]


@pytest.mark.parametrize(
    ("kind", "number", "entity"),
    [
        ("dwelling", None, DWELLING),
        ("residency", "p1", f"p1@{DWELLING}"),
        ("person", "p1", "p1"),
        ("business", "91110000600037341l", "91110000600037341L"),
        ("venue", "jy1", "JY1"),
        ("thing", "公共高清:0017", "public:17"),
        ("thing", "unit:0A", "unit:A"),
    ],
)
def test_entities_of_visits(rules: Asker, kind: str, number: str | None, entity: str) -> None:
    """A visit names things as the kinds do, so that claim and finding meet."""
    assert rules.ask(f"visit_entity(x, y, '{DWELLING}')", [(kind, number)]) == [entity]


def test_values_are_normalised_as_the_attribute_is(rules: Asker) -> None:
    """Codes without zeros, flags, days, addresses; a value that is none of the list is null."""
    pairs = [
        ("use", "01"),
        ("use", "1"),
        ("use", "7"),
        ("tenure", "2"),
        ("present", "不在"),
        ("from_on", "2026年1月2日"),
        ("open_hazards", "2"),
        ("people_band", "3-5"),
        ("people_band", "好几个"),
        ("occupancy", "vacant"),
    ]
    assert rules.ask("visit_value(x, y, visit_key(x, y))", pairs) == ["1", "1", None, "2", "false", "2026-01-02", "2", "3-5", None, "vacant"]


def test_seen_findings_become_ids(rules: Asker) -> None:
    """`visit#counter` of the same object and field, whole ids as they are, nothing for nothing."""
    whole = f"Z1:{DWELLING}:use#0"
    assert rules.ask(f"visit_seen(x, '{DWELLING}', 'use')", ["Z1#0;Z2#1", whole, None]) == [[whole, f"Z2:{DWELLING}:use#1"], [whole], []]


def test_a_judgement_names_one_version(rules: Asker) -> None:
    """A bare counter means the row's own visit, `visit#counter` another one, a whole id itself; without any the first version of the own visit."""
    whole = f"Z1:{DWELLING}:use"
    given = [None, "1", "Z1#0", f"{whole}#2"]
    assert rules.ask(f"visit_base(x, 'Z9', '{DWELLING}', 'use')", given) == [f"Z9:{DWELLING}:use", f"Z9:{DWELLING}:use", whole, whole]
    assert rules.ask("visit_counter(x)", given) == [0, 1, 0, 2]


def test_words_of_the_officer(rules: Asker) -> None:
    """Outcomes, endings and reasons have one meaning each; other words none."""
    assert rules.ask("visit_outcome(x)", ["属实", "更正", "无法核实", "拒绝", "也许"]) == ["confirmed", "corrected", "not_observable", "declined", None]
    assert rules.ask("visit_close(x)", ["完成", "无人", "拒访", "未找到", "不存在", "改天"]) == [
        "done",
        "nobody_home",
        "declined",
        "not_found",
        "no_longer_exists",
        None,
    ]
    reasons = ["coverage", "expected_gain", "freshness", "task", "care_visit", "王小明患病", "occupancy", None]
    assert rules.ask("visit_reason(x)", reasons) == ["coverage", "expected_gain", "freshness", "task", "care_visit", None, None, None]
    assert rules.ask("visit_kind(x)", [None, "人", "设备", "车"]) == ["dwelling", "person", "thing", None]


def test_bands_parents_and_venues(rules: Asker) -> None:
    """People in bands, the division above, a venue by its licence or else by name and address."""
    assert rules.ask("people_band(x)", [0, 1, 2, 3, 5, 6, 40, None], [pa.int64()]) == ["0", "1", "2", "3-5", "3-5", "6+", "6+", None]
    assert rules.ask("division_parent(x)", ["330302006071", "330302006", "330302", "3303", "33"]) == ["330302006", "330302", "3303", "33", None]
    assert rules.ask("venue_id(x, y, z)", [("jy1", "面馆", "k"), (None, "面馆", "k"), (None, None, "k")]) == ["JY1", "面馆@k", None]
