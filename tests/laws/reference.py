"""The oracle: what golden records a set of facts means, in plain Python, one step after the other as the rules of reconciling state them.

Written from the rules only, without a look at the statement in `contracts/golden`, so that the two can disagree. Slow and obvious on purpose.
Where the rules are open, the plain reading was taken:

1.  A fact of a recalled delivery or of a withdrawn feed is as if never made, its closing included. Of several decisions about one target the highest sequence holds.
2.  `supersedes` voids the named delivery wholly, in whatever mode; a closing that is itself superseded still voids what it names, a recalled one does not.
3.  Origin plus kind: a row that makes facts of two kinds is judged per kind. Claims and presences of one origin share its highest (contract version, repair).
4.  A record belongs to an entity; of a residency to the person, whose rows may move between dwellings. Across partitions nothing else can be meant.
5.  The share of rows without readable key is taken of the declared rows of the whole snapshot.
6.  Rows of a snapshot, complete or not, are dated by its moment when a later snapshot judges them: only a strictly later one does. Everything else must be observed at or after the moment.
    A claim without an area lies in no snapshot.
7.  A presence keeps the claims of its source and kind that have its entity or its record.
8.  A withdrawal is newer than a statement of equal observed_at and rank.
9.  A partial feed speaks per unit with its newest unwithdrawn claim that is not blank there. A group is blank when all its members are.
10. Of the versions of one finding the highest counter not disagreed with stands, whatever its outcome; then `not_observable` and `declined` are left out, so they neither speak nor supersede.
    Superseding is transitive over everything that ever carried a value and was not recalled; the finding at the end of the chain must stand. `seen` names versions: an amendment
    that was not shown is not superseded. Findings whose values are silent to each other do not differ. Of findings alike in moment and content the smallest id is named.
11. Rosters, findings on a link's `present` and visits closed as `no_longer_exists` (a complete empty roster) are one set; there presence beats absence at one moment, and a stay is dated by from_on,
    else observed_at: of the source's word on from_on. A roster that says nothing about a link supersedes nothing there, yet replaces its version before and may stand inside a chain.
12. A finding shallower than a claim in its branch only rules out other branches: inside, it counts as none; judged claims outside neither compete nor dispute; unjudged ones outside dispute. None is marked as judged.
13. The source of a value is the one whose tuple is golden (of several the first by survivorship). Depth is counted in levels.
14. An entity is known once a claim or a positive finding named it; known but neither claimed nor positively found is a tombstone, which equals no row at all.
15. Main residence: statuses of `present`; recency is the newest observed_at of the link's speakers and of its findings in force; then the smallest id.
16. A complete roster with nobody unidentified is a finding on its dwelling's `people_band`: the band of the persons it lists. What its visit says of the band itself was made with the
    roster in sight. Who was shown one of the two of a visit was shown the other, version by version.
17. A spent finding is no longer named. Claims stay marked as judged by it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from contracts.model import Contracts, Kind
from tests.laws.shapes import Chunk, Claim, Closed, Fact, Finding, Presence, Roster, Row, Smaller, Snapshot, Switch, Verification, Visit
from tests.laws.survivorship import golden_row

BAND = "people_band"
STATUSES = ("verified", "corrected", "agreed", "disputed", "single")


def golden(kind: Kind, contracts: Contracts, facts: Iterable[object]) -> dict[str, Row]:
    """The golden record of every known entity of `kind`."""
    given = set(facts)
    standing = newest_versions(in_force(given))
    presences, snapshots = of(Presence, standing, kind.name), complete_snapshots(contracts, standing)
    live = unwithdrawn(kind, contracts, [claim for claim in of(Claim, standing, kind.name) if not judged_away(claim, snapshots, presences)])
    known = {
        fact.entity for fact in of(Claim, given, kind.name) + of(Finding, given, kind.name) + roster_findings(kind, given, set()) + band_findings(kind, given)
    }
    findings = standing_findings(kind, standing, known)
    rows = {
        entity: golden_row(kind, contracts, entity, [c for c in live if c.entity == entity], [f for f in findings if f.entity == entity])
        for entity in sorted(known)
    }
    return with_main(rows) if kind.name == "residency" else rows


T = TypeVar("T")


def of(shape: type[T], facts: Iterable[object], kind: str | None = None) -> list[T]:
    return [fact for fact in facts if isinstance(fact, shape) and (kind is None or getattr(fact, "kind", kind) == kind)]


# --- 1. Facts


def in_force(facts: Iterable[object]) -> list[Any]:
    """Without what a recall, the withdrawal of a feed or a replacement takes away."""
    facts = list(facts)
    latest = {(s.switch, s.target): s for s in sorted(of(Switch, facts), key=lambda s: s.sequence)}
    off = {key for key, switch in latest.items() if switch.on}
    rest = [f for f in facts if not isinstance(f, Switch) and ("recall", f.delivery) not in off and ("withdraw", f.source) not in off]
    void = {delivery for closed in of(Closed, rest) for delivery in closed.supersedes}
    return [fact for fact in rest if fact.delivery not in void]


def newest_versions(facts: Sequence[Any]) -> list[Any]:
    """Per origin only the highest (contract version, repair number)."""

    def key(fact: Fact) -> tuple[Any, ...]:
        return ("row" if isinstance(fact, Claim | Presence) else type(fact), fact.kind, fact.origin)

    best: dict[tuple[Any, ...], tuple[int, int]] = defaultdict(lambda: (0, 0))
    for fact in of(Fact, facts):
        best[key(fact)] = max(best[key(fact)], (fact.contract_version, fact.repair))
    return [fact for fact in facts if not isinstance(fact, Fact) or (fact.contract_version, fact.repair) == best[key(fact)]]


# --- 2. Which claims count


def complete_snapshots(contracts: Contracts, facts: Sequence[Any]) -> list[Snapshot]:
    groups: dict[tuple[str, str, datetime], list[Closed]] = defaultdict(list)
    for closed in of(Closed, facts):
        if closed.mode == "snapshot" and closed.area is not None and closed.moment is not None:
            groups[closed.source, closed.area, closed.moment].append(closed)
    chunks = of(Chunk, facts)
    return [Snapshot(*key, frozenset(c.delivery for c in group)) for key, group in groups.items() if is_complete(contracts, group, chunks)]


def is_complete(contracts: Contracts, group: list[Closed], chunks: list[Chunk]) -> bool:
    """All parts closed, all rows accounted for, all chunks here, few rows without readable key."""
    deliveries = {closed.delivery for closed in group}
    here = [chunk for chunk in chunks if chunk.delivery in deliveries]
    parts = {closed.part for closed in group}
    unkeyed = sum(closed.unkeyed for closed in group) + sum(chunk.unkeyed for chunk in here)
    return (
        parts >= set(range(1, max(closed.parts for closed in group) + 1))
        and all(c.declared == c.landed + c.refused + c.reduced + c.layout for c in group)
        and all(len({chunk.chunk for chunk in here if chunk.delivery == c.delivery}) == c.chunks for c in group)
        and unkeyed <= contracts.feeds[group[0].source].max_unkeyed * sum(c.declared or 0 for c in group)
    )


def judged_away(claim: Claim, snapshots: list[Snapshot], presences: list[Presence]) -> bool:
    """Some complete snapshot of its source and area should list the claim and does not."""
    return any(
        claim.source == snapshot.source
        and (claim.area or "").startswith(snapshot.area)
        and claim.delivery not in snapshot.deliveries
        and (claim.moment if claim.listed and claim.moment else claim.observed_at) < snapshot.moment
        and not any(names(presence, claim) for presence in presences if presence.delivery in snapshot.deliveries)
        for snapshot in snapshots
    )


def names(presence: Presence, claim: Claim) -> bool:
    return presence.source == claim.source and (presence.entity == claim.entity or (presence.record is not None and presence.record == claim.record))


def unwithdrawn(kind: Kind, contracts: Contracts, claims: list[Claim]) -> list[Claim]:
    """Per source and record the newest claim if it is a statement; of a partial feed everything about its entity since the last withdrawal."""
    records: dict[tuple[str, ...], list[Claim]] = defaultdict(list)
    for claim in claims:
        records[claim.source, claim.record, owner(kind, claim.entity)].append(claim)
    kept: list[Claim] = []
    for (source, *_), group in records.items():
        newest = max(group, key=lambda claim: claim.order)
        since = max((claim.order for claim in group if claim.withdraws), default=None)
        if newest.withdraws:
            continue
        if contracts.feeds[source].partial:
            kept += [c for c in group if c.entity == newest.entity and not c.withdraws and (since is None or since < c.order)]
        else:
            kept.append(newest)
    return kept


def owner(kind: Kind, entity: str) -> str:
    return entity.split("@")[0] if kind.name == "residency" else entity


# --- 3. and 4. Findings and rosters


def standing_findings(kind: Kind, facts: Sequence[Any], known: set[str]) -> list[Finding]:
    """Valid and unsuperseded, per entity and unit; rosters as findings on `present` of every link they speak of."""
    verifications = of(Verification, facts)
    every = [*of(Finding, facts, kind.name), *roster_findings(kind, facts, known), *band_findings(kind, facts)]
    made = [one for one in every if not disagreed(one, verifications)]
    highest: dict[tuple[str, str, str], int] = defaultdict(int)
    for one in made:
        highest[one.base, one.entity, one.attribute] = max(highest[one.base, one.entity, one.attribute], one.counter)
    valid = [one for one in made if one.counter == highest[one.base, one.entity, one.attribute] and speaks(one)]
    seen: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for one in every:
        if speaks(one) or one.base.endswith(":roster"):
            seen[one.entity, one.attribute, one.finding] |= set(one.seen) | (counted_with(one, every) if one.attribute == BAND else set())
    shown = {(*place, other) for one in valid for place in [(one.entity, one.attribute)] for other in closure(seen, place, one.finding)}
    return [one for one in valid if (one.entity, one.attribute, one.finding) not in shown]


def closure(seen: dict[tuple[str, str, str], set[str]], place: tuple[str, str], start: str) -> set[str]:
    """Everything shown to a finding's author, to the authors of that, and so on; never itself."""
    reached: set[str] = set()
    waiting = [start]
    while waiting:
        fresh = seen.get((*place, waiting.pop()), set()) - reached
        reached |= fresh
        waiting += fresh
    return reached - {start}


