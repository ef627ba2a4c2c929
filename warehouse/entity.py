"""One entity as the published snapshot holds it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contracts.model import Contracts, Kind, Label
from warehouse.errors import UnknownEntity, UnknownKind
from warehouse.query import opened
from warehouse.wide import text_sql, unit_text_sql, wide_name

FINDINGS_SQL = """select attribute, finding, state, outcome, value, actor, evidence, observed_at, source, delivery, "row"
from visit_finding where kind = $kind and entity = $entity order by observed_at desc, finding, delivery, "row" """


@dataclass(frozen=True, slots=True)
class Entity:
    """Its row of the wide table with `<attribute>__text` and `<unit>__text` and the moment `known_at`, what visits found, and of a link the person's masked name."""

    row: Mapping[str, Any]
    findings: tuple[Mapping[str, Any], ...]
    person: str | None


def read_entity(folder: Path, contracts: Contracts, kind: str, entity: str) -> Entity:
    """Raises: `UnknownKind`; `UnknownEntity` where the entity is not in the snapshot; `NoSnapshot`."""
    with opened(folder) as snapshot:
        known = contracts.kinds.get(kind)
        if known is None:
            raise UnknownKind(kinds=", ".join(contracts.kinds))
        rows = snapshot.sql(_row_sql(known), params={"entity": entity}).to_arrow_table().to_pylist()
        if not rows:
            raise UnknownEntity(kind=Label(known.label.zh, kind))
        findings = snapshot.sql(FINDINGS_SQL, params={"kind": kind, "entity": entity}).to_arrow_table().to_pylist()
        names = snapshot.execute("select label from person_current where entity = ?", [rows[0].get("person")]).fetchone()
    return Entity(rows[0], tuple(findings), names[0] if names else None)


def _row_sql(kind: Kind) -> str:
    texts = {unit.name: unit_text_sql(unit) for unit in kind.units} | {each.name: text_sql(each) for each in kind.attributes}
    listed = ", ".join(f'{text} as "{name}__text"' for name, text in texts.items())
    return f"select *, {listed}, (select known_at from moment) as known_at from {wide_name(kind.name)} where entity = $entity"
