"""What a scorecard says, asked of the marts of one snapshot. Pure but for the questions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import duckdb

from contracts.model import Contracts, Feed, Label
from contracts.notices import names
from quality.desk.shapes import shape
from quality.errors import UnknownDepartment
from quality.scorecards import facts_sql as sql

EXAMPLES = 3
"""So many rows are shown of what was wrong."""
WHOLE = "*"
Look = tuple[str | None, str | None]
Looks = Callable[[Sequence[str]], Mapping[str, Look]]
"""What cells at fault look like and what the check of an identity number says, by `delivery/row`: of quarantined rows only the desk knows it."""
SHORT = 6
"""Of a shorter value its shape tells nothing but what it is: a code, yes or no."""
MASKED = "＊"


@dataclass(frozen=True, slots=True)
class Month:
    """What a department's feeds delivered in one month of recording, in rows; `delivered` is refused + reduced + layout + landed, `mended` counts cells."""

    month: date
    deliveries: int = 0
    delivered: int = 0
    refused: int = 0
    reduced: int = 0
    landed: int = 0
    accepted: int = 0
    quarantined: int = 0
    mended: int = 0


@dataclass(frozen=True, slots=True)
class Example:
    """A row to look at: `row` is `delivery/row`; `shape` what the cell at fault looks like, `verdict` the check of an identity number; null where that is not known."""

    row: str
    shape: str | None
    verdict: str | None


@dataclass(frozen=True, slots=True)
class Fault:
    """What broke one rule in one field. `field` `*`: the row as a whole; `trend`: rows (set aside or mended) month by month, the card's month last; `messages` were set aside whole."""

    feed: str
    field: str
    rule: str
    quarantined: int
    messages: int
    mended: int
    trend: tuple[int, ...]
    examples: tuple[Example, ...] = ()

    @property
    def rows(self) -> int:
        return self.trend[-1]


