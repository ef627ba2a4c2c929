"""Statements are made once, and never taken for those of other contracts."""

from __future__ import annotations

from dataclasses import replace

from contracts.normalising import normalising_sql
from contracts.read import load
from streams.normalise.remembered import Carried, statements_of

CONTRACTS = load()
FEED = CONTRACTS.feeds["venue"]


def test_statements_are_those_of_the_contract() -> None:
    """For each form, with aliases and without, they are what the contract is compiled to."""
    for form in ("rows", "minors", "presence"):
        for aliased in (False, True):
            assert statements_of(Carried(FEED, CONTRACTS), form, aliased) == normalising_sql(FEED, CONTRACTS, form, aliased)


def test_the_same_contract_is_compiled_once() -> None:
    """Asked for again, the statements are the same object."""
    assert statements_of(Carried(FEED, CONTRACTS), "rows", False) is statements_of(Carried(FEED, CONTRACTS), "rows", False)


def test_other_contracts_have_their_own() -> None:
    """A feed of the same name and version in other contracts, or changed, has the statements of what it says there."""
    bare = replace(FEED, rules=())
    others = replace(CONTRACTS, feeds={**CONTRACTS.feeds, FEED.name: bare})
    known = statements_of(Carried(FEED, CONTRACTS), "rows", False)
    assert statements_of(Carried(bare, others), "rows", False) == normalising_sql(bare, others) != known
    assert Carried(FEED, CONTRACTS) != Carried(FEED, others) != Carried(bare, others)
