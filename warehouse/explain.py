"""Explain an entity from the published snapshot: every value, the rule that chose it, who says what since when, the origins, and what would change it.

The snapshot alone answers: a source's bit tells that it agrees, the list of discrepancies what it says otherwise, its columns when and in which row;
`visit_finding` tells what visits found.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from contracts.model import Contracts, Kind, Label, Unit
from warehouse.entity import read_entity
from warehouse.in_force import fresh_days
from warehouse.rules import Circumstances, StatusRule, change_of, rule_of
from warehouse.words import address_in_words, division_in_words, told_in_words, unit_in_words

Stance = Literal["agrees", "differs", "silent"]


@dataclass(frozen=True, slots=True)
class Said:
    """What one source says of a unit. `claimed` as marts show it, `shown` in words; null where it is silent. `judged`: a finding refutes it."""

    source: str
    stance: Stance
    claimed: str | None
    shown: Label | None
    observed_at: datetime
    record: str | None
    delivery: str
    row: int
    judged: bool


@dataclass(frozen=True, slots=True)
class Found:
    """What a visit found about a unit; `state` as in the mart `visit_finding`."""

    finding: str
    state: str
    outcome: str
    value: str | None
    shown: Label | None
    actor: str | None
    evidence: str | None
    observed_at: datetime
    source: str
    delivery: str
    row: int


@dataclass(frozen=True, slots=True)
class Explained:
    """One unit of an entity: its value and everything it rests on. `shown`: the value in words. `first` lists sources in order of priority."""

    attribute: str
    label: Label
    value: str | None
    shown: Label | None
    status: str | None
    source: str | None
    finding: str | None
    seen_at: datetime | None
    fresh_until: datetime | None
    stale: bool
    rule: StatusRule
    change: Label
    said: tuple[Said, ...]
    found: tuple[Found, ...]
    first: tuple[tuple[str, ...], ...]
    visit: bool


@dataclass(frozen=True, slots=True)
class Explanation:
    """An entity, as marts show it, with all its units in contract order."""

    kind: str
    entity: str
    label: Label | None
    area: str | None
    place: Label | None
    moment: datetime
    units: tuple[Explained, ...]


def explain(folder: Path, contracts: Contracts, kind: str, entity: str) -> Explanation:
    """Why an entity's values are what they are.

    Raises: `UnknownKind`; `UnknownEntity` where the entity is not in the snapshot; `NoSnapshot`.
    """
    read = read_entity(folder, contracts, kind, entity)
    known, row = contracts.kinds[kind], read.row
    units = tuple(_explained(contracts, known, unit, row, read.findings) for unit in known.units)
    place = division_in_words(contracts, row["area"]) if row["area"] else None
    return Explanation(kind, entity, _label(contracts, known, row, read.person), row["area"], place, row["known_at"], units)


def _label(contracts: Contracts, kind: Kind, row: Mapping[str, Any], person: str | None) -> Label | None:
    """The title in words; of a link the person's masked name and the address."""
    if kind.name == "residency":
        home = address_in_words(contracts, row["dwelling"]) or Label(row["dwelling"], row["dwelling"])
        return Label(f"{person or '-'}，{home.zh}", f"{person or '-'}, {home.en}")
    title = next((unit for unit in kind.units if unit.name == kind.title), None)
    return unit_in_words(contracts, title, {title.name: row["label"]}) if title else None