@dataclass(frozen=True, slots=True)
class Difference:
    """Values that are not the surviving ones now, for one reason; `since_month`: those that came up in the card's month.
    `examples`: (the department's own row key, its value, the surviving one); values of persons are shapes; a key that would name a person is null."""

    why: str
    count: int
    since_month: int
    examples: tuple[tuple[str | None, str, str], ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """How many values visits checked, and how many of them they confirmed."""

    checked: int = 0
    confirmed: int = 0

    @property
    def accuracy(self) -> float | None:
        return self.confirmed / self.checked if self.checked else None


@dataclass(frozen=True, slots=True)
class Field:
    """One attribute (or group) that a feed speaks about: values claimed and late in the month, checks by month, and what stands now.
    `reliable`: mean, lower and upper end at 95 % over all checks; null where none was checked. `fresh`: share of its values inside their freshness; null where none is in force."""

    feed: str
    kind: str
    attribute: str
    label: Label
    claims: int
    late: int
    checks: tuple[Checked, ...]
    reliable: tuple[float, float, float] | None
    fresh: float | None
    differences: tuple[Difference, ...]

    @property
    def differing(self) -> int:
        return sum(each.count for each in self.differences)


@dataclass(frozen=True, slots=True)
class Scorecard:
    """One department's card for one month, the last of `months`; `moment` is that of the snapshot. Faults: most rows first; of earlier months only, `gone`."""

    department: Label
    feeds: tuple[Feed, ...]
    months: tuple[Month, ...]
    moment: datetime
    faults: tuple[Fault, ...]
    gone: tuple[Fault, ...]
    fields: tuple[Field, ...]

    @property
    def month(self) -> Month:
        return self.months[-1]


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
    found = _faults(_asked(con, sql.FAULTS, **span), months, looks)
    return Scorecard(
        feeds[0].department,
        tuple(feeds),
        _channel(_asked(con, sql.CHANNEL, **span), months),
        moment_of(con),
        tuple(each for each in found if each.rows),
        tuple(each for each in found if not each.rows),
        _fields(con, contracts, span, months),
    )


def months_until(month: date, count: int) -> tuple[date, ...]:
    """The first days of so many months, the last of them `month`'s."""
    ends = [month.year * 12 + month.month - 1 - back for back in reversed(range(count))]
    return tuple(date(end // 12, end % 12 + 1, 1) for end in ends)


def _channel(rows: list[dict[str, Any]], months: Sequence[date]) -> tuple[Month, ...]:
    """All feeds of the department together."""
    counts = {month: dict.fromkeys(COUNTED, 0) for month in months}
    for row in rows:
        for name in COUNTED:
            counts[row["month"]][name] += row[name]
    return tuple(Month(month, **told) for month, told in counts.items())


COUNTED = ("deliveries", "delivered", "refused", "reduced", "landed", "accepted", "quarantined", "mended")


def _faults(rows: list[dict[str, Any]], months: Sequence[date], looks: Looks) -> list[Fault]:
    by: dict[tuple[str, str, str], dict[date, dict[str, Any]]] = {}
    for row in rows:
        by.setdefault((row["feed"], row["field"], row["rule"]), {})[row["month"]] = row
    shown = {key: told[months[-1]] for key, told in by.items() if months[-1] in told}
    known = looks([origin for told in shown.values() for origin in told["examples"]])
    found = []
    for key, told in by.items():
        now = shown.get(key, {"quarantined": 0, "messages": 0, "mended": 0, "examples": []})
        trend = tuple(sum(told[month][name] for name in ("quarantined", "messages", "mended")) if month in told else 0 for month in months)
        examples = tuple(Example(origin, *known.get(origin, (None, None))) for origin in now["examples"][:EXAMPLES])
        found.append(Fault(*key, now["quarantined"], now["messages"], now["mended"], trend, examples))
    return sorted(found, key=lambda each: (-(each.quarantined + each.messages), -each.mended, each.feed, each.field, each.rule))


def _fields(con: duckdb.DuckDBPyConnection, contracts: Contracts, span: Mapping[str, Any], months: Sequence[date]) -> tuple[Field, ...]:
    """Every attribute that the feeds speak about, those too that nothing was said about in these months but that differ or were checked before."""
    said = _by_field(_asked(con, sql.VALUES, **span))
    standing = _by_field(_asked(con, sql.STANDING, feeds=span["feeds"]))
    reliable = _by_field(_asked(con, sql.RELIABLE, feeds=span["feeds"]))
    differing = _by_field(_asked(con, sql.DIFFERING, feeds=span["feeds"], month=span["month"]))
    examples = _by_field(_asked(con, sql.EXAMPLES, feeds=span["feeds"], most=EXAMPLES))
    named = names(contracts)
    found = []
    for key in sorted({*said, *standing, *reliable, *differing}):
        _, kind, attribute = key
        months_said = {row["month"]: row for row in said.get(key, [])}
        now = months_said.get(months[-1], {"claims": 0, "late": 0})
        checks = tuple(Checked(row["checked"], row["confirmed"]) if (row := months_said.get(month)) else Checked() for month in months)
        label, told = named.get((kind, attribute), (Label(attribute, attribute), False))
        differences = tuple(
            Difference(
                row["why"], row["differing"], row["since_month"], tuple(_example(each, told) for each in examples.get(key, []) if each["why"] == row["why"])
            )
            for row in differing.get(key, [])
        )
        rate = next(((row["mean"], row["least"], row["most"]) for row in reliable.get(key, [])), None)
        fresh = next((row["fresh"] / row["in_force"] for row in standing.get(key, [])), None)
        found.append(Field(*key, label, now["claims"], now["late"], checks, rate, fresh, differences))
    return tuple(found)


def _example(row: Mapping[str, Any], told: bool) -> tuple[str | None, str, str]:
    return row["record"], _value(row["claimed"], told), _value(row["golden"], told)


def _value(value: str | None, told: bool) -> str:
    if value is None:
        return "-"
    return value if told else shape(value) if len(value) >= SHORT else MASKED


def _by_field(rows: list[dict[str, Any]]) -> dict[tuple[str, str, str], list[dict[str, Any]]]:
    found: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault((row["feed"], row["kind"], row["attribute"]), []).append(row)
    return found


def moment_of(con: duckdb.DuckDBPyConnection) -> datetime:
    """Beijing time up to which the snapshot knows anything."""
    at: datetime = con.execute(sql.MOMENT).fetchall()[0][0]
    return at


def _asked(con: duckdb.DuckDBPyConnection, statement: str, **values: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = con.sql(statement, params=values).to_arrow_table().to_pylist()
    return rows
