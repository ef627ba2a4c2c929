"""What a department is asked to change at the source. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from contracts.model import Contracts, Label
from contracts.reasons import advice, advice_on_values
from quality.scorecards.card import Scorecard
from quality.scorecards.words import attribute_label, columns_of, feed_label, field_label

LATE_SHARE = 0.1
"""From this share of late values on a card asks for faster deliveries."""
STALE_SHARE = 0.5
"""Below this share of fresh values a card asks for values to be checked again."""
EVENT = "event"
"""What happened does not grow old: nobody is asked to check it again."""
CHANGES = 12
"""So many things to change are asked for: a longer letter is read by nobody."""
NAMED = 3
"""So many fields are named beside one thing to change."""
Asked = tuple[int, Label, Label]
"""How many rows or values it concerns, where, and what to do."""


def changes(card: Scorecard, contracts: Contracts, lang: str) -> tuple[str, ...]:
    """Each thing once with the fields it is about, what concerns most rows first."""
    rows: dict[str, int] = {}
    where: dict[str, list[str]] = {}
    for count, field, what in (*_faults(card, contracts), *_values(card, contracts)):
        told = what.get(lang)
        rows[told] = rows.get(told, 0) + count
        where.setdefault(told, []).append(field.get(lang))
    ordered = sorted(rows, key=lambda told: -rows[told])
    return tuple(f"{_fields(where[told], lang)}{Label('：', ': ').get(lang)}{told}" for told in ordered[:CHANGES])


def _faults(card: Scorecard, contracts: Contracts) -> Iterator[Asked]:
    for each in card.faults:
        column = next(iter(columns_of(each, contracts)), None)
        yield each.trend[-1], field_label(each, contracts), advice(contracts, each.feed, each.rule, column)


def _values(card: Scorecard, contracts: Contracts) -> Iterator[Asked]:
    for field in card.fields:
        label = attribute_label(field, contracts)
        for told in field.differences:
            yield told.count, label, advice_on_values(told.why)
        if field.claims and field.late / field.claims >= LATE_SHARE:
            yield 1, feed_label(card, field.feed), advice_on_values("late")
        if field.kind != EVENT and field.fresh is not None and field.fresh < STALE_SHARE:
            yield 1, label, advice_on_values("stale")


def _fields(listed: list[str], lang: str) -> str:
    """Each once, the first few by name."""
    once = list(dict.fromkeys(listed))
    more = Label(f"等 {len(once)} 项", f" and {len(once) - NAMED} more").get(lang) if len(once) > NAMED else ""
    return Label("、", ", ").get(lang).join(once[:NAMED]) + more
