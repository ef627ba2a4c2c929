"""A department's scorecard, asked of the marts of one snapshot."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import duckdb

from contracts.model import Contracts, Feed
from quality.errors import SnapshotOlder, UnknownDepartment
from quality.scorecards import facts_sql as sql
from quality.scorecards.card import Scorecard
from quality.scorecards.faults import EXAMPLES, Looks, faults_told, months_told, wrong
from quality.scorecards.values import Answers, by_field, fields_told


def departments(contracts: Contracts) -> dict[str, tuple[Feed, ...]]:
    """The feeds of each department by its English name, both in name order."""
    found: dict[str, list[Feed]] = {}
    for _, feed in sorted(contracts.feeds.items()):
        found.setdefault(feed.department.en, []).append(feed)
    return {name: tuple(feeds) for name, feeds in sorted(found.items())}


def department_named(contracts: Contracts, name: str) -> tuple[Feed, ...]:
    """The feeds of the department of this name, in either language, or that delivers the feed of this name. Raises: `UnknownDepartment`."""
    for feeds in departments(contracts).values():
        if name in (feeds[0].department.en, feeds[0].department.zh) or any(name == feed.name for feed in feeds):
            return feeds
    raise UnknownDepartment(name=name)


def month_of(con: duckdb.DuckDBPyConnection, feeds: Sequence[Feed]) -> date:
    """The month that a card is about if nobody says which: the last whole one with deliveries, or, where there is none, that of the moment."""
    now = moment_of(con).date().replace(day=1)
    delivered = [row["month"] for row in _asked(con, sql.MONTHS, feeds=[feed.name for feed in feeds])]
    return max((month for month in delivered if month < now), default=now)


def scorecard(con: duckdb.DuckDBPyConnection, contracts: Contracts, feeds: Sequence[Feed], months: Sequence[date], looks: Looks = lambda rows: {}) -> Scorecard:
    """The card of the department with these feeds; `months` are first days, oldest first, the last one's the card is about."""
    span = {"feeds": [feed.name for feed in feeds], "first": months[0], "month": months[-1]}
    channel = _asked(con, sql.CHANNEL, **span)
    found = faults_told(wrong(_asked(con, sql.FAULTS, **span), feeds), channel, months, looks)
    return Scorecard(
        feeds[0].department,
        tuple(feeds),
        months_told(channel, found, months),
        moment_of(con),
        tuple(each for each in found if each.trend[-1]),
        tuple(each for each in found if not each.trend[-1]),
        fields_told(_answers(con, span), contracts, months),
    )


def months_until(month: date, count: int) -> tuple[date, ...]:
    """The first days of so many months, the last of them `month`'s."""
    ends = [month.year * 12 + month.month - 1 - back for back in reversed(range(count))]
    return tuple(date(end // 12, end % 12 + 1, 1) for end in ends)


def _answers(con: duckdb.DuckDBPyConnection, span: dict[str, Any]) -> Answers:
    feeds = span["feeds"]
    said, standing, reliable = _asked(con, sql.VALUES, **span), _asked(con, sql.STANDING, feeds=feeds), _asked(con, sql.RELIABLE, feeds=feeds)
    differing, examples = _asked(con, sql.DIFFERING, feeds=feeds, month=span["month"]), _asked(con, sql.EXAMPLES, feeds=feeds, most=EXAMPLES)
    return Answers(*map(by_field, (said, standing, reliable, differing, examples)))


def moment_of(con: duckdb.DuckDBPyConnection) -> datetime:
    """Beijing time up to which the snapshot knows anything."""
    at: datetime = con.execute(sql.MOMENT).fetchall()[0][0]
    return at


def _asked(con: duckdb.DuckDBPyConnection, statement: str, **values: Any) -> list[dict[str, Any]]:
    """Raises: `SnapshotOlder` where a mart or a column of it is missing."""
    try:
        rows: list[dict[str, Any]] = con.sql(statement, params=values).to_arrow_table().to_pylist()
    except (duckdb.CatalogException, duckdb.BinderException):
        raise SnapshotOlder() from None
    return rows
