"""Samples drafted from, and what the contracts that they belong to say."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import duckdb

from contracts.drafting import Draft, Told, Vocabulary, drafted
from contracts.drafting.vocabulary import cleaned
from contracts.model import Column, Contracts, Feed, Label
from contracts.read import load
from streams.landing import engine_of
from streams.landing.sample import read_sample
from tests.golden.harness import sample_files

SAMPLES = {file.parent.name: file for file in sample_files()}
DEPARTMENT = Label("某部门", "some department")


@cache
def engine() -> duckdb.DuckDBPyConnection:
    """One engine for all drafts: making one takes longer than most of them."""
    return engine_of(load())


def told(feed: str) -> Told:
    """All that only a person knows."""
    return Told(f"{feed}_new", Label("新清单", "a new list"), DEPARTMENT)


def draft(file: Path, about: Told, contracts: Contracts | None = None) -> Draft:
    """The draft of a file under the shipped contracts, or under others."""
    known = contracts or load()
    return drafted(read_sample(file, about.feed, Vocabulary(known), engine()), about, known, engine())


@cache
def back(feed: str) -> Draft:
    """The sample of a known feed, drafted as if it were new."""
    return draft(SAMPLES[feed], told(feed))


@cache
def unknown(feed: str) -> Draft:
    """The same where the contracts do not know the feed: what is left is what other feeds, labels and values tell."""
    contracts = load()
    fewer = replace(contracts, feeds={name: each for name, each in contracts.feeds.items() if name != feed})
    return draft(SAMPLES[feed], replace(told(feed), purpose=contracts.feeds[feed].columns[0].purpose), fewer)


@dataclass(frozen=True, slots=True)
class Agreement:
    """How many columns that the sample has are drafted as the contract has them: their types, the form of identifiers."""

    columns: int
    types: int
    identifiers: int
    found: int


def agreement(feed: Feed, made: Draft) -> Agreement:
    """A text that is read as an address is a text."""
    by_header = {cleaned(column.header): column for column in made.columns}
    pairs = [(column, by_header[word]) for column in feed.columns for word in _words(column) if word in by_header]
    types = sum(drafted.type == column.type or {drafted.type, column.type} == {"text", "address"} for column, drafted in pairs)
    numbers = [(column, drafted) for column, drafted in pairs if column.identifier and not column.identifier_when]
    return Agreement(len(pairs), types, len(numbers), sum(drafted.properties.get("identifier") == column.identifier for column, drafted in numbers))


def _words(column: Column) -> list[str]:
    return [cleaned(word) for word in (column.header, *column.other_headers)]
