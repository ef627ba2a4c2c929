"""The scorecards of a site: of every department for the newest whole month with deliveries, as `cabin quality scorecard` tells it."""

from __future__ import annotations

from cabin.scored import Span, all_cards, file_name, free_name
from cabin.session import Session
from cabin.site.given import Card
from contracts.site.place import LANGUAGES
from quality.errors import SnapshotOlder
from quality.scorecards import pages
from quality.scorecards.words import month_text


def cards(session: Session) -> tuple[Card, ...]:
    """In name order of departments; none where the published snapshot is of a release that had no scorecards. Raises: `NoSnapshot`."""
    try:
        listed = all_cards(session, Span())
    except SnapshotOlder:
        return ()
    found: dict[str, Card] = {}
    for name, card in listed:
        month = month_text(card.month.month)
        page = free_name(found, f"{file_name(name)}_{month}")
        found[page] = Card(page, card.department, month, {lang: pages.page(card, session.contracts, lang, pages.WIDTH) for lang in LANGUAGES})
    return tuple(found.values())
