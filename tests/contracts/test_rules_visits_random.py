"""Household visits and what feeds share, on random input against the oracle."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts import load
from tests.contracts import oracle, oracle_visits
from tests.contracts.rules_kit import Asker

CONTRACTS = load()
LISTS = {each.name: each.code_list for kind in CONTRACTS.kinds.values() for each in kind.attributes if each.visit and each.code_list}
"""The code list of every attribute a visit may change."""
WORDS = st.sampled_from([*oracle_visits.KINDS, *oracle_visits.OUTCOMES, *oracle_visits.ENDS, "也许", "车"])
NUMBERS = st.from_regex("(公共高清|内部单位|社会|农村小探头|unit|Public)?:?0{0,3}[0-9a-zA-Z]{0,6}", fullmatch=True)
DWELLINGS = st.sampled_from(["330302006071/解放街/12/3/2/501", "330302006071/锦绣花苑/-/3/2"])
IDS = st.lists(st.builds("Z{}#{}".format, st.integers(0, 99), st.integers(0, 9)), min_size=1, max_size=4).map(";".join)
WHOLE = st.lists(st.builds("Z{}:e:use#{}".format, st.integers(0, 99), st.integers(0, 9)), min_size=1, max_size=3).map(";".join)


@given(st.lists(st.none() | WORDS, min_size=20, max_size=40))
@settings(max_examples=20)
def test_words_agree_with_the_oracle(rules: Asker, words: list[str | None]) -> None:
    """Kinds, outcomes and endings: one meaning each, none for other words."""
    assert rules.ask("visit_kind(x)", words) == [oracle_visits.kind(word) for word in words]
    assert rules.ask("visit_outcome(x)", words) == [oracle_visits.OUTCOMES.get(word or "") for word in words]
    assert rules.ask("visit_close(x)", words) == [oracle_visits.ENDS.get(word or "") for word in words]


@given(st.lists(st.tuples(st.sampled_from([*oracle_visits.KINDS.values()]), NUMBERS, DWELLINGS), min_size=20, max_size=40))
@settings(max_examples=20)
def test_entities_agree_with_the_oracle(rules: Asker, given_: list[tuple[str, str, str]]) -> None:
    """What a visit names is named as its kind's feeds name it."""
    assert rules.ask("visit_entity(x, y, z)", given_) == [oracle_visits.entity(*each) for each in given_]


def test_what_a_visit_may_change_agrees_with_the_kinds(rules: Asker) -> None:
    """Every kind with every attribute name of any kind: only the marked attributes of that kind may change."""
    marks = {(kind.name, each.name): each.visit for kind in CONTRACTS.kinds.values() for each in kind.attributes}
    pairs = [(kind, name) for kind in CONTRACTS.kinds for name in sorted({name for _, name in marks})]
    assert rules.ask("visit_may(x, y)", pairs) == [marks.get(pair, False) for pair in pairs]


@st.composite
def coded(draw: st.DrawFn) -> tuple[str, str]:
    """A field with a code of its list, at times with zeros in front, or with something else."""
    field = draw(st.sampled_from(sorted(LISTS)))
    code = draw(st.sampled_from([*CONTRACTS.code_lists[LISTS[field]].labels, *"0123456789", "3-5", "A", "好几个", ""]))
    return field, draw(st.sampled_from(["", "0", "00"])) + code


@given(st.lists(coded(), min_size=20, max_size=60))
@settings(max_examples=30)
def test_codes_found_agree_with_the_oracle(rules: Asker, pairs: list[tuple[str, str]]) -> None:
    """A code counts if its attribute's list has it, whatever its zeros."""
    assert rules.ask("visit_value(x, y, visit_key(x, y))", pairs) == [
        oracle_visits.code(text, [*CONTRACTS.code_lists[LISTS[field]].labels]) for field, text in pairs
    ]


FLAG_WORDS = st.sampled_from(sorted(set.union(*oracle_visits.FLAGS.values()))) | st.text("是否有无在01真假", max_size=3)
DAYS = st.from_regex("(19|20)[0-9]{2}[-/年.][0-9]{1,2}[-/月.][0-9]{1,2}日?", fullmatch=True) | st.text("0123456789-", max_size=10)
COUNTS = st.from_regex("约?[0-9]{1,3}(\\.[05])?(人|个)?", fullmatch=True)


@given(st.lists(FLAG_WORDS, max_size=30), st.lists(DAYS, max_size=30), st.lists(COUNTS, max_size=30))
@settings(max_examples=20)
def test_other_values_found_agree_with_the_oracle(rules: Asker, flags: list[str], days: list[str], counts: list[str]) -> None:
    """Yes and no, days and whole numbers, in one form; tokens of telephones as they are."""
    assert rules.ask("visit_value('present', x, visit_key('present', x))", flags) == [oracle_visits.flag(text) for text in flags]
    read = [oracle.date_of(text) for text in days]
    assert rules.ask("visit_value('from_on', x, visit_key('from_on', x))", days) == [day.isoformat() if day else None for day in read]
    assert rules.ask("visit_value('open_hazards', x, visit_key('open_hazards', x))", counts) == [oracle_visits.whole(text) for text in counts]
    assert rules.ask("visit_value('phone', x, visit_key('phone', x))", counts) == counts


@given(st.lists(st.none() | IDS | WHOLE, min_size=10, max_size=30), DWELLINGS)
@settings(max_examples=20)
def test_findings_shown_agree_with_the_oracle(rules: Asker, texts: list[str | None], dwelling: str) -> None:
    """Every `visit#counter` becomes the id of a finding about the same object and field."""
    assert rules.ask(f"visit_seen(x, '{dwelling}', 'use')", texts) == [oracle_visits.seen(text, dwelling, "use") for text in texts]


WORD = st.none() | st.text("aBc12面馆", min_size=1, max_size=5)


@given(st.lists(st.integers(-3, 60), max_size=30), st.lists(st.tuples(WORD, WORD, WORD), max_size=30))
@settings(max_examples=20)
def test_bands_and_venues_agree_with_the_oracle(rules: Asker, counts: list[int], venues: list[tuple[str | None, str | None, str | None]]) -> None:
    """People in bands; a venue by its licence, else by name and address."""
    assert rules.ask("people_band(x)", counts, [pa.int64()]) == [oracle_visits.people_band(count) for count in counts]
    assert rules.ask("venue_id(x, y, z)", venues) == [oracle_visits.venue_id(*each) for each in venues]
