"""Quarantined rows as they lie on the log, and what reasons, flags and checks mean in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from cabin.ledger import counts
from cabin.session import Session
from contracts.ipc import Unreadable, read_table
from contracts.model import Contracts, Feed
from contracts.near import near
from contracts.ports import Log
from contracts.quarantined import QUARANTINED
from contracts.reasons import check_label, known_reasons, meaning, versions
from contracts.topics import QUARANTINE
from quality.desk import ask
from quality.desk.errors import UnknownReason
from quality.desk.index import opened
from streams.landing import feed_named


def stored_row(log: Log, line: Mapping[str, Any]) -> dict[str, Any] | None:
    """The quarantined row behind a line of the desk's index, with its plain cells as JSON; None where the log does not hold it any more."""
    stored = log.read(QUARANTINE, line["part"], line["place"], limit_bytes=1)
    try:
        table = read_table(stored[0].message.value) if stored else None
    except Unreadable:
        return None
    rows = table.to_pylist() if table is not None and table.schema.equals(QUARANTINED) else []
    return next((row for row in rows if (row["delivery"], row["row"]) == (line["delivery"], line["row"])), None)


def checked_feed(session: Session, feed: str | None) -> None:
    """Raises: `UnknownFeed` for a name of which there is neither a contract nor anything in quarantine: a feed whose contract is gone may have rows."""
    if feed is not None and feed not in session.contracts.feeds and all(feed != each.feed for each in counts(session.log)):
        feed_named(session.contracts, feed)


def checked_reason(session: Session, reason: str | None) -> None:
    """Raises: `UnknownReason` for one that no rule gives and that the desk never met: a rule that is gone may have set rows aside."""
    known = known_reasons(session.contracts)
    if reason is None or reason in known:
        return
    with opened(session.data / "desk", session.log) as con:
        known |= ask.reasons(con)
    if reason not in known:
        raise UnknownReason(reason=reason, near=near(reason, sorted(known)))


def in_words(contracts: Contracts, row: Mapping[str, Any], lang: str) -> str:
    """Why a row was set aside: the rule's words and, of an identity number, what is wrong with it (the line's `verdict`)."""
    said, check = meaning(contracts, row["source"], row["reason"], lang), row["verdict"]
    return f"{said}{'：' if lang == 'zh' else ': '}{check_label(contracts, check, lang)}" if check else said


def facet_in_words(contracts: Contracts, facet: str, value: str | None, lang: str) -> str | None:
    """What a feed is called and what a reason says; null of other facets, whose values are words or the department's own. A rule's name means the same in every feed."""
    if facet == "feed" and value in contracts.feeds:
        return contracts.feeds[str(value)].label.get(lang)
    if facet == "reason" and value:
        return next((said for feed in contracts.feeds if (said := meaning(contracts, feed, value, lang)) != value), None)
    return None


@dataclass(frozen=True, slots=True)
class Shown:
    """One column of the contract beside a row: what it should hold, its cell where that is plain, and its cell's shape."""

    column: str
    header: str
    type: str
    rule: str
    cell: str | None
    shape: str | None


def beside(contracts: Contracts, row: Mapping[str, Any], shapes: Mapping[str, str], lang: str) -> list[Shown]:
    """The contract's columns in its order with a quarantined row's plain cells (what the check said of an identifier) and the shapes of all its cells."""
    known = versions(contracts, row["source"])
    cells = orjson.loads(row["cells"]) if row["cells"] else {}
    if not known:
        return [Shown(name, "", "", "", cell, None) for name, cell in cells.items()]
    columns = {column.name: column for feed in known for column in feed.columns}
    found = []
    for column in columns.values():
        check = cells.get(f"{column.name}_check") if column.identifier else None
        label = check_label(contracts, check, lang) if check and column.identifier == "subject" else check
        kind = f"{column.type} ({column.code_list})" if column.code_list else column.type
        cell = label if column.identifier else cells.get(column.name)
        found.append(Shown(column.name, column.header, kind, _rules(known[-1], column.name, lang), cell, shapes.get(column.name)))
    return found


def _rules(feed: Feed, column: str, lang: str) -> str:
    """What may be wrong with a column, in words."""
    return ("；" if lang == "zh" else "; ").join(rule.label.get(lang) for rule in feed.rules if rule.column == column)
