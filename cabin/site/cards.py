"""The scorecards of a site: of every department its newest whole month with deliveries, as `cabin quality scorecard` tells it."""

from __future__ import annotations

import duckdb

from cabin.scored import Span, card_of, file_name
from cabin.session import Session
from cabin.site.given import Card
from contracts.site.place import LANGUAGES
from quality.scorecards import lines, pages
from quality.scorecards.facts import departments


def cards(session: Session) -> tuple[Card, ...]:
    """In name order of departments; none where the published snapshot is of a release that had no scorecards. Raises: `NoSnapshot`."""
    try:
        return tuple(_cards(session))
    except duckdb.CatalogException:
        return ()


def _cards(session: Session) -> list[Card]:
    made = []
    for name, feeds in departments(session.contracts).items():
        card = card_of(session, feeds, Span())
        month = lines.month_text(card.month.month)
        made.append(Card(f"{file_name(name)}_{month}", card.department, month, {lang: pages.page(card, session.contracts, lang) for lang in LANGUAGES}))
    return made
