"""Explain an entity from the published snapshot: every value, the rule that chose it, who says what since when, and the origins.

The snapshot alone answers: a source's bit tells that it agrees, the list of discrepancies what it says otherwise, its columns when and in which row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from contracts.model import Contracts, Kind, Label, Unit
from warehouse.errors import UnknownEntity
from warehouse.query import opened
from warehouse.rules import StatusRule, rule_of
from warehouse.wide import unit_text_sql, wide_name

Stance = Literal["agrees", "differs", "silent"]


@dataclass(frozen=True, slots=True)
class Said:
    """What one source says of a unit. `claimed` as marts show it; null where it is silent. `judged`: a finding refutes it."""

    source: str
    stance: Stance
    claimed: str | None
    observed_at: datetime
    record: str | None
    delivery: str
    row: int
    judged: bool


@dataclass(frozen=True, slots=True)
class Explained:
    """One unit of an entity: its value and everything it rests on. `first` lists sources in order of priority."""

    attribute: str
    label: Label
    value: str | None
    status: str | None
    source: str | None
    finding: str | None
    seen_at: datetime | None
    stale: bool
    rule: StatusRule
    said: tuple[Said, ...]
    first: tuple[tuple[str, ...], ...]
    visit: bool


@dataclass(frozen=True, slots=True)
class Explanation:
    """An entity, as marts show it, with all its units in contract order."""

    kind: str
    entity: str
    label: str | None
    area: str | None
    moment: datetime
    units: tuple[Explained, ...]


def explain(folder: Path, contracts: Contracts, kind: str, entity: str) -> Explanation:
    """Why an entity's values are what they are.

    Raises: `UnknownEntity` where the kind or the entity is not in the snapshot; `NoSnapshot`.
    """
    known = contracts.kinds.get(kind)
    if known is None:
        raise UnknownEntity(kind=kind)
    texts = ", ".join(f'{unit_text_sql(unit)} as "{unit.name}__text"' for unit in known.units)
    query = f"select *, {texts}, (select known_at from moment) as known_at from {wide_name(kind)} where entity = $entity"
    with opened(folder) as snapshot:
        rows = snapshot.sql(query, params={"entity": entity}).to_arrow_table().to_pylist()
    if not rows:
        raise UnknownEntity(kind=kind)
    row = rows[0]
    sources = contracts.sources(kind)
    units = tuple(_explained(known, unit, row, sources) for unit in known.units)
    return Explanation(kind, entity, row["label"], row["area"], row["known_at"], units)


def _explained(kind: Kind, unit: Unit, row: Mapping[str, Any], sources: tuple[str, ...]) -> Explained:
    agree = row[f"{unit.name}__agree"] or 0
    status, source, seen_at = row[f"{unit.name}__status"], row[f"{unit.name}__source"], row[f"{unit.name}__seen_at"]
    days = (row["known_at"] - seen_at).days if seen_at else 0
    return Explained(
        unit.name,
        unit.members[0].label,
        row[f"{unit.name}__text"],
        status,
        source,
        row[f"{unit.name}__finding"],
        seen_at,
        bool(unit.freshness_days) and days >= unit.freshness_days,
        rule_of(status, source, agree.bit_count()),
        tuple(_said(unit, row, each, 1 << bit) for bit, each in enumerate(sources) if row[f"{each}__delivery"] is not None),
        kind.priorities.get(unit.name, kind.priorities.get("*", ())),
        unit.visit,
    )


def _said(unit: Unit, row: Mapping[str, Any], source: str, bit: int) -> Said:
    differs = next((each for each in row["differs"] or () if each["attribute"] == unit.name and each["source"] == source), None)
    agrees = bool((row[f"{unit.name}__agree"] or 0) & bit)
    stance: Stance = "agrees" if agrees else "differs" if differs else "silent"
    claimed = differs["claimed"] if differs else row[f"{unit.name}__text"] if agrees else None
    where = differs or {name: row[f"{source}__{name}"] for name in ("observed_at", "record", "delivery", "row")}
    return Said(source, stance, claimed, where["observed_at"], where["record"], where["delivery"], where["row"], bool(differs and differs["judged"]))
