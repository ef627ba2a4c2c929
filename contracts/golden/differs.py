"""Step 8: the discrepancies of each entity, one entry per unit and differing source."""

from __future__ import annotations

from contracts.facts import DIFFER
from contracts.golden.choose import HOLDS, SPENT, judged
from contracts.golden.plan import Plan, joined, name, text, values
from contracts.golden.wide import mark
from contracts.model import Unit

TYPE = 'struct(attribute varchar, source varchar, record varchar, claimed varchar, golden varchar, judged boolean, observed_at timestamp_ms, delivery varchar, "row" integer)[]'
assert [field.name for field in DIFFER.value_type] == ["attribute", "source", "record", "claimed", "golden", "judged", "observed_at", "delivery", "row"]


def differs_sql(plan: Plan) -> str:
    """The list of discrepancies, ordered by unit name and source; built only for entities that have one."""
    units = sorted((unit for unit in plan.units if _can_differ(plan, unit)), key=lambda unit: unit.name)
    masks = [name("di", unit.name) for unit in units]
    if not units:
        return f"[]::{TYPE}"
    lists = [f"case when {name('di', unit.name)} <> 0 then [{', '.join(_entry(plan, unit, number) for number in plan.speakers(unit))}] end" for unit in units]
    return (
        f"case when {joined(masks, '|', '0')} = 0 then []::{TYPE} else list_filter(flatten([{', '.join(lists)}]), lambda entry: entry is not null)::{TYPE} end"
    )


def _can_differ(plan: Plan, unit: Unit) -> bool:
    """A single source differs from nobody but a visit: nothing is compiled for it where no visit can speak."""
    return len(plan.speakers(unit)) > (0 if unit.visit else 1)


def _entry(plan: Plan, unit: Unit, number: int) -> str:
    marks = {key: mark(plan, prefix, number, unit) for key, prefix in (("record", "k"), ("observed_at", "t"), ("delivery", "d"), ("row", "w"))}
    held = "false" if not unit.visit else f"coalesce({name('st', unit.name)} in ({HOLDS}, {SPENT}) and {judged(plan, number, unit)}, false)"
    fields = {
        "attribute": text(unit.name),
        "source": text(plan.sources[number]),
        "record": marks["record"],
        "claimed": as_text(unit, f"v{number}"),
        "golden": as_text(unit, "g"),
        "judged": held,
        "observed_at": marks["observed_at"],
        "delivery": marks["delivery"],
        "row": marks["row"],
    }
    entry = ", ".join(f"{name(key)}: {value}" for key, value in fields.items())
    return f"case when {name('di', unit.name)} & {1 << number} <> 0 then {{{entry}}} end"


def as_text(unit: Unit, prefix: str) -> str:
    """A unit's tuple as text; for a group a JSON object of its members."""
    columns = values(unit, prefix)
    if len(columns) == 1 and unit.members[0].name == unit.name:
        return f"{columns[0]}::varchar"
    return f"json_object({', '.join(f'{text(member.name)}, {column}' for member, column in zip(unit.members, columns, strict=True))})::varchar"
