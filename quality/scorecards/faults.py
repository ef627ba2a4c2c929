"""What was wrong with the rows of a department's feeds, and how many there were, month by month. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from contracts.model import Feed
from quality.scorecards.card import Example, Fault, Month

Look = tuple[str | None, str | None, bool]
Looks = Callable[[Sequence[str]], Mapping[str, Look]]
"""What cells at fault look like, what the check of an identity number says, and whether the row still waits, by `delivery/row`: only the desk knows it."""
COUNTED = ("deliveries", "delivered", "refused", "reduced", "layout", "landed", "wrong_totals")
NO_TIME = "dated-by-delivery"
EXAMPLES = 3
"""So many rows are shown of each fault and of each difference; the mart has as many of each fault."""
UNKNOWN: Look = (None, None, True)


def wrong(rows: list[dict[str, Any]], feeds: Sequence[Feed]) -> list[dict[str, Any]]:
    """Without rows that are dated by their delivery where the feed's layout has no time of its own: nothing is wrong with them."""
    dated = {feed.name for feed in feeds if feed.observed_at}
    return [row for row in rows if row["rule"] != NO_TIME or row["feed"] in dated]


def months_told(channel: list[dict[str, Any]], faults: Sequence[Fault], months: Sequence[date]) -> tuple[Month, ...]:
    """All feeds of the department together."""
    counts = {month: dict.fromkeys((*COUNTED, "quarantined", "marked"), 0) for month in months}
    for row in channel:
        for name in COUNTED:
            counts[row["month"]][name] += row[name]
    for fault in faults:
        for month, (quarantined, marked) in zip(months, fault.parts, strict=True):
            counts[month]["quarantined"] += quarantined
            counts[month]["marked"] += marked
    return tuple(Month(month, **told) for month, told in counts.items())


def faults_told(rows: list[dict[str, Any]], channel: list[dict[str, Any]], months: Sequence[date], looks: Looks) -> list[Fault]:
    """Most rows set aside first, then most marked."""
    by: dict[tuple[str, str, str], dict[date, dict[str, Any]]] = {}
    for row in rows:
        by.setdefault((row["feed"], row["field"], row["rule"]), {})[row["month"]] = row
    shown = {key: told[months[-1]] for key, told in by.items() if months[-1] in told}
    known = looks([origin for told in shown.values() for origin in told["examples"]])
    delivered = {(row["feed"], row["month"]): row["delivered"] for row in channel}
    found = []
    for key, told in by.items():
        now = shown.get(key, {"messages": 0, "examples": [], "marked_examples": []})
        parts = tuple((told[month]["quarantined"], told[month]["marked"]) if month in told else (0, 0) for month in months)
        looked = ((origin, known.get(origin, UNKNOWN)) for origin in now["examples"])
        waiting = tuple(Example(origin, shape, verdict) for origin, (shape, verdict, waits) in looked if waits)
        marked = tuple(Example(origin, None, None) for origin in now["marked_examples"])
        examples = (*waiting, *marked)[:EXAMPLES]
        found.append(Fault(*key, now["messages"], parts, tuple(delivered.get((key[0], month), 0) for month in months), examples))
    return sorted(found, key=lambda each: (-each.quarantined, -each.marked, each.feed, each.field, each.rule))
