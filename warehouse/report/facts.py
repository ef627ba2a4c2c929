"""What a grid's page says: few numbers and lists, asked of the marts of one snapshot. Names never: dwellings, sources and codes only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import duckdb

from contracts.model import Attribute, Contracts, Label
from warehouse.errors import UnknownGrid
from warehouse.report import facts_sql as sql
from warehouse.words import address_in_words, division_in_words

ROSTER = "roster"
SOURCES = 3
"""So many of the sources that disagree are named for each question."""


@dataclass(frozen=True, slots=True)
class Span:
    """How much is shown: dwellings of the worklist, weeks of the trend."""

    dwellings: int = 15
    weeks: int = 26


@dataclass(frozen=True, slots=True)
class Visit:
    """One dwelling of the worklist. `ask`: attribute names, or `roster`; the counts are of values; `visited_on` null: never."""

    dwelling: str
    address: Label
    reasons: tuple[str, ...]
    ask: tuple[str, ...]
    residents: int
    disputed: int
    stale: int
    never_verified: int
    visited_on: date | None


@dataclass(frozen=True, slots=True)
class Task:
    """A hazard past its day and not mended; `what` is the code of the object's kind, `object` its address or its label as marts show it."""

    event: str
    what: str | None
    object: Label
    found_on: date
    due_on: date
    overdue_days: int


@dataclass(frozen=True, slots=True)
class Question:
    """What to ask about dwellings, and in how many of them: all, those where sources disagree, where the value is old, where no visit ever confirmed it.
    `differing`: the sources that differ most often, with counts; `codes`: the answers there are; `fresh_days`: how long an answer holds."""

    name: str
    label: Label
    about: Label
    dwellings: int
    disputed: int
    stale: int
    never_verified: int
    differing: tuple[tuple[Label, int], ...]
    codes: tuple[Label, ...]
    fresh_days: int | None


@dataclass(frozen=True, slots=True)
class Counts:
    """Dwellings of the grid: all, those visited within a year, never, and those with a reason to knock; and open disputes there."""

    known: int
    visited: int
    never_visited: int
    disputed: int
    stale: int
    never_verified: int
    open_disputes: int


@dataclass(frozen=True, slots=True)
class Week:
    """One week of the trend; `accuracy` null: nothing was checked."""

    week: date
    visited: int
    checked: int
    accuracy: float | None


@dataclass(frozen=True, slots=True)
class Measure:
    """A share from 0 to 1 for the grid, the mean of its township and of all; null: nothing to tell it from."""

    name: str
    grid: float | None
    township: float | None
    all: float | None


@dataclass(frozen=True, slots=True)
class GridReport:
    """All that the page says. `outcomes`: findings of the trend's weeks by outcome; `hazards` is of all that are overdue, `overdue` the oldest of them."""

    grid: str
    name: Label
    place: Label
    moment: datetime
    counts: Counts
    worklist: tuple[Visit, ...]
    hazards: int
    overdue: tuple[Task, ...]
    questions: tuple[Question, ...]
    weeks: tuple[Week, ...]
    outcomes: Mapping[str, int]
    measures: tuple[Measure, ...]


def report_on(snapshot: duckdb.DuckDBPyConnection, contracts: Contracts, grid: str, span: Span) -> GridReport:
    """The page of a grid. Raises: `UnknownGrid`."""
    asked = _Asked(snapshot, grid, span)
    counted = asked.one(sql.counts_sql())
    if not counted["known"]:
        raise UnknownGrid()
    village = str(counted.pop("village") or grid)
    place = division_in_words(contracts, village) or Label(village, village)
    name = asked.one(sql.name_sql())["label"]
    overdue = [_task(contracts, place, row) for row in asked.rows(sql.overdue_sql())]
    return GridReport(
        grid,
        Label(name, name) if name else Label(grid, grid),
        place,
        asked.one("select known_at from moment")["known_at"],
        Counts(**counted, **asked.one(sql.disputes_sql())),
        tuple(_visit(contracts, place, row) for row in asked.rows(sql.worklist_sql())),
        len(overdue),
        tuple(overdue[: span.dwellings]),
        tuple(_question(contracts, row) for row in asked.rows(sql.questions_sql())),
        tuple(Week(**row) for row in asked.rows(sql.weeks_sql())),
        {row["outcome"]: row["findings"] for row in asked.rows(sql.outcomes_sql())},
        tuple(Measure(**row) for row in asked.rows(sql.measures_sql())),
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    """Asks with the grid and span bound."""

    snapshot: duckdb.DuckDBPyConnection
    grid: str
    span: Span

    def rows(self, statement: str) -> list[dict[str, Any]]:
        values = {"grid": self.grid, "dwellings": self.span.dwellings, "weeks": self.span.weeks}
        given = {name: value for name, value in values.items() if f"${name}" in statement}
        found: list[dict[str, Any]] = self.snapshot.sql(statement, params=given).to_arrow_table().to_pylist()
        return found

    def one(self, statement: str) -> dict[str, Any]:
        return self.rows(statement)[0]


def _visit(contracts: Contracts, place: Label, row: Mapping[str, Any]) -> Visit:
    lists = {"reasons": tuple(row["reasons"]), "ask": tuple(row["ask"])}
    return Visit(**{**row, **lists}, address=_door(contracts, place, row["dwelling"]))


def _door(contracts: Contracts, place: Label, key: str) -> Label:
    """An address within the grid's place, which stands above."""
    words = address_in_words(contracts, key) or Label(key, key)
    return Label(words.zh.removeprefix(place.zh), words.en.removeprefix(f"{place.en} "))


def _task(contracts: Contracts, place: Label, row: dict[str, Any]) -> Task:
    key, label = row.pop("object_id") or "-", row.pop("label")
    return Task(**row, object=_door(contracts, place, key) if row["what"] == "dwelling" else Label(label or key, label or key))


def _question(contracts: Contracts, row: Mapping[str, Any]) -> Question:
    attribute = next((each for each in contracts.kinds["dwelling"].attributes if each.name == row["name"]), None)
    label, about, codes, days = _words(contracts, attribute)
    differing = tuple((_feed(contracts, each["source"]), each["count"]) for each in row["differing"][:SOURCES])
    return Question(**{**row, "differing": differing}, label=label, about=about, codes=codes, fresh_days=days)


def _feed(contracts: Contracts, source: str) -> Label:
    """What a source is called; visits are no feed's name but are called the same."""
    return contracts.feeds[source].label if source in contracts.feeds else Label(source, source)


def _words(contracts: Contracts, attribute: Attribute | None) -> tuple[Label, Label, tuple[Label, ...], int | None]:
    """What a question is about; the roster is none of the dwelling's attributes."""
    if attribute is None:
        return Label("居住人", "Who lives here"), Label("现在住在这里的每个人。", "Everybody who lives here now."), (), None
    codes = contracts.code_lists[attribute.code_list].labels if attribute.code_list else {}
    listed = tuple(Label(*(code if word == code else f"{code} {word}" for word in (label.zh, label.en))) for code, label in codes.items())
    return attribute.label, Label(attribute.description_zh or attribute.description, attribute.description), listed, attribute.freshness_days
