"""Statements made once for the steps of a run: to put together their text takes a twentieth of a step over few rows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from contracts.model import Contracts, Feed
from contracts.normalising import Form, NormalisingSql, normalising_sql

STATEMENTS = 128
"""More than the feeds, their older versions and the forms of messages of one release."""


@dataclass(frozen=True, slots=True, eq=False)
class Carried:
    """A version of a feed among the contracts of a release; the same as another where both are the very same objects, since to compare what they hold takes longer."""

    feed: Feed
    contracts: Contracts

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Carried) and self.feed is other.feed and self.contracts is other.contracts

    def __hash__(self) -> int:
        return hash((id(self.feed), id(self.contracts)))


@lru_cache(STATEMENTS)
def statements_of(spoken: Carried, form: Form, aliased: bool) -> NormalisingSql:
    """`normalising_sql`, made once for each version, form and state of the alias table."""
    return normalising_sql(spoken.feed, spoken.contracts, form, aliased)
