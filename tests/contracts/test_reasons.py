"""Reasons in words, and what to change at the source: nothing that can be wrong with a row is left without."""

from __future__ import annotations

import pytest

from contracts.notices import WHYS
from contracts.read import load
from contracts.reasons import BUILT_IN, _advices, advice, advice_on_values, meaning

FALLBACK = "Check against the rule of the contract."


def test_every_reason_has_an_advice_and_none_is_left_over() -> None:
    """The rules of all feeds and the built-in reasons, each once, in both languages; so has every reason for values that differ."""
    known = {rule.reason for feed in load().feeds.values() for rule in feed.rules} | set(BUILT_IN)
    assert set(_advices()["rules"]) == known
    assert set(_advices()["why"]) == set(WHYS)
    told = [advice(load(), "rental", reason) for reason in known] + [advice_on_values(why) for why in (*WHYS, "late", "stale")]
    assert all(each.zh.endswith("。") and each.en.endswith(".") and each.en != FALLBACK for each in told)


def test_a_rule_without_an_advice_is_told_by_its_column() -> None:
    """What the contract says of the column, under the department's own header; where nothing is known of it, one sentence all the same. A held rule is the rule."""
    contracts = load()
    column = contracts.feeds["rental"].columns[0]
    assert advice(contracts, "rental", "new-rule", column.name).zh.startswith(f"{column.header}：")
    assert advice(contracts, "rental", "new-rule").en == advice(contracts, "gone", "new-rule", "gone").en == FALLBACK
    assert advice(contracts, "rental", "held-date-unreadable") == advice(contracts, "rental", "date-unreadable")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_held_message_is_told_by_its_rule(lang: str) -> None:
    """With the words of the rule that too many rows broke."""
    contracts = load()
    rule = contracts.feeds["rental"].rules[0]
    assert rule.label.get(lang) in meaning(contracts, "rental", f"held-{rule.reason}", lang)
