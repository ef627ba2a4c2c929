"""Step 6: for each unit the state of its finding and the source that wins.

`st_<unit>`: 0 no finding, 1 it holds, 2 spent, 3 shallow (an address above a counting value: it only rules out other branches).
`wi_<unit>`: the number of the winning source, -1 for the visit, null for nobody.
"""

from __future__ import annotations

from collections.abc import Callable

from contracts.golden.plan import Plan, Step, joined, name, sql_type
from contracts.golden.wide import mark, said
from contracts.model import Unit

NONE, HOLDS, SPENT, SHALLOW = range(4)
Candidate = Callable[[int], str]


def state_step(plan: Plan) -> Step:
    """`weighed`: `wide` plus the state of the finding of each unit open to visits and which of two equally ranked sources is newer."""
    columns = [f"{_state(plan, unit)} as {name('st', unit.name)}" for unit in plan.units if unit.visit]
    pairs = sorted({pair for unit in plan.units for rank in plan.ranks_of(unit) for pair in _pairs(plan, unit, rank)})
    columns += [f"coalesce({_newer(first, second)}, false) as {name('nw', first, second)}" for first, second in pairs]
    return "weighed", ", ".join(["select *", *columns]) + " from wide"


def winner_steps(plan: Plan) -> list[Step]:
    """`won`: the winner by priority; `deepest`: for addresses the deepest value in the winner's branch; `chosen`: the golden values `g_...`."""
    winners = [f"{_winner(plan, unit)} as {name('wi', unit.name)}" for unit in plan.units]
    areas = _chain(plan.ranks("*"), lambda number: f'"a{number}" is not null', _newer) + " as area_from"
    steps = [("won", ", ".join(["select *", *winners, areas]) + " from weighed")]
    deep = [f"{_deepest(plan, unit)} as {name('wi', unit.name)}" for unit in plan.units if unit.compare == "address"]
    if deep:
        steps.append(("deepest", f"select * replace ({', '.join(deep)}) from won"))
    values = [_golden(plan, unit, position) for unit in plan.units for position in range(len(unit.members))]
    steps.append(("chosen", ", ".join(["select *", *values]) + f" from {steps[-1][0]}"))
    return steps


def has(number: int, unit: Unit) -> str:
    """Whether a source says anything about a unit."""
    return joined([f"{column} is not null" for column in said(number, unit)], "or", "false")


def judged(plan: Plan, number: int, unit: Unit) -> str:
    """Whether the unit's finding judges a source's claim: observed (for stays: begun) at or before it, or only still listed."""
    return f"({time(plan, number, unit)} <= {name('ft', unit.name)} or {mark(plan, 'b', number, unit)})"


def time(plan: Plan, number: int, unit: Unit) -> str:
    """When a source's claim stands against a finding; a stay stands from its beginning."""
    observed = mark(plan, "t", number, unit)
    stays = plan.links and unit.name == "present" and "from_on" in plan.says[number]
    return f"coalesce({name(f'v{number}', 'from_on')}::timestamp_ms, {observed})" if stays else observed


def equal(left: list[str], right: list[str]) -> str:
    """Equality of two tuples; of single values null where one is blank."""
    if len(left) == 1:
        return f"{left[0]} = {right[0]}"
    return joined([f"{one} is not distinct from {other}" for one, other in zip(left, right, strict=True)], "and", "true")


def contradicts(number: int, unit: Unit, other: list[str]) -> str:
    """Whether a source's non-blank tuple differs from a finding's, neither lying in the other's branch."""
    mine = said(number, unit)
    apart = f"{has(number, unit)} and not ({equal(mine, other)})"
    return f"{apart} and not address_silent({mine[0]}, {other[0]}) and not address_silent({other[0]}, {mine[0]})" if unit.compare == "address" else apart


def _found(unit: Unit) -> list[str]:
    return [name("fv", member.name) for member in unit.members]


def _state(plan: Plan, unit: Unit) -> str:
    numbers = plan.speakers(unit)
    late = [
        f"({contradicts(number, unit, _found(unit))} and not {judged(plan, number, unit)} and {time(plan, number, unit)} > {name('fl', unit.name)})"
        for number in numbers
    ]
    below = [f"coalesce(address_silent({_found(unit)[0]}, {said(number, unit)[0]}), false)" for number in numbers] if unit.compare == "address" else []
    shallow = f" when {joined(below, 'or', 'false')} then {SHALLOW}" if below else ""
    return f"case when {name('f', unit.name)} is null then {NONE} when {joined(late, 'or', 'false')} then {SPENT}{shallow} else {HOLDS} end"


