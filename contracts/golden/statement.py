"""The statement: all steps strung together, ending in exactly the columns of `facts.golden_schema`."""

from __future__ import annotations

from contracts.golden.basis import basis, code_sql, packed_sql
from contracts.golden.choose import SPENT, state_step, winner_steps
from contracts.golden.claims import mine_steps, repaired_steps, spoken_steps
from contracts.golden.differs import differs_sql
from contracts.golden.facts import void_steps
from contracts.golden.findings import force_steps, shown_step, verdict_steps, voice_steps
from contracts.golden.plan import Heard, Plan, Relations, Step, counted, joined, name, text
from contracts.golden.rosters import band_steps, roster_steps
from contracts.golden.snapshots import complete_steps, judged_steps
from contracts.golden.status import status_steps
from contracts.golden.wide import wide_step
from contracts.model import Contracts, Kind, Unit

HERE = "(alive and coalesce(present, false))"
"""Of a link: it is there."""


def golden_sql(kind: Kind, contracts: Contracts, relations: Relations, heard: Heard | None = None) -> str:
    """One select giving the golden rows (`facts.golden_schema`) of the entities in `relations.touched`, one each; `version` is 0.

    `heard`: who speaks about them, by default anyone. Needs the macro `address_silent` of rules.sql where a kind has addresses.
    """
    plan = Plan.of(kind, contracts, relations, heard)
    steps = [
        *(void_steps(relations) if plan.voided else []),
        *(complete_steps(relations, plan.max_unkeyed, plan.voided) if plan.ended else []),
        *mine_steps(plan),
        *repaired_steps(plan),
        *judged_steps(plan),
        *spoken_steps(plan),
        *(_visit_steps(plan) if plan.visited else []),
        wide_step(plan),
        state_step(plan),
        *winner_steps(plan),
        *status_steps(plan),
        ("lived", f"select *, {_alive(plan)} as alive from rated"),
        ("rows", f"select {', '.join(_output(plan))} from lived"),
    ]
    if plan.links:
        steps += _main_steps()
    return with_steps(
        steps, f"select * replace ({HERE} and second.entity is null as main) from rows left join second using (entity)" if plan.links else "select * from rows"
    )


def _visit_steps(plan: Plan) -> list[Step]:
    """What visits say: their findings, what rosters tell, and which of them speaks."""
    rosters = roster_steps(plan) if plan.listed else band_steps(plan) if plan.counted else []
    return [*verdict_steps(plan), *rosters, *voice_steps(plan), shown_step(), *force_steps(plan)]


def with_steps(steps: list[Step], select: str) -> str:
    """A statement of named steps ending in `select`."""
    return "with recursive " + ",\n".join(f"{step} as (\n  {sql}\n)" for step, sql in steps) + f"\n{select}"


def known_sql(kind: Kind, relations: Relations) -> str:
    """Every entity that some fact of a kind names: what to touch when nothing is stored yet, or for a cut."""
    named = [f"select entity from {relation} where kind = {text(kind.name)}" for relation in (relations.finding, relations.presence)]
    selects = [f"select entity from {relations.claims}", *named]
    if kind.name == "residency":
        selects.append(f"select person || '@' || dwelling from {relations.roster} where person is not null")
    if counted(kind):
        selects.append(f"select dwelling from {relations.roster} where complete")
    return f"select distinct entity from ({' union all '.join(selects)}) where entity is not null"


def _alive(plan: Plan) -> str:
    claims = [f"{name(f't{number}')} is not null" for number in range(len(plan.sources))]
    findings = [f"{name('f', unit.name)} is not null" for unit in plan.visited if unit.name != "present"]
    present = [f"coalesce({name('fv', unit.name)}, false)" for unit in plan.visited if unit.name == "present"]
    return joined([*claims, *findings, *present], "or", "false")


def _output(plan: Plan) -> list[str]:
    columns = ["entity"]
    if plan.links:
        columns += ["split_part(entity, '@', 1) as person", "substr(entity, instr(entity, '@') + 1) as dwelling"]
    columns += ["alive", f"{_area(plan)} as area", f"{_observed(plan)} as observed_at"]
    if plan.links:
        columns.append("false as main")
    for number, source in enumerate(plan.sources):
        columns += [
            f'{name(f"{prefix}{number}")} as "{source}__{column}"' for prefix, column in zip("dwkt", ("delivery", "row", "record", "observed_at"), strict=True)
        ]
    columns += [f"{_value(attribute.name)} as {name(attribute.name)}" for attribute in plan.kind.attributes]
    columns += [column for unit, promised in zip(plan.units, plan.kind.units, strict=True) for column in _unit_columns(plan, unit, promised.visit)]
    return [*columns, f"{differs_sql(plan)} as differs", "0::bigint as version"]


def _value(attribute: str) -> str:
    golden = name("g", attribute)
    return f"case when alive then {golden} else false end" if attribute == "present" else golden


def _unit_columns(plan: Plan, unit: Unit, promised: bool) -> list[str]:
    """`promised`: whether there is a column for the unit's finding, also where none is heard."""
    columns = {basis(unit.name): packed_sql(*(name(prefix, unit.name) for prefix in ("su", "wi", "ag", "di")))}
    if promised:
        speaking = f"case when {name('st', unit.name)} <> {SPENT} then {name('f', unit.name)} end" if unit.visit else "null::varchar"
        columns[name(f"{unit.name}__finding")] = speaking
    # A dead entity has no values, and nobody speaks of it; but a finding may say that it is not there.
    return [f"{f'case when alive then {value} end' if unit.name == 'present' else value} as {column}" for column, value in columns.items()]


def _observed(plan: Plan) -> str:
    claims = [name(f"t{number}") for number in range(len(plan.sources))]
    findings = [f"case when {name('st', unit.name)} <> {SPENT} then {name('ft', unit.name)} end" for unit in plan.visited]
    times = ", ".join([*claims, *findings])
    return f"case when alive then greatest({times}) end" if times else "null::timestamp_ms"


def _area(plan: Plan) -> str:
    cases = " ".join(f"when {number} then {name(f'a{number}')}" for number in range(len(plan.sources)))
    claimed = f"case area_from {cases} end" if cases else "null::varchar"
    # Not split_part over substr: DuckDB 2.0.0 fails to bind that where it knows the column to be ASCII.
    key = {"residency": "regexp_extract(entity, '@([^/]*)', 1)", "dwelling": "split_part(entity, '/', 1)"}.get(plan.kind.name)
    return f"case when alive then coalesce({claimed}, nullif({key}, '-')) end" if key else f"case when alive then {claimed} end"


def _main_steps() -> list[Step]:
    """`second`: present links that are not their person's main residence: among present ones that is told by status, then the newest, then the smallest id.

    Ranked in narrow rows, and only for persons with several: ranking whole golden rows took a third of the time of all links.
    """
    order = "partition by person order by standing, observed_at desc, entity"
    return [
        ("here", f"select entity, person, {code_sql(basis('present'))} as standing, observed_at from rows where {HERE}"),
        ("torn", "select person from here group by person having count(*) > 1"),
        ("second", f"select entity from (select entity, row_number() over ({order}) as place from here semi join torn using (person)) where place > 1"),
    ]
