"""The second half of the reference: one entity's counting claims and standing findings in, its golden row out (section 5)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from contracts.model import Contracts, Kind, Unit
from tests.laws.shapes import Claim, Finding, Resolved, Row, Smaller, Value

Answer = tuple[Any, str | None, str | None]


@dataclass(frozen=True, slots=True)
class Voice:
    """What one source says about one unit, by which claim, and the date at which findings judge it."""

    claim: Claim
    value: tuple[Value, ...]
    dated: datetime

    def judged_by(self, finding: Finding) -> bool:
        return (self.claim.listed and not self.claim.own_time) or self.dated <= finding.observed_at


Voices = dict[str, Voice]


def golden_row(kind: Kind, contracts: Contracts, entity: str, claims: list[Claim], findings: list[Finding]) -> Row:
    found = {unit.name: newest_finding(kind, [f for f in findings if f.attribute == unit.name]) for unit in kind.units}
    if not claims and not any(one and positive(one) for one in found.values()):
        return Row(entity, alive=False)
    sources = sorted({claim.source for claim in claims})
    row = Row(entity, alive=True, speakers={source: max((c for c in claims if c.source == source), key=lambda c: c.order) for source in sources})
    for unit in kind.units:
        row.units[unit.name] = resolve(kind, unit, voices(kind, contracts, unit, claims), [f for f in findings if f.attribute == unit.name])
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


def voices(kind: Kind, contracts: Contracts, unit: Unit, claims: list[Claim]) -> Voices:
    """Per source its word on a unit, where it is not blank. A stay is dated by what the same source says of its beginning."""
    found: Voices = {}
    for source in sorted({claim.source for claim in claims}):
        own = [claim for claim in claims if claim.source == source]
        claim = speaking(kind, contracts, unit, own)
        if claim is None:
            continue
        stay = next((one for one in kind.units if one.name == "from_on"), None) if kind.name == "residency" and unit.name == "present" else None
        dating = speaking(kind, contracts, stay, own) if stay else None
        began = said(kind, stay, dating)[0] if stay and dating else None
        found[source] = Voice(claim, said(kind, unit, claim), datetime(began.year, began.month, began.day) if began else claim.observed_at)
    return found


def speaking(kind: Kind, contracts: Contracts, unit: Unit, claims: list[Claim]) -> Claim | None:
    """The claim by which a source speaks of a unit; none when it is blank there."""
    spoken = [claim for claim in claims if any(member is not None for member in said(kind, unit, claim))]
    if contracts.feeds[claims[0].source].partial:
        return max(spoken, key=lambda claim: claim.order, default=None)
    newest = max(claims, key=lambda claim: claim.order)
    return newest if newest in spoken else None


def said(kind: Kind, unit: Unit, claim: Claim) -> tuple[Value, ...]:
    by_name = dict(zip((attribute.name for attribute in kind.attributes), claim.values, strict=True))
    return tuple(by_name[member.name] for member in unit.members)


def resolve(kind: Kind, unit: Unit, heard: Voices, findings: list[Finding]) -> Resolved:
    """One row of the table of statuses."""
    finding = newest_finding(kind, findings)
    if finding is None:
        return finish(unit, heard, None, set(), from_feeds(kind, unit, heard, heard))
    value = parsed(unit, finding.value or "")
    judged = {source for source, voice in heard.items() if voice.judged_by(finding)}
    unjudged = {source: voice for source, voice in heard.items() if source not in judged}
    outdated = finding.observed_at + timedelta(days=unit.freshness_days)
    if any(compare(unit, voice.value, value) == "differs" and voice.dated > outdated for voice in unjudged.values()):
        return finish(unit, heard, None, judged, from_feeds(kind, unit, unjudged, unjudged))
    inside = {source: voice for source, voice in heard.items() if voice.value == value or shallower(unit, value, voice.value)}
    if any(voice.value != value for voice in inside.values()):
        return finish(unit, heard, finding, set(), from_feeds(kind, unit, inside | unjudged, inside))
    differ = {source for source, voice in heard.items() if compare(unit, voice.value, value) == "differs"}
    disputed = differ - judged or any(compare(unit, parsed(unit, one.value or ""), value) == "differs" for one in findings)
    status = "disputed" if disputed else "verified" if inside or not differ else "corrected"
    return finish(unit, heard, finding, judged, (value, "visit", status))


def from_feeds(kind: Kind, unit: Unit, pool: Voices, may_win: Voices) -> Answer:
    """Value, source and status where no finding decides: rows 1 and 6 to 8."""
    if not pool:
        return None, None, None
    ranked = sorted(may_win, key=lambda source: (priority(kind, unit, source), Smaller(pool[source].claim.order)))
    first = pool[ranked[0]].value
    branch = [source for source in ranked if pool[source].value == first or shallower(unit, first, pool[source].value)]
    deepest = max(branch, key=lambda source: (depth(unit, pool[source].value), -ranked.index(source)))
    value = pool[deepest].value
    agree = [source for source, voice in pool.items() if voice.value == value]
    differ = [source for source, voice in pool.items() if compare(unit, voice.value, value) == "differs"]
    return value, deepest, "disputed" if differ else "agreed" if len(agree) > 1 else "single"


def finish(unit: Unit, heard: Voices, finding: Finding | None, judged: set[str], answer: Answer) -> Resolved:
    """Agreement and discrepancies are of every counting source, judged or not."""
    value, source, status = answer
    if value is None:
        return Resolved()
    agree = frozenset(name for name, voice in heard.items() if voice.value == value)
    differ = sorted(name for name, voice in heard.items() if compare(unit, voice.value, value) == "differs")
    entries = tuple(difference(unit, heard[name], value, name in judged) for name in differ)
    return Resolved(value, status, source, finding.finding if finding else None, agree, frozenset(differ), entries)


def difference(unit: Unit, voice: Voice, value: tuple[Value, ...], judged: bool) -> tuple[Any, ...]:
    claim = voice.claim
    return (unit.name, claim.source, claim.record, voice.value, value, judged, claim.observed_at, claim.delivery, claim.row)


def priority(kind: Kind, unit: Unit, source: str) -> int:
    ranks = kind.priorities.get(unit.name, kind.priorities.get("*", ()))
    return next((place for place, rank in enumerate(ranks) if source in rank), len(ranks))


def compare(unit: Unit, first: tuple[Value, ...], second: tuple[Value, ...]) -> str:
    if first == second:
        return "equal"
    return "silent" if shallower(unit, first, second) or shallower(unit, second, first) else "differs"


def shallower(unit: Unit, first: tuple[Value, ...], second: tuple[Value, ...]) -> bool:
    """For addresses: `first` is above `second` in one branch. Its division begins the other's (`-` begins all) and its further parts begin the other's."""
    if unit.compare != "address" or first == second:
        return False
    (above, *parts), (below, *further) = first[0].split("/"), second[0].split("/")
    return bool((above == "-" or below.startswith(above)) and parts == further[: len(parts)])


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