def speaks(one: Finding) -> bool:
    return one.outcome in {"confirmed", "corrected"} and one.value is not None


def disagreed(one: Finding, verifications: list[Verification]) -> bool:
    """Whether the newest judgement by another actor says disagree; at one moment disagree wins."""
    place = verified_as(one)
    others = [v for v in verifications if v.version == one.finding and (v.kind, v.entity, v.attribute) == place and v.actor != one.actor]
    return bool(others) and not max(others, key=lambda v: (v.observed_at, not v.agree)).agree


def verified_as(one: Finding) -> tuple[str, str, str]:
    """A roster, and the end of a dwelling, are verified once for all links they concern."""
    dwelling = one.entity.split("@")[-1]
    if one.base.endswith(":roster"):
        return ("dwelling", dwelling, "roster")
    return ("dwelling", dwelling, "present") if one.base.endswith(f"{dwelling}:present") and "@" not in one.base else (one.kind, one.entity, one.attribute)


def roster_findings(kind: Kind, facts: Iterable[object], known: set[str]) -> list[Finding]:
    """Per link of the dwelling: listed, unlisted (if complete and everybody was identified), or nothing."""
    if kind.name != "residency":
        return []
    facts = [ended(fact) if isinstance(fact, Visit) else fact for fact in facts]
    rows: dict[str, list[Roster]] = defaultdict(list)
    for row in of(Roster, facts):
        rows[row.roster].append(row)
    found: list[Finding] = []
    for group in rows.values():
        first = min(group, key=lambda row: row.origin)
        listed = {f"{row.person}@{row.dwelling}" for row in group if row.person is not None}
        unlisted = "false" if first.complete and first.unidentified == 0 else None
        found += [from_roster(first, link, "true") for link in listed]
        found += [from_roster(first, link, unlisted) for link in known - listed if link.split("@")[1] == first.dwelling]
    return found


