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
succession | division code and time it was withdrawn: the code that took its place
link_count | place of a link and of its dwelling: links, and those with both ends known
checked | kind, source, unit, area and week: claims that a finding judged, and how many it confirmed
set_aside | delivery, day, field and rule that its rows broke: how many were set aside, the first three by place
checked_pair | kind, unit and two sources that both spoke where a finding speaks: how often, how often each was wrong, and both with the same value
grid_of | village whose grid is the only one it has
floor_of | grid, or village without a single one: its dwellings, and those visited within a year
cover | feed and population it covers
voided, task_step, service_level_of, task_guide_of, fresh_dwelling, form | see `warehouse.tasks`

What is fresh stays so to the end of the day on which its freshness ends: on one day the moment makes no difference to any of these, so a mart changes within a day only with what it reads.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from contracts.golden.differing import Links, cover_sql, differing_sql, odd_links, origins_sql
from contracts.model import Contracts, Kind, Unit
from warehouse import link_count
from warehouse.fates import REACHED_SQL, VISITED_SQL, fate_reads, fate_sql
from warehouse.in_force import fresh_days, in_force_sql
from warehouse.renewing.moved import reached_name
from warehouse.requests import ASKED_SQL, ASKING_READS, REACHED_ASKED_SQL, asked_reads, asked_sql, asking_sql
from warehouse.set_aside import set_aside_sql
from warehouse.succession import joined_sql, resolved_sql, succession_reads, succession_sql
from warehouse.tasks import FORM_READS, STEP_READS, VOIDED_READS, form_sql, guide_sql, service_level_sql, step_sql, voided_sql
from warehouse.wide import FINDINGS_SQL, text_sql, unit_text_sql, wide_name

LATE_DAYS = 7
"""A row recorded more than this after it was observed came late."""


@dataclass(frozen=True, slots=True)
class ByKind:
    """A relation that a build compiles for the kinds that matter only, because planning it for all costs more than the rows do: `made` is its SQL for some kinds,
    `whole` and `reached` ask for those kinds in a whole build and in one of what was reached, for which `narrow`, where there is one, is its SQL."""

    made: Callable[[Iterable[str]], str]
    whole: str
    reached: str
    narrow: Callable[[Iterable[str]], str] | None = None


