"""Relations that marts read besides tables, compiled from the contracts so that a new attribute, kind or feed needs no other mart SQL.

name | one row per
---|---
attribute | kind and unit: label, freshness, whether a visit can ask it
entity_state | kind and entity: label, statuses counted, what is disputed, stale or never verified at the moment
needs_dwelling, needs_residency | entity of that kind: what is disputed, stale or never verified
valued | kind, entity and unit that has a value: value as text, status, source, evidence, when last said, until when fresh
fate | visit's finding about an entity: what it said, its origin, what became of it
asking | attribute that a visit asks its department to correct
asked | value that a visit asks to correct, and a source that claims it
differing | discrepancy, or value that a visit asks to correct, with the golden side beside it
saying | claimed value of a differing entity (and each finding of it), as text
claim_count | kind, source, attribute, area and week of recording
in_force | kind, source, unit, area and week of recording: claims that count at the moment, and how many are fresh
delivered | delivery: its source and the week of its recording
checked | kind, source, unit, area and week: claims that a finding judged, and how many it confirmed
grid_of | village whose grid is the only one it has
cover | feed and population it covers
voided, task_step, service_level_of, task_guide_of, fresh_dwelling, form | see `warehouse.tasks`

What is fresh stays so to the end of the day on which its freshness ends: on one day the moment makes no difference to any of these, so a mart changes within a day only with what it reads.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from contracts.golden.differing import Links, cover_sql, differing_sql, odd_links, origins_sql
from contracts.model import Contracts, Kind, Unit
from warehouse.fates import REACHED_SQL, VISITED_SQL, fate_reads, fate_sql
from warehouse.requests import ASKED_SQL, ASKING_READS, REACHED_ASKED_SQL, asked_reads, asked_sql, asking_sql
from warehouse.tasks import FORM_READS, STEP_READS, VOIDED_READS, form_sql, guide_sql, service_level_sql, step_sql, voided_sql
from warehouse.wide import FINDINGS_SQL, text_sql, unit_text_sql, wide_name

LATE_DAYS = 7
"""A row recorded more than this after it was observed came late."""
STAY_DAYS = 90


@dataclass(frozen=True, slots=True)
class ByKind:
    """A relation that a build compiles for the kinds that matter only, because planning it for all costs more than the rows do: `made` is its SQL for some kinds,
    `whole` and `reached` ask for those kinds in a whole build and in one of what was reached."""

    made: Callable[[Iterable[str]], str]
    whole: str
    reached: str


@dataclass(frozen=True, slots=True)
class Relation:
    """A named select and what it reads. `kept`: small and read several times, so it is made once per query."""

    sql: str
    reads: tuple[str, ...]
    kept: bool = False
    by_kind: ByKind | None = None


def relations(contracts: Contracts, moment: datetime, only: Collection[str] | None = None) -> dict[str, Relation]:
    """Every compiled relation by name, of all kinds or of `only` some, which must be at least one: planning a statement over a kind costs more than the few rows that changed of another.

    What depends on the moment holds its day as a literal, because hundreds of subqueries take seconds to plan.
    """
    today = f"timestamp_ms '{moment.date().isoformat()} 00:00:00'"
    kinds = tuple(kind for name, kind in contracts.kinds.items() if only is None or name in only)
    wide = tuple(wide_name(kind.name) for kind in kinds)
    claims = tuple(f"claim_{kind.name}" for kind in kinds)

    def per_kind(make: Callable[[Contracts, Kind], str]) -> str:
        return union(make(contracts, kind) for kind in kinds if contracts.sources(kind.name))

    def needs(kind: str) -> Relation:
        return Relation(needs_sql(today, contracts.kinds[kind]), (wide_name(kind),))

    return {
        "attribute": Relation(attribute_sql(tuple(contracts.kinds.values())), ()),
        "entity_state": Relation(per_kind(partial(state_sql, today)), wide),
        **{f"needs_{kind}": needs(kind) for kind in ("dwelling", "residency") if kind in contracts.kinds},
        "valued": Relation(union(value_rows_sql(contracts, kind, unit) for kind in kinds for unit in kind.units), wide),
        "fate": Relation(fate_sql(contracts, contracts.kinds), fate_reads(contracts), by_kind=ByKind(partial(fate_sql, contracts), VISITED_SQL, REACHED_SQL)),
        "asking": Relation(asking_sql(contracts), ASKING_READS, kept=True),
        "asked": Relation(
            asked_sql(contracts, contracts.kinds), asked_reads(contracts), by_kind=ByKind(partial(asked_sql, contracts), ASKED_SQL, REACHED_ASKED_SQL)
        ),
        "differing": Relation(
            union([per_kind(_differing_sql), *odd_links(contracts, LINKS), "select * from asked"]), (*wide, *ODD_LINKS_READ, "asked"), kept=True
        ),
        "saying": Relation(union([per_kind(saying_sql), FOUND_SQL]), (*claims, "finding", "roster", "differing")),
        "claim_count": Relation(per_kind(claim_count_sql), claims),
        "in_force": Relation(per_kind(partial(in_force_sql, today)), (*wide, "delivered")),
        "checked": Relation(per_kind(checked_sql), (*wide, "finding", "roster")),
        "delivered": Relation(DELIVERED_SQL, ("chunk",)),
        "grid_of": Relation(GRID_SQL, ("place_current",)),
        "cover": Relation(cover_sql(contracts), ()),
        "service_level_of": Relation(service_level_sql(contracts), ()),
        "task_guide_of": Relation(guide_sql(contracts), ()),
        "voided": Relation(voided_sql(), VOIDED_READS),
        "task_step": Relation(step_sql(), STEP_READS),
        **(
            {
                "fresh_dwelling": Relation(fresh_sql(today, contracts.kinds["dwelling"]), (wide_name("dwelling"),)),
                "form": Relation(form_sql(contracts, asked_of(contracts)), FORM_READS),
            }
            if "dwelling" in contracts.kinds
            else {}
        ),
    }


FOUND_SQL = """select kind, entity, attribute, 'visit' as source, finding as origin, min(value) as value, min(observed_at) as observed_at, min(recorded_at) as recorded_at
from finding where outcome in ('confirmed', 'corrected') group by kind, entity, attribute, finding
union all
select 'residency', coalesce(person, '') || '@' || dwelling, 'present', 'visit', roster, 'true', min(observed_at), min(recorded_at) from roster group by person, dwelling, roster
union all
select 'dwelling', dwelling, 'people_band', 'visit', roster, people_band(count(distinct person)), min(observed_at), min(recorded_at) from roster group by dwelling, roster"""
GRID_SQL = "select parent_id as village, min(entity) as grid from place_current where kind = 'grid' group by parent_id having count(*) = 1"
LINKS = Links("person_current", "residency_current", "moment", "cover")
ODD_LINKS_READ = (LINKS.person, LINKS.residency, LINKS.moment, LINKS.cover)
DELIVERED_SQL = "select source, delivery, date_trunc('week', min(recorded_at))::date as week from chunk group by source, delivery"


def union(selects: Iterable[str]) -> str:
    return "\nunion all\n".join(select for select in selects if select)


def attribute_sql(kinds: Sequence[Kind]) -> str:
    """The units of all kinds, as literal rows."""
    rows = ", ".join(
        f"('{kind.name}', '{unit.name}', '{unit.members[0].label.zh}', '{_text(unit.members[0].label.en)}', {fresh_days(unit)}, {unit.visit})"
        for kind in kinds
        for unit in kind.units
    )
    return f"select * from (values {rows}) as listed (kind, attribute, label_zh, label_en, freshness_days, visit)"


def state_sql(today: str, contracts: Contracts, kind: Kind) -> str:
    """Counts over the units of each entity, and what it needs. `present` is told by the entity's being there and does not count."""
    counts = [f"({_sum(_is(unit, status) for unit in _counted(kind))})::integer as {status}" for status in ("verified", "corrected", "agreed", "single")]
    return f"select '{kind.name}' as kind, entity, area, label, observed_at, {', '.join([*counts, *_needs(today, kind)])} from {wide_name(kind.name)}"