def band_findings(kind: Kind, facts: Iterable[object]) -> list[Finding]:
    """What rosters say of the size of a dwelling's household: its band, or nothing where somebody may be missing."""
    if kind.name != "dwelling" or BAND not in {unit.name for unit in kind.units}:
        return []
    rows: dict[str, list[Roster]] = defaultdict(list)
    for row in of(Roster, facts):
        rows[row.roster].append(row)
    found: list[Finding] = []
    for group in rows.values():
        first = min(group, key=lambda row: row.origin)
        people = len({row.person for row in group if row.person is not None})
        band = None if not all(row.complete and row.unidentified == 0 for row in group) else str(people) if people < 3 else "3-5" if people < 6 else "6+"
        found.append(replace(from_roster(first, first.dwelling, band), kind="dwelling", attribute=BAND))
    return found


def counted_with(one: Finding, every: Sequence[Finding]) -> set[str]:
    """What else the author of a word on the band was shown: the other half of the visits shown, and, of an own word, the visit's own roster."""
    halves = {other.replace(f":{BAND}#", ":roster#") for other in one.seen} | {other.replace(":roster#", f":{BAND}#") for other in one.seen}
    own = {other.finding for other in every if one.base.endswith(f":{BAND}") and other.base == one.base.removesuffix(BAND) + "roster"}
    return halves | own


def ended(visit: Visit) -> Roster | None:
    """A dwelling that no longer exists is a complete roster without anybody."""
    if visit.event != "closed" or visit.outcome != "no_longer_exists":
        return None
    base = f"{visit.visit}:{visit.dwelling}:present"
    return Roster(
        source=visit.source, delivery=visit.delivery, row=visit.row, roster=base + "#0", base=base, counter=0, dwelling=visit.dwelling, complete=True, unidentified=0,
        person=None, seen=(), actor=visit.actor, observed_at=visit.observed_at,
    )  # fmt: skip


def from_roster(row: Roster, link: str, value: str | None) -> Finding:
    return Finding(
        source=row.source, delivery=row.delivery, row=row.row, kind="residency", finding=row.roster, base=row.base, counter=row.counter, entity=link, attribute="present",
        outcome="confirmed" if value else "not_observable", value=value, seen=row.seen, actor=row.actor, observed_at=row.observed_at, content=0,
    )  # fmt: skip


def with_main(rows: dict[str, Row]) -> dict[str, Row]:
    """Of each person's present links the first by status, then the newest, then the smallest id."""
    persons: dict[str, list[Row]] = defaultdict(list)
    for row in rows.values():
        row.main = False
        if row.alive and row.units["present"].value == (True,):
            persons[row.entity.split("@")[0]].append(row)
    for links in persons.values():
        best = min(links, key=lambda row: (STATUSES.index(row.units["present"].status or "single"), Smaller(row.recency), row.entity))
        best.main = True
    return rows