def _explained(contracts: Contracts, kind: Kind, unit: Unit, row: Mapping[str, Any], findings: Iterable[Mapping[str, Any]]) -> Explained:
    sources = contracts.sources(kind.name)
    status, source, seen_at = row[f"{unit.name}__status"], row[f"{unit.name}__source"], row[f"{unit.name}__seen_at"]
    fresh_until = seen_at + timedelta(days=fresh_days(unit)) if seen_at else None
    said = tuple(_said(contracts, unit, row, each, 1 << bit) for bit, each in enumerate(sources) if row[f"{each}__delivery"] is not None)
    found = tuple(_found(contracts, unit, each) for each in findings if each["attribute"] == unit.name)
    rule = rule_of(status, source, (row[f"{unit.name}__agree"] or 0).bit_count())
    return Explained(
        attribute=unit.name,
        label=unit.members[0].label,
        value=row[f"{unit.name}__text"],
        shown=unit_in_words(contracts, unit, {member.name: row[f"{member.name}__text"] for member in unit.members}),
        status=status,
        source=source,
        finding=row[f"{unit.name}__finding"],
        seen_at=seen_at,
        fresh_until=fresh_until,
        stale=fresh_until is not None and fresh_until.date() < row["known_at"].date(),
        rule=rule,
        change=change_of(rule, _circumstances(contracts, kind, unit, source, said, found)),
        said=said,
        found=found,
        first=_first(kind, unit),
        visit=unit.visit,
    )


def _circumstances(contracts: Contracts, kind: Kind, unit: Unit, source: str | None, said: Iterable[Said], found: Iterable[Found]) -> Circumstances:
    givers = [each for each in contracts.sources(kind.name) if _delivers(contracts, kind, unit, each)]
    holding = next((each for each in found if each.state == "holds"), None)
    return Circumstances(
        visit=unit.visit,
        spent_after=holding.observed_at + timedelta(days=unit.freshness_days) if holding else None,
        owner=_departments(contracts, (source,) if source and source in contracts.feeds else ()),
        differing=_departments(contracts, (each.source for each in said if each.stance == "differs")),
        heard=_departments(contracts, (each for each in givers if source is None or _rank(kind, unit, each) <= _rank(kind, unit, source))),
    )


def _first(kind: Kind, unit: Unit) -> tuple[tuple[str, ...], ...]:
    return kind.priorities.get(unit.name, kind.priorities.get("*", ()))


def _rank(kind: Kind, unit: Unit, source: str) -> int:
    """Where a source stands in the order of priorities; the unlisted stand last, together."""
    ranks = _first(kind, unit)
    return next((place for place, rank in enumerate(ranks) if source in rank), len(ranks))


def _delivers(contracts: Contracts, kind: Kind, unit: Unit, source: str) -> bool:
    """Whether a feed has anything to say about a unit."""
    return bool({member.name for member in unit.members} & contracts.says(source, kind.name))


def _departments(contracts: Contracts, feeds: Iterable[str]) -> Label | None:
    labels = list(dict.fromkeys(contracts.feeds[feed].department for feed in feeds))
    return Label("、".join(each.zh for each in labels), " or ".join(each.en for each in labels)) if labels else None


def _found(contracts: Contracts, unit: Unit, row: Mapping[str, Any]) -> Found:
    return Found(**{name: value for name, value in row.items() if name != "attribute"}, shown=told_in_words(contracts, unit, row["value"]))


def _said(contracts: Contracts, unit: Unit, row: Mapping[str, Any], source: str, bit: int) -> Said:
    differs = next((each for each in row["differs"] or () if each["attribute"] == unit.name and each["source"] == source), None)
    agrees = bool((row[f"{unit.name}__agree"] or 0) & bit)
    stance: Stance = "agrees" if agrees else "differs" if differs else "silent"
    claimed = differs["claimed"] if differs else row[f"{unit.name}__text"] if agrees else None
    shown = unit_in_words(contracts, unit, {member.name: row[f"{member.name}__text"] for member in unit.members}) if agrees else None
    if differs:
        shown = told_in_words(contracts, unit, claimed)
    where = differs or {name: row[f"{source}__{name}"] for name in ("observed_at", "record", "delivery", "row")}
    judged = bool(differs and differs["judged"])
    return Said(source, stance, claimed, shown, where["observed_at"], where["record"], where["delivery"], where["row"], judged)
