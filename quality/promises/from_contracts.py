"""The suites that the contracts give: pure, one per feed, kind and mart, in name order."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from contracts.checks import COLUMNS, ROWS_HOLD
from contracts.conditions import spelled_out
from contracts.facts import LINK, SQL_TYPES
from contracts.model import Allowance, Attribute, Classification, Column, Contracts, Feed, Kind, Label, Mart, MartColumn, Promise, Rule, Severity
from quality.promises.checks import Check, Suite

WORD = re.compile(r"\w+")
COUNTED = frozenset({"persons", "rooms", "hazards", "yuan", "m2", "km2"})
"""Units of which there is no number below 0."""
STATUSES = ("verified", "corrected", "agreed", "disputed", "single")


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
    types = {"entity": "VARCHAR", **({name: "VARCHAR" for name, _ in LINK} if kind.name == "residency" else {})}
    made = [_columns({**types, **{each.name: SQL_TYPES[each.type] for each in kind.attributes}}), *_keyed(("entity",))]
    for each in kind.attributes:
        made += _attribute(each, contracts)
    made += [
        _in_set(f"{unit.name}__status", f"{unit.name}-status", STATUSES, Label(f"{unit.members[0].label.zh}的状态", f"status of {unit.name}"))
        for unit in kind.units
    ]
    return Suite("entities", kind.name, kind.version_text, f"{kind.name}_current", ("entity",), (*made, *_asked(kind.quality, contracts)))


def mart_suite(mart: Mart, contracts: Contracts) -> Suite:
    """Over the mart: its columns and types, its grain, numbers with bounds, and what its contract asks for."""
    key = tuple(column.name for column in mart.columns if column.key and column.classification is not Classification.PERSONAL)
    made = [_columns({column.name: column.type for column in mart.columns}), *_keyed(mart.grain), *_bounded(mart.columns)]
    return Suite("marts", mart.name, mart.version_text, mart.name, key, (*made, *_asked(mart.quality, contracts)))


def _columns(types: Mapping[str, str]) -> Check:
    return Check("columns", COLUMNS, {"columns": dict(types)}, Severity.ERROR, Label("列及类型与契约一致", "columns and types are those of the contract"))


def _keyed(key: tuple[str, ...]) -> Iterator[Check]:
    """No part of a key is null, and no key stands twice."""
    for column in key:
        label = Label(f"键列 {column} 不为空", f"the key column {column} is filled")
        yield Check(f"{column}-null", "expect_column_values_to_not_be_null", {"column": column}, Severity.ERROR, label)
    label = Label("键不重复", "no key stands twice")
    if len(key) == 1:
        yield Check("key-twice", "expect_column_values_to_be_unique", {"column": key[0]}, Severity.ERROR, label)
    elif key:
        yield Check("key-twice", "expect_compound_columns_to_be_unique", {"column_list": list(key)}, Severity.ERROR, label)


def _bounded(columns: tuple[MartColumn, ...]) -> Iterator[Check]:
    """A column with a bound beside it is a quantity; one with its ends beside it, too, an interval."""
    names = {column.name for column in columns}
    for column in columns:
        if f"{column.name}_bound" not in names:
            continue
        ends = [f"{column.name}_least", f"{column.name}_most"]
        listed = [column.name, f"{column.name}_bound", *(ends if names.issuperset(ends) else [])]
        label = Label(f"{column.label.zh}与其界一致", f"{column.name} agrees with its bound")
        yield Check(f"{column.name}-bound", "expect_bounded_quantities", {"column_list": listed}, Severity.ERROR, label)


def _attribute(each: Attribute, contracts: Contracts) -> Iterator[Check]:
    """Codes are of their list; what is counted or measured is not below 0."""
    if each.code_list:
        yield _in_set(
            each.name,
            f"{each.name}-code",
            tuple(contracts.code_lists[each.code_list].labels),
            Label(f"{each.label.zh}属于代码表", f"{each.name} is of its code list"),
        )
    if each.unit in COUNTED:
        label = Label(f"{each.label.zh}不小于零", f"{each.name} is not below 0")
        yield Check(f"{each.name}-negative", "expect_column_values_to_be_between", {"column": each.name, "min_value": 0}, Severity.ERROR, label)


def _in_set(column: str, name: str, values: tuple[str, ...], label: Label) -> Check:
    return Check(name, "expect_column_values_to_be_in_set", {"column": column, "value_set": list(values)}, Severity.ERROR, label)


def _asked(promises: tuple[Promise, ...], contracts: Contracts) -> Iterator[Check]:
    """What a contract asks for."""
    for each in promises:
        yield Check(each.name, each.check, spelled_out(each.arguments, contracts.code_lists), each.severity, each.label, each.limit)


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
