"""The second half of the reference: one entity's counting claims and standing findings in, its golden row out (section 5)."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import Any

from contracts.model import Contracts, Kind, Unit
from tests.laws.shapes import Claim, Finding, Resolved, Row, Smaller, Value

Answer = tuple[Any, str | None, str | None]


def golden_row(kind: Kind, contracts: Contracts, entity: str, claims: list[Claim], findings: list[Finding]) -> Row:
    found = {unit.name: newest_finding(kind, [f for f in findings if f.attribute == unit.name]) for unit in kind.units}
    if not claims and not any(one and positive(one) for one in found.values()):
        return Row(entity, alive=False)
    sources = sorted({claim.source for claim in claims})
    row = Row(entity, alive=True, speakers={source: max((c for c in claims if c.source == source), key=lambda c: c.order) for source in sources})
    for unit in kind.units:
        said_by = {source: speaking(kind, contracts, unit, [c for c in claims if c.source == source]) for source in sources}
        row.units[unit.name] = resolve(
            kind, unit, {source: claim for source, claim in said_by.items() if claim}, [f for f in findings if f.attribute == unit.name]
        )
    in_force = [one for unit, one in found.items() if one and one.finding == row.units[unit].finding]
    row.recency = max(one.observed_at for one in [*row.speakers.values(), *in_force])
    row.area = area_of(kind, row)
    return row


def area_of(kind: Kind, row: Row) -> str | None:
    """The area of the first source by the priorities of all units that knows one; else the division of the dwelling's key."""
    every = Unit("*", (), 0, "equal")
    ranked = sorted(row.speakers.values(), key=lambda claim: (priority(kind, every, claim.source), Smaller(claim.order)))
    key = row.entity.split("@")[-1].split("/")[0]
    return next((claim.area for claim in ranked if claim.area), key)


def positive(one: Finding) -> bool:
    return not (one.attribute == "present" and one.value == "false")


def newest_finding(kind: Kind, findings: list[Finding]) -> Finding | None:
    """Newest observed_at; of a link presence before absence; then content, then the smallest id."""

    def order(one: Finding) -> tuple[Any, ...]:
        return (one.observed_at, kind.name == "residency" and one.attribute == "present" and one.value == "true", one.content, Smaller(one.finding))

    return max(findings, key=order, default=None)


def speaking(kind: Kind, contracts: Contracts, unit: Unit, claims: list[Claim]) -> Claim | None:
    """The claim by which a source speaks of a unit; none when it is blank there."""
    spoken = [claim for claim in claims if not blank(said(kind, unit, claim))]
    if not contracts.feeds[claims[0].source].partial:
        newest = max(claims, key=lambda claim: claim.order)
        return newest if newest in spoken else None
    return max(spoken, key=lambda claim: claim.order, default=None)


def said(kind: Kind, unit: Unit, claim: Claim) -> tuple[Value, ...]:
    by_name = dict(zip((attribute.name for attribute in kind.attributes), claim.values, strict=True))
    return tuple(by_name[member.name] for member in unit.members)


def blank(value: tuple[Value, ...]) -> bool:
    return all(member is None for member in value)


def resolve(kind: Kind, unit: Unit, said_by: dict[str, Claim], findings: list[Finding]) -> Resolved:
    """One row of the table of statuses."""
    values = {source: said(kind, unit, claim) for source, claim in said_by.items()}
    finding = newest_finding(kind, findings)
    if finding is None:
        return finish(unit, said_by, values, None, set(), from_feeds(kind, unit, said_by, values, set(values)))
    found = parsed(unit, finding.value or "")
    judged = {source for source, claim in said_by.items() if judges(kind, unit, finding, claim)}
    unjudged = set(values) - judged
    if any(compare(unit, values[source], found) == "differs" and late(kind, unit, finding, said_by[source]) for source in unjudged):
        return finish(unit, said_by, values, None, judged, from_feeds(kind, unit, said_by, {source: values[source] for source in unjudged}, unjudged))
    inside = {source for source in values if values[source] == found or shallower(unit, found, values[source])}
    if any(values[source] != found for source in inside):
        outside = {source: values[source] for source in inside | unjudged}
        return finish(unit, said_by, values, finding, judged, from_feeds(kind, unit, said_by, outside, inside))
    differ = {source for source in values if compare(unit, values[source], found) == "differs"}
    disputed = differ & unjudged or any(compare(unit, parsed(unit, one.value or ""), found) == "differs" for one in findings)
    status = "disputed" if disputed else "verified" if inside or not differ else "corrected"
    return finish(unit, said_by, values, finding, judged, (found, "visit", status))


