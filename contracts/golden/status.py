"""Step 7: who agrees, who differs, and the table of statuses.

`ag_<unit>`, `di_<unit>`: bitmasks of counting sources equal to golden and differing from it; `un_<unit>` (where visits can speak): sources the unit's finding leaves free: those it
does not judge, and under a shallow one those of its branch; `su_<unit>`: the code of the status (see `basis`), null where there is no value.
"""

from __future__ import annotations

from contracts.golden.basis import AGREED, CORRECTED, DISPUTED, SINGLE, VERIFIED
from contracts.golden.choose import HOLDS, NONE, SHALLOW, SPENT, below, equal, has, judged
from contracts.golden.plan import Plan, Step, joined, name
from contracts.golden.wide import said
from contracts.model import Unit


def status_steps(plan: Plan) -> list[Step]:
    """`compared`: the masks; `rated`: the status of each unit."""
    masks = [column for unit in plan.units for column in _masks(plan, unit)]
    statuses = [f"{_status(unit)} as {name('su', unit.name)}" for unit in plan.units]
    return [
        ("compared", ", ".join(["select *", *masks]) + " from chosen"),
        ("rated", ", ".join(["select *", *statuses]) + " from compared"),
    ]


def _masks(plan: Plan, unit: Unit) -> list[str]:
    numbers = plan.speakers(unit)
    valued = f"{name('wi', unit.name)} is not null"
    agree = joined([_bit(_agrees(unit, number), number) for number in numbers], "|", "0")
    differ = joined([_bit(f"{valued} and {_differs(unit, number)}", number) for number in numbers], "|", "0")
    masks = [f"{agree}::integer as {name('ag', unit.name)}", f"{differ}::integer as {name('di', unit.name)}"]
    if not unit.visit:
        return masks
    unjudged = joined([_bit(f"not {judged(plan, number, unit)}", number) for number in numbers], "|", "0")
    return [*masks, f"case {name('st', unit.name)} when {NONE} then 0{_inside(plan, unit)} else {unjudged} end as {name('un', unit.name)}"]


def _inside(plan: Plan, unit: Unit) -> str:
    """Under a shallow finding the sources of its branch speak freely, as if unjudged."""
    if unit.compare != "address":
        return ""
    found = name("fv", unit.members[0].name)
    free = [_bit(f"not {judged(plan, number, unit)} or {below(found, said(number, unit)[0])}", number) for number in plan.speakers(unit)]
    return f" when {SHALLOW} then {joined(free, '|', '0')}"


def _bit(condition: str, number: int) -> str:
    return f"case when {condition} then {1 << number} else 0 end"


def _golden(unit: Unit) -> list[str]:
    return [name("g", member.name) for member in unit.members]


def _agrees(unit: Unit, number: int) -> str:
    mine = equal(said(number, unit), _golden(unit))
    return mine if len(unit.members) == 1 else f"{has(number, unit)} and {mine}"


def _differs(unit: Unit, number: int) -> str:
    mine = said(number, unit)
    golden = _golden(unit)
    if unit.compare == "address":
        return f"{mine[0]} <> {golden[0]} and not address_silent({mine[0]}, {golden[0]})"
    return f"{mine[0]} <> {golden[0]}" if len(mine) == 1 else f"{has(number, unit)} and not {equal(mine, golden)}"


def _status(unit: Unit) -> str:
    """Rows 1 to 8 of the table of statuses in reconcile.md, section 5."""
    agree, differ, unjudged, state = (name(prefix, unit.name) for prefix in ("ag", "di", "un", "st"))
    unsaid = f"case when {name('wi', unit.name)} is null then null"
    claimed = f"when {differ} <> 0 then {DISPUTED} when bit_count({agree}) >= 2 then {AGREED} else {SINGLE} end"
    if not unit.visit:
        return f"{unsaid} {claimed}"
    return f"""{unsaid}
    when {state} = {HOLDS} then case when {differ} & {unjudged} <> 0 or {name("fs", unit.name)} then {DISPUTED}
      when {agree} = 0 and {differ} <> 0 then {CORRECTED} else {VERIFIED} end
    when {state} in ({SPENT}, {SHALLOW}) then case when {differ} & {unjudged} <> 0 then {DISPUTED} when bit_count({agree} & {unjudged}) >= 2 then {AGREED} else {SINGLE} end
    {claimed}"""
