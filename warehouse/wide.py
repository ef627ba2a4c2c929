"""One wide table per kind, `<kind>_current`: golden values as marts show them, with status, source and evidence. Compiled from the contracts.

Columns: `entity` (for residency also `person`, `dwelling`, `main`), `area`, `label`, `observed_at`; per source where it speaks (`<source>__delivery`, `__row`, `__record`, `__observed_at`);
the attributes; per unit `__status`, `__source`, `__finding`, `__agree`, `__differ` and `__seen_at`: when its value was last said, by the finding or by a feed that agrees; `differs`.
Only entities of which a claim counts are in it. Nothing in it depends on the moment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from contracts.golden.basis import agree_sql, agrees_sql, basis, differ_sql, speaker_sql, status_sql, visited_sql
from contracts.model import Attribute, Contracts, Kind, Unit
from warehouse.masks import told_sql, value_sql
from warehouse.succession import joined_sql, resolved_sql

FINDINGS_SQL = "select finding, min(observed_at) as observed_at from (select finding, observed_at from finding union all select roster, observed_at from roster) group by finding"
SOURCE_COLUMNS = ("delivery", "row", "record", "observed_at")
SAID, FOUND = "__observed_at", "__finding"
"""How the columns of golden rows end that tell who speaks: of a feed, and of a unit's finding."""


def wide_name(kind: str) -> str:
    return f"{kind}_current"


@dataclass(frozen=True, slots=True)
class Spoken:
    """Who says anything in some golden rows: the feeds, and the units that findings speak about. It may name more, never less."""

    sources: frozenset[str]
    visits: frozenset[str]

    @classmethod
    def of(cls, row: Mapping[str, bool]) -> Spoken:
        """From the row that `spoken_sql` gives."""
        sources, visits = ({column.removesuffix(end) for column, said in row.items() if said and column.endswith(end)} for end in (SAID, FOUND))
        return cls(frozenset(sources), frozenset(visits))


def spoken_sql(contracts: Contracts, kind: Kind, golden: str) -> str:
    """One row for `Spoken.of` about the golden rows of a relation. Small publishes ask it first: wide rows of those who speak only are planned in half the time."""
    columns = [f"{source}{SAID}" for source in contracts.sources(kind.name)] + [f"{unit.name}{FOUND}" for unit in kind.units if unit.visit]
    return f"select {', '.join(f'count({_q(column)}) > 0 as {_q(column)}' for column in columns) or '1'} from {golden}"


def wide_sql(contracts: Contracts, kind: Kind, spoken: Spoken | None = None) -> str:
    """The select that makes a kind's wide table from its golden table, the findings and `succession`: areas are called as they are now, divisions themselves by their own code.

    `spoken`: who says anything in the golden table, by default anyone.
    """
    sources = contracts.sources(kind.name)
    visited = [unit for unit in kind.units if unit.visit and (spoken is None or unit.name in spoken.visits)]
    columns = [*_head(kind), *(f'"{source}__{name}"' for source in sources for name in SOURCE_COLUMNS)]
    columns += [f"{value_sql(kind, each, _q(each.name))} as {_q(each.name)}" for each in kind.attributes]
    speakers = {number: contracts.says(source, kind.name) for number, source in enumerate(sources) if spoken is None or source in spoken.sources}
    for unit in kind.units:
        said = [number for number, says in speakers.items() if says & {member.name for member in unit.members}]
        parts = {**_unit_columns(unit, sources), "seen_at": _seen_at_sql(unit, {number: sources[number] for number in said}, unit in visited)}
        columns += [f'{sql} as "{unit.name}__{part}"' for part, sql in parts.items()]
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
    }


def _seen_at_sql(unit: Unit, sources: Mapping[int, str], visited: bool) -> str:
    """`sources`: by their number those that say something about the unit; `visited`: whether a finding does."""
    said = [f'case when {agrees_sql(basis(unit.name), number)} then "{source}__observed_at" end' for number, source in sources.items()]
    if visited:
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
