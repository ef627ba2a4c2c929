"""Relations about tasks and about what visits ask: the steps a task was said to have reached, the parameters of places and guides, and the form of every visit.

name | one row per
---|---
voided | delivery, or source, whose facts do not count: recalled, superseded, withdrawn
task_step | task, step and row that said so, of rows that count: recalled deliveries, withdrawn feeds and older versions of a row are left out
service_level_of | place, milestone: from which step to which, and the minutes allowed; a timer without a unit is none and is not here
task_guide_of | type of task and version of its guide: since when, its steps, the fields of a dwelling to ask
fresh_dwelling | dwelling: the fields that a visit could ask and need not, because the golden value is fresh and undisputed
form | visit closed as done, and field of its dwelling that a visit can ask: whether it was asked, and whether a fresh value existed then

A task's golden record tells where it stands; the steps before stand in its claims only. What a visit was spared is judged by what had been said before it, not by what is known now.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from contracts.golden.facts import counting_sql, void_steps
from contracts.golden.plan import VALUE_OUTCOMES, Relations, Step, text
from contracts.golden.statement import with_steps
from contracts.model import Contracts, Unit
from contracts.quantities import timer_minutes
from warehouse.wide import unit_text_sql

VOIDED_READS = ("closed", "switch")
STEP_READS = ("claim_event", "voided")
FORM_READS = ("visit", "finding", "roster", "claim_dwelling", "voided")
COUNTS: list[Step] = [("void", "select delivery from voided where delivery is not null"), ("withdrawn", "select source from voided where source is not null")]


def voided_sql() -> str:
    return with_steps(void_steps(Relations("", "")), "select null::varchar as source, delivery from void union all select source, null from withdrawn")


def step_sql() -> str:
    """A row that comes again with the same moment says nothing new."""
    steps = [*COUNTS, ("counting", counting_sql("claim_event", "\"kind\" = 'task' and stage is not null and not withdraws", "entity"))]
    return with_steps(steps, "select distinct entity, stage, observed_at, opened_at, officer, fed_back_at, verifier, partner, origin from counting")


def service_level_sql(contracts: Contracts) -> str:
    listed = [(row[:4], timer_minutes(row[4] or "")) for row in contracts.tables.get("service_level", ())]
    rows = [f"({', '.join(map(_cell, cells))}, {minutes}::bigint)" for cells, minutes in listed if minutes is not None]
    return _listed(rows, ("place", "milestone", "from_stage", "to_stage", "minutes"))


def guide_sql(contracts: Contracts) -> str:
    rows = [
        f"({_cell(kind)}, {int(version or 0)}, date {_cell(day)}, {_names(steps)}, {_names(ask)})"
        for kind, version, day, steps, ask in contracts.tables.get("task_guide", ())
    ]
    return _listed(rows, ("task_type", "version", "from_on", "steps", "ask"))


def form_sql(contracts: Contracts, fresh_days: Iterable[tuple[Unit, int]]) -> str:
    """`asked` by any outcome, or by a roster where it is how many live there; `fresh`: a claim or a finding of before the visit was within its freshness on that day."""
    fields = list(fresh_days)
    listed = ", ".join(f"({text(unit.name)}, {days})" for unit, days in fields)
    said = ", ".join(f"{{attribute: {text(unit.name)}, said: ({unit_text_sql(unit)}) is not null}}" for unit, _ in fields)
    mine = "entity in (select dwelling from visits)"
    steps: list[Step] = [
        *COUNTS,
        ("closings", counting_sql("visit", "event = 'closed' and outcome = 'done' and dwelling is not null", "visit")),
        ("visits", "select visit, dwelling, min(actor) as officer, min(observed_at) as visited_at from closings group by visit, dwelling"),
        ("fields", f"select * from (values {listed}) as listed (attribute, days)"),
        ("found", counting_sql("finding", f"kind = 'dwelling' and {mine}", "finding")),
        ("listings", counting_sql("roster", "dwelling in (select dwelling from visits)", "roster")),
        ("claimed", counting_sql("claim_dwelling", f"{mine} and not withdraws", "entity")),
        ("spoken", "select distinct entity, attribute, base from found union select distinct dwelling, 'people_band', base from listings"),
        (
            "heard",
            f"""select entity, attribute, base, observed_at from found where outcome in {VALUE_OUTCOMES}
  union select dwelling, 'people_band', base, observed_at from listings where complete and unidentified = 0
  union select entity, s.attribute, null, observed_at from (select entity, observed_at, unnest([{said}]) as s from claimed) where s.said""",
        ),
        (
            "asked",
            "select distinct visits.visit, visits.dwelling, spoken.attribute from visits join spoken on spoken.entity = visits.dwelling and starts_with(spoken.base, visits.visit || ':')",
        ),
        (
            "known",
            """select distinct visits.visit, visits.dwelling, heard.attribute from visits join heard on heard.entity = visits.dwelling join fields on fields.attribute = heard.attribute
  where heard.observed_at < visits.visited_at and heard.observed_at + to_days(fields.days) >= date_trunc('day', visits.visited_at)
    and coalesce(not starts_with(heard.base, visits.visit || ':'), true)""",
        ),
    ]
    return with_steps(
        steps,
        """select visits.visit, visits.dwelling, visits.officer, visits.visited_at, fields.attribute, asked.visit is not null as asked, known.visit is not null as fresh
from visits cross join fields
left join asked on asked.visit = visits.visit and asked.dwelling = visits.dwelling and asked.attribute = fields.attribute
left join known on known.visit = visits.visit and known.dwelling = visits.dwelling and known.attribute = fields.attribute""",
    )


def _listed(rows: Sequence[str], columns: Sequence[str]) -> str:
    """Literal rows; of none a relation without rows."""
    none = f"({', '.join(['null'] * len(columns))})"
    return f"select * from (values {', '.join(rows or [none])}) as listed ({', '.join(columns)}){'' if rows else ' where false'}"


def _cell(value: str | None) -> str:
    return "null" if value is None else text(value)


def _names(cell: str | None) -> str:
    return f"[{', '.join(map(text, (cell or '').split(';') if cell else []))}]::varchar[]"
