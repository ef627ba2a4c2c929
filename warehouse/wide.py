"""One wide table per kind, `<kind>_current`: golden values as marts show them, with status, source and evidence. Compiled from the contracts.

Columns: `entity` (for residency also `person`, `dwelling`, `main`), `area`, `label`, `observed_at`; per source where it speaks (`<source>__delivery`, `__row`, `__record`, `__observed_at`);
the attributes; per unit `__status`, `__source`, `__finding`, `__agree`, `__differ` and `__seen_at`: when its value was last said, by the finding or by a feed that agrees; `differs`.
Only entities of which a claim counts are in it. Nothing in it depends on the moment.
"""

from __future__ import annotations

from contracts.golden.basis import agree_sql, agrees_sql, basis, differ_sql, speaker_sql, status_sql, visited_sql
from contracts.model import Attribute, Contracts, Kind, Unit
from warehouse.masks import told_sql, value_sql
from warehouse.succession import joined_sql, resolved_sql

FINDINGS_SQL = "select finding, min(observed_at) as observed_at from (select finding, observed_at from finding union all select roster, observed_at from roster) group by finding"
SOURCE_COLUMNS = ("delivery", "row", "record", "observed_at")


def wide_name(kind: str) -> str:
    return f"{kind}_current"


def wide_sql(contracts: Contracts, kind: Kind) -> str:
    """The select that makes a kind's wide table from its golden table, the findings and `succession`: areas are called as they are now, divisions themselves by their own code."""
    sources = contracts.sources(kind.name)
    visited = [unit for unit in kind.units if unit.visit]
    columns = [*_head(kind), *(f'"{source}__{name}"' for source in sources for name in SOURCE_COLUMNS)]
    columns += [f"{value_sql(kind, each, _q(each.name))} as {_q(each.name)}" for each in kind.attributes]
    for unit in kind.units:
        columns += [f'{sql} as "{unit.name}__{part}"' for part, sql in _unit_columns(unit, sources).items()]
    columns.append(f"{_differs_sql(kind)} as differs")
    joins = "" if kind.name == "place" else "\n" + joined_sql("golden")
    joins += "".join(f'\nleft join findings as "seen_{unit.name}" on "seen_{unit.name}".finding = golden."{unit.name}__finding"' for unit in visited)
    listed = ",\n  ".join(columns)
    return f"with findings as ({FINDINGS_SQL})\nselect\n  {listed}\nfrom golden_{kind.name} as golden{joins}\nwhere alive"


def text_sql(attribute: Attribute) -> str:
    """An attribute's value as text."""
    return f"{_q(attribute.name)}::varchar"


def unit_text_sql(unit: Unit) -> str:
    """A unit's value as text; the members of a group joined by commas, blanks as nothing; null where every member is null."""
    if len(unit.members) == 1:
        return text_sql(unit.members[0])
    parts = ", ".join(f"coalesce({text_sql(member)}, '')" for member in unit.members)
    blank = " and ".join(f"{_q(member.name)} is null" for member in unit.members)
    return f"case when not ({blank}) then concat_ws(',', {parts}) end"


def _head(kind: Kind) -> list[str]:
    ends = ["person", "dwelling", "main"] if kind.name == "residency" else []
    title = next((each for each in kind.attributes if each.name == kind.title), None)
    label = f"({value_sql(kind, title, _q(title.name))})::varchar" if title else "null::varchar"
    area = "golden.area" if kind.name == "place" else f"{resolved_sql('golden')} as area"
    return ["entity", *ends, area, f"{label} as label", "golden.observed_at"]


def _unit_columns(unit: Unit, sources: tuple[str, ...]) -> dict[str, str]:
    held = basis(unit.name)
    return {
        "status": status_sql(held),
        "source": speaker_sql(held, sources),
        "finding": f'"{unit.name}__finding"' if unit.visit else "null::varchar",
        "agree": agree_sql(held),
        "differ": differ_sql(held),
        "seen_at": _seen_at_sql(unit, sources),
    }


def _seen_at_sql(unit: Unit, sources: tuple[str, ...]) -> str:
    said = [f'case when {agrees_sql(basis(unit.name), number)} then "{source}__observed_at" end' for number, source in enumerate(sources)]
    if unit.visit:
        said.append(f'case when {visited_sql(basis(unit.name))} then "seen_{unit.name}".observed_at end')
    return f"greatest({', '.join(said)})" if said else "null::timestamp_ms"


def _differs_sql(kind: Kind) -> str:
    """Discrepancies with the values as marts show them."""
    shown = told_sql(kind, "d.attribute", "{}")
    if shown == "{}":
        return "differs"
    kept = ", ".join(f'"{name}" := d."{name}"' for name in ("attribute", "source", "record"))
    rest = ", ".join(f'"{name}" := d."{name}"' for name in ("judged", "observed_at", "delivery", "row"))
    values = ", ".join(f"{name} := {told_sql(kind, 'd.attribute', f'd.{name}')}" for name in ("claimed", "golden"))
    return f"case when len(differs) > 0 then list_transform(differs, lambda d: struct_pack({kept}, {values}, {rest})) end"


def _q(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