@dataclass(frozen=True, slots=True)
class Relation:
    """A named select and what it reads. `kept`: small and read several times, so it is made once per query. `columns`: of what it reads of which no more than these matter."""

    sql: str
    reads: tuple[str, ...]
    kept: bool = False
    by_kind: ByKind | None = None
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def relations(contracts: Contracts, moment: datetime, only: Collection[str] | None = None, *, reached: bool = False) -> dict[str, Relation]:
    """Every compiled relation by name, of all kinds or of `only` some, which must be at least one: planning a statement over a kind costs more than the few rows that changed of another.
    `reached`: `differing` tells of reached entities only, as tables of that name hold them.

    What depends on the moment holds its day as a literal, because hundreds of subqueries take seconds to plan.
    """
    today = today_sql(moment)
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
        "fate": Relation(
            fate_sql(contracts, contracts.kinds),
            fate_reads(contracts),
            by_kind=ByKind(partial(fate_sql, contracts), VISITED_SQL, REACHED_SQL, partial(fate_sql, contracts, reached=True)),
        ),
        "asking": Relation(asking_sql(contracts), ASKING_READS, kept=True),
        "asked": Relation(
            asked_sql(contracts, contracts.kinds), asked_reads(contracts), by_kind=ByKind(partial(asked_sql, contracts), ASKED_SQL, REACHED_ASKED_SQL)
        ),
        "differing": Relation(
            union([per_kind(partial(_differing_sql, reached)), *odd_links(contracts, replace(LINKS, said=_rows("residency", reached))), "select * from asked"]),
            (*wide, *ODD_LINKS_READ, "asked"),
            kept=True,
        ),
        "saying": Relation(union([per_kind(saying_sql), FOUND_SQL]), (*claims, "finding", "roster", "differing")),
        "claim_count": Relation(per_kind(claim_count_sql), (*claims, "succession")),
        "in_force": Relation(per_kind(partial(in_force_sql, today)), (*wide, "delivered")),
        **({"link_count": Relation(link_count.link_count_sql(), link_count.READS, columns=link_count.COLUMNS)} if link_count.known(contracts) else {}),
        "checked": Relation(per_kind(checked_sql), (*wide, "finding", "roster")),
        "checked_pair": Relation(per_kind(checked_pair_sql), wide),
        "set_aside": Relation(set_aside_sql(), ("outcome", "quarantined")),
        "succession": Relation(succession_sql(contracts), succession_reads(contracts), kept=True),
        "delivered": Relation(DELIVERED_SQL, ("chunk",)),
        "grid_of": Relation(GRID_SQL, ("place_current",), columns={"place_current": ("entity", "kind", "parent_id")}),
        "cover": Relation(cover_sql(contracts), ()),
        "service_level_of": Relation(service_level_sql(contracts), ()),
        "task_guide_of": Relation(guide_sql(contracts), ()),
        "voided": Relation(voided_sql(), VOIDED_READS),
        "task_step": Relation(step_sql(), STEP_READS),
        **(
            {
                "floor_of": Relation(floor_sql(today), FLOOR_READS, columns={"dwelling_current": ("entity", "area")}),
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
FLOOR_READS = ("dwelling_current", "visit", "grid_of")
DELIVERED_SQL = "select source, delivery, date_trunc('week', min(recorded_at))::date as week from chunk group by source, delivery"


def today_sql(moment: datetime) -> str:
    """The beginning of the day of the moment."""
    return f"timestamp_ms '{moment.date().isoformat()} 00:00:00'"


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
    """What each entity of a kind needs: how many units of each sort and when what was said of them was said, and what a visit should ask, in the order of names."""
    conditions = _conditions(today, kind)
    asked: dict[str, list[str]] = {}
    for unit, condition in sorted(
        (pair for pairs in conditions.values() for pair in pairs if pair[0].visit and pair[0].name != "present"), key=lambda pair: pair[0].name
    ):
        asked.setdefault(unit.name, []).append(condition)
    cases = ", ".join(f"case when {' or '.join(each)} then '{name}' end" for name, each in asked.items())
    ask = f"list_filter([{cases}]::varchar[], lambda x: x is not null) as ask"
    ends = ["dwelling", "present"] if kind.name == "residency" else []
    return f"select {', '.join(['entity', 'area', *ends, *_sums(conditions), *_ages(conditions), ask])} from {wide_name(kind.name)}"


def _needs(today: str, kind: Kind) -> list[str]:
    conditions = _conditions(today, kind)
    return [*_sums(conditions), *(f"{_names(each)} as {name}_attributes" for name, each in conditions.items()), *_ages(conditions)]


def _conditions(today: str, kind: Kind) -> dict[str, list[tuple[Unit, str]]]:
    """Per sort of need the units and where they have it."""
    units = _counted(kind)
    return {
        "disputed": [(unit, _is(unit, "disputed")) for unit in units],
        "stale": [(unit, _stale(today, unit)) for unit in units],
        "never_verified": [(unit, _unseen(unit)) for unit in units if unit.visit],
    }


def _sums(conditions: Mapping[str, list[tuple[Unit, str]]]) -> list[str]:
    return [f"({_sum(condition for _, condition in each)})::integer as {name}" for name, each in conditions.items()]


def _ages(conditions: Mapping[str, list[tuple[Unit, str]]]) -> list[str]:
    return [f"{_oldest(conditions[name])} as {name}_seen_at" for name in ("disputed", "stale")]


def _counted(kind: Kind) -> list[Unit]:
    return [unit for unit in kind.units if unit.name != "present" or kind.name == "residency"]


def asked_of(contracts: Contracts) -> list[tuple[Unit, int]]:
    """What a visit can ask about a dwelling, and for how many days an answer is fresh. That it is there needs no question."""
    return [(unit, fresh_days(unit)) for unit in contracts.kinds["dwelling"].units if unit.visit and unit.name != "present"]


def floor_sql(today: str) -> str:
    """Per grid, or village that has no single one: its dwellings, and those visited within a year."""
    return f"""select coalesce(grid_of.grid, left(home.area, 12), '-') as grid, count(*) as known,
  count(*) filter (visited.visited_at >= {today} - interval 365 days) as covered
from dwelling_current as home
left join (select dwelling, max(observed_at) as visited_at from visit where event = 'closed' and outcome = 'done' group by dwelling) as visited on visited.dwelling = home.entity
left join grid_of on grid_of.village = left(home.area, 12)
group by coalesce(grid_of.grid, left(home.area, 12), '-')"""


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


def _differing_sql(reached: bool, contracts: Contracts, kind: Kind) -> str:
    return differing_sql(contracts, kind, _rows(kind.name, reached))


def _rows(kind: str, reached: bool) -> str:
    """A kind's wide rows, all or those of reached entities."""
    return reached_name(kind) if reached else wide_name(kind)


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
  from (select source, {resolved_sql("claims")} as area, date_trunc('week', recorded_at)::date as week, {counts}
    from claim_{kind.name} as claims {joined_sql("claims")} where not withdraws group by all)) where s.claims > 0"""


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


def checked_pair_sql(contracts: Contracts, kind: Kind) -> str:
    """Two sources beside each finding in force, the one that comes first by name as `source`; names of persons are compared as marts show them."""
    units, sources = [unit for unit in kind.units if unit.visit], contracts.sources(kind.name)
    if not units or len(sources) < 2:
        return ""
    found = ", ".join(
        f'{{attribute: \'{unit.name}\', finding: "{unit.name}__finding", agree: "{unit.name}__agree", differ: "{unit.name}__differ"}}' for unit in units
    )
    said = ", ".join(
        f"{{source: '{source}', spoke: (u.agree | u.differ) & {1 << bit} > 0, wrong: u.differ & {1 << bit} > 0, "
        f"value: list_filter(differs, lambda each: each.attribute = u.attribute and each.source = '{source}')[1].claimed}}"
        for bit, source in enumerate(sources)
    )
    some = " or ".join(f'"{unit.name}__finding" is not null' for unit in units)
    return f"""select '{kind.name}' as kind, attribute, one.source as source, other.source as other, count(*) as checked, count(*) filter (one.wrong) as wrong,
  count(*) filter (other.wrong) as other_wrong, count(*) filter (one.wrong and other.wrong and one.value = other.value) as same_wrong
from (select attribute, said, one, unnest(said) as other
  from (select attribute, said, unnest(said) as one
    from (select u.attribute as attribute, [{said}] as said
      from (select differs, unnest([{found}]) as u from {wide_name(kind.name)} where {some}) where u.finding is not null)))
where one.source < other.source and one.spoke and other.spoke group by all"""


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