def _winner(plan: Plan, unit: Unit) -> str:
    state = name("st", unit.name)
    newer = lambda first, second: name("nw", first, second)  # noqa: E731 - a column made by `state_step`
    if plan.partial:
        newer = lambda first, second: _newer_of(plan, unit, first, second)  # noqa: E731 - its marks are per unit
    free = _chain(plan.ranks_of(unit), lambda number: has(number, unit), newer)
    if not unit.visit:
        return free
    unjudged = _chain(plan.ranks_of(unit), lambda number: f"({has(number, unit)} and not {judged(plan, number, unit)})", newer)
    branch = ""
    if unit.compare == "address":
        found = _found(unit)[0]
        inside = _chain(plan.ranks_of(unit), lambda number: below(found, said(number, unit)[0]), newer)
        branch = f" when {state} = {SHALLOW} then {inside}"
    return f"case when {state} = {NONE} then {free} when {state} = {HOLDS} then -1{branch} else {unjudged} end"


def below(found: str, value: str) -> str:
    """Whether an address is a finding's or lies deeper in its branch."""
    return f"coalesce({value} = {found} or address_silent({found}, {value}), false)"


def _chain(ranks: list[tuple[int, ...]], candidate: Candidate, newer: Callable[[int, int], str]) -> str:
    """The first candidate by rank; within a rank the newest by the order key."""
    cases = []
    for rank in ranks:
        for number in rank:
            rivals = [f"(not {candidate(other)} or {_beats(newer, number, other)})" for other in rank if other != number]
            cases.append(f"when {' and '.join([candidate(number), *rivals])} then {number}")
    return f"(case {' '.join(cases)} end)" if cases else "null::integer"


def _beats(newer: Callable[[int, int], str], number: int, other: int) -> str:
    return newer(number, other) if number < other else f"not {newer(other, number)}"


def _pairs(plan: Plan, unit: Unit, rank: tuple[int, ...]) -> list[tuple[int, int]]:
    return [] if plan.partial else [(first, second) for first in rank for second in rank if first < second]


def _newer(first: int, second: int) -> str:
    return _newer_by(*([name(f"{prefix}{number}") for prefix in "trc"] for number in (first, second)))


def _newer_of(plan: Plan, unit: Unit, first: int, second: int) -> str:
    return _newer_by(*([mark(plan, prefix, number, unit) for prefix in "trc"] for number in (first, second)))


def _newer_by(first: list[str], second: list[str]) -> str:
    """Whether the first source's claim has the larger order key; among equals the smaller origin, so the first."""
    rank = f"coalesce({first[1]}, -32768) > coalesce({second[1]}, -32768)"
    same = f"coalesce({first[1]}, -32768) = coalesce({second[1]}, -32768)"
    return f"({first[0]} > {second[0]} or ({first[0]} = {second[0]} and ({rank} or ({same} and {first[2]} >= {second[2]}))))"


def _golden(plan: Plan, unit: Unit, position: int) -> str:
    member = unit.members[position]
    cases = " ".join(f"when {number} then {said(number, unit)[position]}" for number in plan.speakers(unit))
    found = f"when -1 then {name('fv', member.name)}" if unit.visit else ""
    return f"{chosen(name('wi', unit.name), f'{found} {cases}')}::{sql_type(member)} as {name('g', member.name)}"


def chosen(winner: str, cases: str) -> str:
    """What the winner's case gives; null where nobody can win."""
    return f"case {winner} {cases} end" if cases.strip() else "null"


def _deepest(plan: Plan, unit: Unit) -> str:
    """The winner, or the source of the deepest value in its branch: most parts, then the longest division, then survivorship order."""
    winner = name("wi", unit.name)
    numbers = plan.speakers(unit)
    top = f"(case {winner} {' '.join(f'when {number} then {said(number, unit)[0]}' for number in numbers)} end)" if numbers else "null::varchar"
    depths = {
        number: f"case when {_competes(plan, unit, number)} and address_silent({top}, {said(number, unit)[0]}) then {_depth(said(number, unit)[0])} else 0 end"
        for number in numbers
    }
    most = f"greatest({', '.join(depths.values())})" if depths else "0"
    newer = lambda first, second: _newer_of(plan, unit, first, second)  # noqa: E731
    chain = _chain(plan.ranks_of(unit), lambda number: f"({depths[number]} = {most})", newer)
    return f"case when {winner} >= 0 and {most} > 0 then {chain} else {winner} end"


def _competes(plan: Plan, unit: Unit, number: int) -> str:
    return "true" if not unit.visit else f"({name('st', unit.name)} <> {SPENT} or not {judged(plan, number, unit)})"


def _depth(value: str) -> str:
    return f"(len(string_split({value}, '/')) * 100 + length(split_part({value}, '/', 1)))"
