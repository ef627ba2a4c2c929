"""Step 5: one wide row per entity: what each source says (`v<i>_...`) and what the speaking finding of each unit says (`fv_...`).

Column prefixes: `t` observed_at, `b` listed without own time, `r` rank, `c` content, `d` delivery, `w` row, `k` record, `a` area, each with the source's number.
"""

from __future__ import annotations

from contracts.golden.plan import Plan, Step, name, values
from contracts.model import Unit

MARKS = {"t": "observed_at", "b": "bare", "r": "rank", "c": "content", "d": "delivery", "w": "row", "k": "record"}
SILENT = {"t": "timestamp_ms", "b": "boolean", "r": "smallint", "c": "ubigint", "d": "varchar", "w": "integer", "k": "varchar", "a": "varchar"}
"""The types of the marks of a source that says nothing here."""


def wide_step(plan: Plan) -> Step:
    """`wide`: touched entities with every source's speaking claim and the findings in force joined on."""
    columns = ["keyed.entity", *(column for number in range(len(plan.sources)) for column in _source_columns(plan, number))]
    columns += ["found.* exclude (n)"] if plan.visited else []
    tables = "".join(
        f"\n  left join (select * from spoken where i = {number}) s{number} using (n)" for number in range(len(plan.sources)) if plan.heard_of(number)
    )
    tables += "".join(f"\n  left join partial{number} using (n)" for number in sorted(plan.partial))
    tables += "\n  left join found using (n)" if plan.visited else ""
    return "wide", f"select {', '.join(columns)}\n  from keyed{tables}"


def mark(plan: Plan, prefix: str, number: int, unit: Unit) -> str:
    """The column that marks one source's tuple of a unit; sources that speak per attribute have it per unit."""
    return name(f"{prefix}{number}", unit.name) if number in plan.partial else name(f"{prefix}{number}")


def said(number: int, unit: Unit) -> list[str]:
    return values(unit, f"v{number}")


def _source_columns(plan: Plan, number: int) -> list[str]:
    if not plan.heard_of(number):
        return [f"null::{kind} as {name(f'{prefix}{number}')}" for prefix, kind in SILENT.items()]
    source = f"s{number}"
    columns = [f"{source}.{name(column)} as {name(f'{prefix}{number}')}" for prefix, column in {**MARKS, "a": "area"}.items()]
    units = [unit for unit in plan.units if number in plan.speakers(unit)]
    if number not in plan.partial:
        return columns + [f"{source}.{name(member.name)} as {name(f'v{number}', member.name)}" for unit in units for member in unit.members]
    given = f"partial{number}"
    for unit in units:
        columns += [f"{given}.{name(column, unit.name)} as {name(f'{prefix}{number}', unit.name)}" for prefix, column in MARKS.items()]
        columns += [f"{given}.{name('v', member.name)} as {name(f'v{number}', member.name)}" for member in unit.members]
    return columns
