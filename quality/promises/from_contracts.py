"""The suites that the contracts give: pure, one per feed, kind and mart, in name order."""

from __future__ import annotations

import re

from contracts.checks import ROWS_HOLD
from contracts.conditions import spelled_out
from contracts.model import Allowance, Classification, Column, Contracts, Feed, Kind, Label, Mart, Rule, Severity
from contracts.promised import Promised, of_kind, of_mart
from quality.promises.checks import Check, Suite

WORD = re.compile(r"\w+")


def suites(contracts: Contracts) -> tuple[Suite, ...]:
    """Feeds, then kinds, then marts."""
    found = [feed_suite(feed) for _, feed in sorted(contracts.feeds.items())]
    found += [kind_suite(kind, contracts) for _, kind in sorted(contracts.kinds.items())]
    return (*found, *(mart_suite(mart, contracts) for _, mart in sorted(contracts.marts.items())))


def feed_suite(feed: Feed) -> Suite:
    """Over landed rows: what must be filled is, identity numbers were sound, the feed's own rules hold. A failing row is told by delivery and number."""
    sealed = frozenset(column.name for column in feed.columns if column.sealed)
    made = [_filled(column) for column in feed.columns if column.required]
    made += [_identity(column) for column in feed.columns if column.identifier == "subject"]
    made += [_rule(rule, sealed) for rule in feed.rules]
    return Suite("feeds", feed.name, feed.version_text, "raw", ("delivery", "row"), tuple(made))


def kind_suite(kind: Kind, contracts: Contracts) -> Suite:
    """Over the kind's current table, which shows golden values as marts do."""
    return Suite("entities", kind.name, kind.version_text, f"{kind.name}_current", ("entity",), _checks(of_kind(kind, contracts), contracts))


def mart_suite(mart: Mart, contracts: Contracts) -> Suite:
    """Over the mart: its columns and types, its grain, numbers with bounds, and what its contract asks for."""
    key = tuple(column.name for column in mart.columns if column.key and column.classification is not Classification.PERSONAL)
    return Suite("marts", mart.name, mart.version_text, mart.name, key, _checks(of_mart(mart), contracts))


def _checks(promised: Promised, contracts: Contracts) -> tuple[Check, ...]:
    return tuple(
        Check(each.name, each.check, spelled_out(each.arguments, contracts.code_lists), each.severity, each.label, each.limit) for each in promised.all
    )


def _filled(column: Column) -> Check:
    label = Label(f"{column.header}已填写", f"{column.name} is filled")
    return Check(f"{column.name}-filled", "expect_column_values_to_not_be_null", {"column": column.name}, Severity.WARNING, label, reads_sealed=column.sealed)


def _identity(column: Column) -> Check:
    """After landing there is no number any more; what the check said of it lies beside the token."""
    label = Label(f"{column.header}校验通过", f"what the check said of {column.name} is sound")
    return Check(f"{column.name}-identity", "expect_identity_verdicts_to_be_sound", {"column": f"{column.name}_check"}, Severity.WARNING, label)


def _rule(rule: Rule, sealed: frozenset[str]) -> Check:
    """The condition as it is judged on every batch; landed rows hold no sealed cell, so that one that reads some is not judged on them."""
    name = f"{rule.column}-{rule.reason}" if rule.column else rule.reason
    return Check(
        name, ROWS_HOLD, {"condition": rule.holds}, rule.severity, rule.label, _allowed(rule), reads_sealed=not sealed.isdisjoint(WORD.findall(rule.holds))
    )


def _allowed(rule: Rule) -> Allowance:
    """What a message may break of the rule before it is held; nothing where the contract has no limit."""
    return Allowance() if rule.limit is None else Allowance(share=round(rule.limit.percent / 100, 8))