def needs_sql(today: str, kind: Kind) -> str:
    """What each entity of a kind needs: counts and lists of units, and when what was said of them was said."""
    return f"select entity, area, {', '.join(_needs(today, kind))} from {wide_name(kind.name)}"


def _needs(today: str, kind: Kind) -> list[str]:
    units = _counted(kind)
    disputed = [(unit, _is(unit, "disputed")) for unit in units]
    stale = [(unit, _stale(today, unit)) for unit in units]
    unseen = [(unit, _unseen(unit)) for unit in units if unit.visit]
    named = {"disputed": disputed, "stale": stale, "never_verified": unseen}
    return [
        *(f"({_sum(condition for _, condition in conditions)})::integer as {name}" for name, conditions in named.items()),
        *(f"{_names(conditions)} as {name}_attributes" for name, conditions in named.items()),
        f"{_oldest(disputed)} as disputed_seen_at",
        f"{_oldest(stale)} as stale_seen_at",
    ]


def _counted(kind: Kind) -> list[Unit]:
    return [unit for unit in kind.units if unit.name != "present" or kind.name == "residency"]


def asked_of(contracts: Contracts) -> list[tuple[Unit, int]]:
    """What a visit can ask about a dwelling, and for how many days an answer is fresh. That it is there needs no question."""
    return [(unit, fresh_days(unit)) for unit in contracts.kinds["dwelling"].units if unit.visit and unit.name != "present"]


