"""Every rule of evolution: what it finds, what it says, what it asks of a version."""

from __future__ import annotations

import string
from dataclasses import replace

import pytest

from contracts.evolution import RULES, Bump, Side, changes, compared, verdicts
from contracts.evolution.compare import given_bump, raised
from contracts.evolution.sides import texts_of
from contracts.model import Contracts
from contracts.read import HOME, load, read_text
from tests.contracts.evolution.cases import BEFORE, CASES, CODES, FEED, KIND, feed, kind

SHIPPED = load()


def pair(code: str) -> tuple[Contracts, Contracts]:
    before = BEFORE.get(code, lambda contracts: contracts)(SHIPPED)
    return before, CASES[code][0](before)


def test_there_is_a_case_of_every_rule() -> None:
    """No rule is without an example, no code stands for two rules, and there are many."""
    codes = [rule.code for rule in RULES]
    assert sorted(codes) == sorted(CASES) and len(codes) == len(set(codes)) >= 100


@pytest.mark.parametrize("code", CASES)
def test_a_change_is_told_by_its_rule(code: str) -> None:
    """One change of the shipped contracts is told by the rule made for it and by no other than those that follow from it; the way back and no change at all are not."""
    before, after = pair(code)
    assert {change.rule.code for change in changes(before, after)} == {code} | CASES[code][1]
    assert changes(before, before) == [] and changes(after, after) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_every_rule_speaks_both_languages(rule) -> None:
    """Fact and meaning in both languages, with the same values; who breaks and the bump agree: nobody breaks below a major bump, and a major one says who or why not."""
    for text in (rule.fact, rule.meaning):
        names = [{name for _, name, _, _ in string.Formatter().parse(each) if name} for each in (text.zh, text.en)]
        assert text.zh.strip() and text.en.strip() and names[0] == names[1] <= {"part", "old", "new"}
    assert not rule.breaks or rule.bump >= Bump.MAJOR
    assert rule.breaks or rule.bump <= Bump.MINOR or "classification-lowered" in rule.code
    assert (rule.direction == "none") is (not rule.breaks)


@pytest.mark.parametrize("code", CASES)
def test_a_version_must_tell_of_the_change(code: str) -> None:
    """A contract whose version stays is found wanting, one bumped as its rule says is not, and one bumped less is; what no version makes right never passes."""
    before, after = pair(code)
    found = [each for each in verdicts(before, after) if each.after and each.before]
    for verdict in found:
        kept = verdict.needed is Bump.NEVER or given_bump(verdict.before, verdict.after) < verdict.needed
        assert verdict.enough is not kept and (verdict.least == "") is (verdict.needed is Bump.NEVER)
        if verdict.least:
            assert given_bump(verdict.before, verdict.least) is verdict.needed
            assert verdict.needed <= Bump.PATCH or given_bump(verdict.before, raised(verdict.before, Bump.PATCH)) < verdict.needed


def test_a_bump_passes_once_the_old_version_is_kept() -> None:
    """A required column and a new major version: enough with the old version kept, and only then; a second change on top needs no further bump."""
    old = SHIPPED.feeds[FEED]
    more = (*old.columns, replace(old.columns[0], name="added", id="rental.added", header="新列"))
    bumped = feed(columns=more, version=2, version_text="2.0.0", delimiter=";")(SHIPPED)
    kept = replace(bumped, older={FEED: (old,)})
    assert [each.enough for each in verdicts(SHIPPED, bumped)] == [False]
    assert [(each.enough, each.needed) for each in verdicts(SHIPPED, kept)] == [(True, Bump.MAJOR)]
    assert [each.enough for each in verdicts(kept, bumped)] == [False]


def test_a_contract_goes_after_it_was_announced() -> None:
    """A contract that said `deprecated` may go; one that did not may not, nor may one go back to a lower version."""
    announced = feed(status="deprecated")(SHIPPED)
    gone = CASES["feed-removed"][0](announced)
    assert [each.enough for each in verdicts(announced, gone)] == [True]
    assert [each.enough for each in verdicts(SHIPPED, CASES["feed-removed"][0](SHIPPED))] == [False]
    back = feed(version_text="0.9.0", encoding="gb18030")(SHIPPED)
    assert [each.enough for each in verdicts(SHIPPED, back)] == [False]


def test_who_uses_a_code_list_has_to_tell_of_its_changes() -> None:
    """A removed code asks a major bump of the kind that names the list; the list itself has no version."""
    changed = CASES["code-removed"][0](SHIPPED)
    (verdict,) = verdicts(SHIPPED, changed)
    assert (verdict.flavour, verdict.name, verdict.needed, verdict.enough) == ("kind", KIND, Bump.MAJOR, False)
    assert all(CODES in change.fact.en for change in verdict.changes)
    bumped = kind(version_text="2.0.0")(changed)
    assert [each.enough for each in verdicts(SHIPPED, bumped)] == [True]


def test_files_of_a_folder_are_the_contracts_that_lie_in_it() -> None:
    """Read as texts, the shipped folder gives the shipped contracts, each with the line of its version; some files of it are compared as far as they go."""
    names = [path for path in HOME.rglob("*") if path.suffix in {".yaml", ".csv", ".sql"}]
    texts, whole = texts_of({str(path.relative_to(HOME)): read_text(path) for path in names})
    shipped = Side.of(texts, whole)
    assert whole and shipped.contracts == SHIPPED
    place = shipped.place("feed", FEED)
    assert read_text(HOME / place.file).splitlines()[place.line - 1].startswith("version:")
    text = read_text(HOME / "feeds" / f"{FEED}.yaml").replace("cabin.encoding, value: utf-8", "cabin.encoding, value: gb18030")
    some = Side.of(*texts_of({f"{FEED}.yaml": text}))
    assert [(each.name, [change.rule.code for change in each.changes]) for each in compared(shipped, some)] == [(FEED, ["encoding-changed"])]