def from_feeds(kind: Kind, unit: Unit, said_by: dict[str, Claim], pool: dict[str, tuple[Value, ...]], may_win: set[str]) -> Answer:
    """Value, source and status where no finding decides: rows 1 and 6 to 8."""
    if not pool:
        return None, None, None
    ranked = sorted(may_win, key=lambda source: (priority(kind, unit, source), Smaller(said_by[source].order)))
    branch = [source for source in ranked if pool[source] == pool[ranked[0]] or shallower(unit, pool[ranked[0]], pool[source])]
    deepest = max(branch, key=lambda source: (depth(unit, pool[source]), -ranked.index(source)))
    value = pool[deepest]
    agree = [source for source in pool if pool[source] == value]
    differ = [source for source in pool if compare(unit, pool[source], value) == "differs"]
    return value, deepest, "disputed" if differ else "agreed" if len(agree) > 1 else "single"


def finish(unit: Unit, said_by: dict[str, Claim], values: dict[str, tuple[Value, ...]], finding: Finding | None, judged: set[str], answer: Answer) -> Resolved:
    """Agreement and discrepancies are of every counting source, judged or not."""
    value, source, status = answer
    if value is None:
        return Resolved()
    agree = {name for name, one in values.items() if one == value}
    differ = sorted(name for name, one in values.items() if compare(unit, one, value) == "differs")
    entries = [
        (unit.name, name, said_by[name].record, values[name], value, name in judged, said_by[name].observed_at, *said_by[name].origin[1:]) for name in differ
    ]
    return Resolved(value, status, source, finding.finding if finding else None, frozenset(agree), frozenset(differ), tuple(entries))


def priority(kind: Kind, unit: Unit, source: str) -> int:
    ranks = kind.priorities.get(unit.name, kind.priorities.get("*", ()))
    return next((place for place, rank in enumerate(ranks) if source in rank), len(ranks))


def judges(kind: Kind, unit: Unit, finding: Finding, claim: Claim) -> bool:
    return (claim.listed and not claim.own_time) or dated(kind, unit, claim) <= finding.observed_at


def late(kind: Kind, unit: Unit, finding: Finding, claim: Claim) -> bool:
    return dated(kind, unit, claim) > finding.observed_at + timedelta(days=unit.freshness_days)


def dated(kind: Kind, unit: Unit, claim: Claim) -> datetime:
    """A stay begins at from_on, else when it was observed."""
    began = dict(zip((attribute.name for attribute in kind.attributes), claim.values, strict=True)).get("from_on")
    if kind.name != "residency" or unit.name != "present" or began is None:
        return claim.observed_at
    return datetime(began.year, began.month, began.day)


def compare(unit: Unit, first: tuple[Value, ...], second: tuple[Value, ...]) -> str:
    if first == second:
        return "equal"
    return "silent" if shallower(unit, first, second) or shallower(unit, second, first) else "differs"


def shallower(unit: Unit, first: tuple[Value, ...], second: tuple[Value, ...]) -> bool:
    """For addresses: `first` is a step or more above `second` in one branch. A division code is above the longer ones that begin with it."""
    if unit.compare != "address" or first == second:
        return False
    above, below = first[0], second[0]
    return bool(below.startswith(above + "/") or (above.isdigit() and below.split("/")[0].isdigit() and below.startswith(above)))


def depth(unit: Unit, value: tuple[Value, ...]) -> tuple[int, int]:
    if unit.compare != "address":
        return (0, 0)
    return (value[0].count("/"), len(value[0].split("/")[0]))


def parsed(unit: Unit, text: str) -> tuple[Value, ...]:
    """The value of a finding; of a group a JSON object of its members."""
    if len(unit.members) == 1 and unit.name == unit.members[0].name:
        return (typed(unit.members[0].type, text),)
    members = json.loads(text)
    return tuple(None if members.get(m.name) is None else typed(m.type, str(members[m.name])) for m in unit.members)


def typed(kind: str, text: str) -> Value:
    readers = {"integer": int, "boolean": lambda given: given.lower() == "true", "date": date.fromisoformat}
    return readers.get(kind, str)(text)