def fresh_sql(today: str, kind: Kind) -> str:
    """Per entity the units that a visit could ask and need not: their golden value is fresh, and nobody disputes it."""
    known = [(unit, f"(\"{unit.name}__status\" <> 'disputed' and not {_stale(today, unit)})") for unit in kind.units if unit.visit and unit.name != "present"]
    return f"select entity, {_names(known)} as attributes from {wide_name(kind.name)}"


def value_rows_sql(contracts: Contracts, kind: Kind, unit: Unit) -> str:
    """Values one a row. Evidence: the finding in force, or the row of the source whose value is shown. Nothing in it depends on the moment."""
    origin = origins_sql(contracts.sources(kind.name))
    return f"""select '{kind.name}' as kind, entity, '{unit.name}' as attribute, {unit_text_sql(unit)} as value, "{unit.name}__status" as status, "{unit.name}__source" as source,
  case "{unit.name}__source" when 'visit' then "{unit.name}__finding" {origin} end as evidence, {_seen(unit)} as seen_at, {_seen(unit)} + to_days({fresh_days(unit)}) as fresh_until
from {wide_name(kind.name)} where "{unit.name}__status" is not null"""


def _differing_sql(contracts: Contracts, kind: Kind) -> str:
    return differing_sql(contracts, kind, wide_name(kind.name))


def saying_sql(contracts: Contracts, kind: Kind) -> str:
    """What the claims about differing entities say of the units that differ; a withdrawal says nothing about any."""
    values = " ".join(f"when '{unit.name}' then {unit_text_sql(unit)}" for unit in kind.units)
    return f"""select '{kind.name}' as kind, entity, wanted.attribute, source, delivery || '/' || "row" as origin,
  case when not withdraws then case wanted.attribute {values} end end as value, observed_at, recorded_at
from claim_{kind.name} join (select distinct entity, attribute from differing where kind = '{kind.name}') as wanted using (entity)"""


def claim_count_sql(contracts: Contracts, kind: Kind) -> str:
    late = f"own_time and recorded_at > observed_at + to_days({LATE_DAYS})"
    counts = ", ".join(f'count({_first_text(unit)}) as "{unit.name}", count({_first_text(unit)}) filter ({late}) as "{unit.name}__late"' for unit in kind.units)
    said = ", ".join(f'{{attribute: \'{unit.name}\', claims: "{unit.name}", late: "{unit.name}__late"}}' for unit in kind.units)
    return f"""select '{kind.name}' as kind, source, area, week, s.attribute, s.claims, s.late
from (select source, area, week, unnest([{said}]) as s
  from (select source, area, date_trunc('week', recorded_at)::date as week, {counts} from claim_{kind.name} where not withdraws group by all)) where s.claims > 0"""


def in_force_sql(today: str, contracts: Contracts, kind: Kind) -> str:
    """Per source: the newest counting claim of each entity, counted where it says something about the unit."""
    return union(_in_force_sql(today, kind, source, 1 << bit) for bit, source in enumerate(contracts.sources(kind.name)))


