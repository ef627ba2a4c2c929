"""The declared topics are those that something can be put into and taken from."""

from __future__ import annotations

from dataclasses import replace

from contracts.model import Classification
from contracts.read import load
from contracts.topics import INBOX, RAW, topics

KNOWN = load()


def test_an_inbox_is_there_exactly_where_landing_can_take_from_it() -> None:
    """Feeds of increments without identifiers and personal cells have one; a feed of full lists has none, nor one that names persons; every feed has its raw topic."""
    names = {topic.name for topic in topics(KNOWN, 2)}
    assert {name for name in names if name.startswith(INBOX)} == {
        f"{INBOX}{feed}" for feed in ("bank_counter", "bulletin", "fire_hazard", "hotline_count", "patrol", "session", "std_address", "task_exchange", "venue")
    }
    assert {name for name in names if name.startswith(RAW)} == {f"{RAW}{feed}" for feed in KNOWN.feeds}


def test_the_contract_alone_decides_about_an_inbox() -> None:
    """The same feed loses its topic with its increments, and with the first cell that is about a person."""
    feed = KNOWN.feeds["fire_hazard"]
    listed = replace(feed, modes=("snapshot", "correction"))
    personal = replace(feed, columns=(*feed.columns[:-1], replace(feed.columns[-1], classification=Classification.PERSONAL)))
    for other in (listed, personal):
        changed = replace(KNOWN, feeds={**KNOWN.feeds, feed.name: other})
        assert f"{INBOX}fire_hazard" not in {topic.name for topic in topics(changed, 2)}
