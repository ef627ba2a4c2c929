"""Facts of the laws as the Arrow tables the fold reads, and golden rows of either side in one comparable form."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import pyarrow as pa

from contracts.facts import FACTS, claim_schema
from contracts.model import Contracts, Kind, Unit
from tests.golden_rows import shown_rows
from tests.laws.example import KINDS
from tests.laws.shapes import Chunk, Claim, Closed, Finding, Presence, Resolved, Roster, Row, Switch, Value, Verification, Visit
from tests.laws.worlds import text

RECORDED = datetime(2026, 9, 1)
NAMES: dict[type, str] = {
    Presence: "presence", Finding: "finding", Roster: "roster", Verification: "verification", Visit: "visit", Chunk: "chunk", Closed: "closed", Switch: "switch",
}  # fmt: skip
ABSENT: dict[str, Any] = {"recorded_at": RECORDED, "evidence": "stated", "reason": "test", "actor": "a", "flags": None}
"""Columns that mean nothing to the fold."""


def fact_type(fact: Any) -> str:
    return f"claim.{fact.kind}" if isinstance(fact, Claim) else NAMES[type(fact)]


def tables(facts: Iterable[Any]) -> dict[str, pa.Table]:
    """One table per fact type, rows in the given order."""
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for fact in facts:
        rows[fact_type(fact)].append(row_of(fact))
    return {name: pa.Table.from_pylist(found, schema_of(name)) for name, found in rows.items()}


def schema_of(fact: str) -> pa.Schema:
    return claim_schema(KINDS[fact.removeprefix("claim.")]) if fact.startswith("claim.") else FACTS[fact]


def row_of(fact: Any) -> dict[str, Any]:
    row = {**ABSENT, **asdict(fact)}
    if isinstance(fact, Claim):
        row |= dict(zip((attribute.name for attribute in KINDS[fact.kind].attributes), row.pop("values"), strict=True))
        row |= dict(zip(("person", "dwelling"), fact.entity.split("@"), strict=False))
    return row


# --- golden rows of both sides


def golden_rows(contracts: Contracts, kind: Kind, table: pa.Table) -> dict[str, dict[str, Any]]:
    """The living rows of a golden table by entity; tombstones are checked and left out."""
    sources = contracts.sources(kind.name)
    rows = shown_rows(kind, sources, table)
    assert len({row["entity"] for row in rows}) == len(rows), "an entity has two golden rows"
    for row in rows:
        if not row["alive"]:
            assert_tombstone(kind, row)
    return {row["entity"]: plain_row(kind, sources, row) for row in rows if row["alive"]}


def assert_tombstone(kind: Kind, row: Mapping[str, Any]) -> None:
    """Nothing of a dead entity is left but its name."""
    assert row["present"] is False
    kept = {name for name, value in row.items() if value not in (None, False, 0, [])}
    assert kept <= {"entity", "person", "dwelling", "version"}, (row["entity"], kept)
    assert not row["differs"]


def plain_row(kind: Kind, sources: Sequence[str], row: Mapping[str, Any]) -> dict[str, Any]:
    plain: dict[str, Any] = {"observed_at": row["observed_at"], "area": row["area"]}
    if kind.name == "residency":
        plain |= {"main": row["main"], "ends": f"{row['person']}@{row['dwelling']}"}
    for source in sources:
        plain[source] = tuple(row[f"{source}__{column}"] for column in ("delivery", "row", "record", "observed_at"))
    for unit in kind.units:
        plain[unit.name] = {
            "value": tuple(row[member.name] for member in unit.members),
            "status": row[f"{unit.name}__status"],
            "source": row[f"{unit.name}__source"],
            "finding": row[f"{unit.name}__finding"],
            "agree": named(sources, row[f"{unit.name}__agree"]),
            "differ": named(sources, row[f"{unit.name}__differ"]),
        }
    plain["differs"] = [plain_difference(kind, entry) for entry in row["differs"] or []]
    return plain


def named(sources: Sequence[str], mask: int | None) -> list[str]:
    return [source for number, source in enumerate(sources) if (mask or 0) >> number & 1]


def plain_difference(kind: Kind, entry: Mapping[str, Any]) -> dict[str, Any]:
    unit = next(unit for unit in kind.units if unit.name == entry["attribute"])
    return {**entry, "claimed": canonical(unit, entry["claimed"]), "golden": canonical(unit, entry["golden"])}


def canonical(unit: Unit, given: str) -> str:
    """The text of a value; of a group its members in order of name, without the absent ones."""
    if len(unit.members) == 1:
        return given
    return json.dumps({name: value for name, value in json.loads(given).items() if value is not None}, sort_keys=True)


def expected_rows(contracts: Contracts, kind: Kind, rows: Mapping[str, Row]) -> dict[str, dict[str, Any]]:
    """The reference's living rows in the same form."""
    return {entity: expected_row(contracts, kind, row) for entity, row in rows.items() if row.alive}


def expected_row(contracts: Contracts, kind: Kind, row: Row) -> dict[str, Any]:
    sources = contracts.sources(kind.name)
    plain: dict[str, Any] = {"observed_at": row.recency, "area": row.area}
    if kind.name == "residency":
        plain |= {"main": row.main, "ends": row.entity}
    for source in sources:
        claim = row.speakers.get(source)
        plain[source] = (claim.delivery, claim.row, claim.record, claim.observed_at) if claim else (None, None, None, None)
    for unit in kind.units:
        plain[unit.name] = expected_unit(unit, row.units[unit.name])
    plain["differs"] = [
        difference for unit in sorted(kind.units, key=lambda unit: unit.name) for difference in expected_differences(unit, row.units[unit.name])
    ]
    return plain


def expected_unit(unit: Unit, one: Resolved) -> dict[str, Any]:
    return {
        "value": one.value if one.value is not None else (None,) * len(unit.members),
        "status": one.status,
        "source": one.source,
        "finding": one.finding,
        "agree": sorted(one.agree),
        "differ": sorted(one.differ),
    }


def expected_differences(unit: Unit, one: Resolved) -> list[dict[str, Any]]:
    names = ("attribute", "source", "record", "claimed", "golden", "judged", "observed_at", "delivery", "row")
    return [{**dict(zip(names, entry, strict=True)), "claimed": written(unit, entry[3]), "golden": written(unit, entry[4])} for entry in one.differs]


def written(unit: Unit, value: tuple[Value, ...]) -> str:
    if len(unit.members) == 1:
        return text(value[0])
    return json.dumps({member.name: part for member, part in zip(unit.members, value, strict=True) if part is not None}, sort_keys=True)