def checked_sql(contracts: Contracts, kind: Kind) -> str:
    """Claims beside a finding: they agree with the value that holds (confirmed) or differ from it."""
    units = [unit for unit in kind.units if unit.visit]
    found = ", ".join(
        f'{{attribute: \'{unit.name}\', finding: "{unit.name}__finding", agree: "{unit.name}__agree", differ: "{unit.name}__differ"}}' for unit in units
    )
    said = ", ".join(
        f"{{source: '{source}', agrees: u.agree & {1 << bit} > 0, differs: u.differ & {1 << bit} > 0}}"
        for bit, source in enumerate(contracts.sources(kind.name))
    )
    some = " or ".join(f'"{unit.name}__finding" is not null' for unit in units)
    return (
        f"""select '{kind.name}' as kind, s.source, area, date_trunc('week', seen.observed_at)::date as week, attribute, count(*) as checked, count(*) filter (s.agrees) as confirmed
from (select area, u.attribute, u.finding, unnest([{said}]) as s
  from (select area, unnest([{found}]) as u from {wide_name(kind.name)} where {some}) where u.finding is not null) as judged
join ({FINDINGS_SQL}) as seen using (finding) where s.agrees or s.differs group by all"""
        if units
        else ""
    )


def _in_force_sql(today: str, kind: Kind, source: str, bit: int) -> str:
    speaks = {unit.name: f'("{unit.name}__agree" | "{unit.name}__differ") & {bit} > 0' for unit in kind.units}
    fresh = {unit.name: f'{speaks[unit.name]} and "{source}__observed_at" + to_days({fresh_days(unit)}) >= {today}' for unit in kind.units}
    counts = ", ".join(f'count(*) filter ({speaks[name]}) as "{name}", count(*) filter ({fresh[name]}) as "{name}__fresh"' for name in speaks)
    said = ", ".join(f'{{attribute: \'{name}\', claims: "{name}", fresh: "{name}__fresh"}}' for name in speaks)
    return f"""select '{kind.name}' as kind, '{source}' as source, area, week, s.attribute, s.claims, s.fresh
from (select area, delivery, unnest([{said}]) as s
  from (select area, "{source}__delivery" as delivery, {counts} from {wide_name(kind.name)} where "{source}__delivery" is not null group by all)) as counted
join (select delivery, week from delivered where source = '{source}') as delivered using (delivery) where s.claims > 0"""


def _first_text(unit: Unit) -> str:
    """An expression that is null exactly where the unit says nothing."""
    return text_sql(unit.members[0]).removesuffix("::varchar") if len(unit.members) == 1 else unit_text_sql(unit)


def _is(unit: Unit, status: str) -> str:
    return f"\"{unit.name}__status\" = '{status}'"


def _seen(unit: Unit) -> str:
    return f'"{unit.name}__seen_at"'


def _stale(today: str, unit: Unit) -> str:
    """Outside its freshness: it ended before the day of the moment."""
    return f"coalesce({_seen(unit)} + to_days({fresh_days(unit)}) < {today}, false)"


def fresh_days(unit: Unit) -> int:
    """A stay's presence has freshness 0 in the fold (every later stay is new); marts judge it by the class of lets."""
    return unit.freshness_days or STAY_DAYS


def _unseen(unit: Unit) -> str:
    return f'("{unit.name}__status" is not null and "{unit.name}__finding" is null)'


def _sum(conditions: Iterable[str]) -> str:
    return " + ".join(f"coalesce({condition}, false)::integer" for condition in conditions) or "0"


def _oldest(conditions: Iterable[tuple[Unit, str]]) -> str:
    """When the value that was said longest ago was said, among the units where a condition holds."""
    listed = [f"case when {condition} then {_seen(unit)} end" for unit, condition in conditions]
    return f"least({', '.join(listed)})" if listed else "null::timestamp_ms"


def _names(conditions: Iterable[tuple[Unit, str]]) -> str:
    cases = ", ".join(f"case when {condition} then '{unit.name}' end" for unit, condition in conditions)
    return f"list_filter([{cases}]::varchar[], lambda x: x is not null)"


def _text(text: str) -> str:
    return text.replace("'", "''")
