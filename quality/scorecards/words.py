"""How a scorecard calls things: feeds, fields, attributes, reasons. Pure."""

from __future__ import annotations

from datetime import date

from contracts.model import Contracts, Label
from contracts.reasons import versions
from quality.scorecards.card import Fault, Field, Scorecard

WHOLE = "*"
COLUMNS = Label("各列", "All columns")
WHY = {
    "refuted_by_visit": Label("走访核实不同", "a visit found otherwise"),
    "newer_than_visit": Label("走访之后另有更新", "newer than the visit"),
    "outranked": Label("主管来源不同", "the responsible source differs"),
    "after_deregistration": Label("已注销", "deregistered"),
    "second_residence": Label("主要居所在别处", "mainly lives elsewhere"),
    "not_claimed": Label("未报送", "not sent"),
    "visit_requests": Label("走访请求更正", "a visit asks for a correction"),
}
"""The reasons of the mart `discrepancy`."""


def month_text(month: date) -> str:
    return f"{month:%Y-%m}"


def feed_label(card: Scorecard, name: str) -> Label:
    return next(feed.label for feed in card.feeds if feed.name == name)


def attribute_label(each: Field, contracts: Contracts) -> Label:
    """With its kind before it: a person and a link may both be present."""
    kind = contracts.kinds.get(each.kind)
    return Label(f"{kind.label.zh} · {each.label.zh}", f"{kind.label.en} · {each.label.en}") if kind else each.label


def columns_of(each: Fault, contracts: Contracts) -> list[str]:
    """The columns that a fault is about, by name; of a rule that is counted without its field those that it is said of. None: the row as a whole."""
    if each.field != WHOLE:
        return [each.field]
    about = {rule.column for feed in versions(contracts, each.feed) for rule in feed.rules if rule.reason == each.rule and rule.column}
    return [column.name for column in contracts.feeds[each.feed].columns if column.name in about]


def field_label(each: Fault, contracts: Contracts) -> Label:
    """The department's own headers; of many the first two and how many more."""
    named = {column.name: column.header for column in contracts.feeds[each.feed].columns}
    headers = [named.get(name, name) for name in columns_of(each, contracts)]
    if not headers:
        return COLUMNS
    more = Label(f"等 {len(headers)} 列", f" and {len(headers) - 2} more") if len(headers) > 2 else Label("", "")
    return Label("、".join(headers[:2]) + more.zh, ", ".join(headers[:2]) + more.en)
