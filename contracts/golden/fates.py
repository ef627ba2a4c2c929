"""What became of every version of every finding: the steps of the golden statement that decide it, asked about findings instead of values.

`fate` | the version
---|---
speaks | speaks for its attribute (whether it still holds, or a newer claim has spent it, the golden row tells)
older | is in force, but a newer one speaks
superseded | was shown to the author of a later one
amended | was replaced by its author's own amendment
refuted | was disagreed to by a verifier
silent | does not count for the value: declined, not observable, no value of the attribute's type, or about what no visit may change
"""

from __future__ import annotations

from contracts.golden.facts import counting_sql, void_steps
from contracts.golden.findings import force_steps, shown_step, verdict_steps, voice_steps
from contracts.golden.heard import GONE
from contracts.golden.plan import BAND, Plan, Relations, Step, text
from contracts.golden.rosters import band_steps, roster_steps
from contracts.golden.statement import with_steps
from contracts.model import Contracts, Kind

TOLD = 'attribute, finding, outcome, value, actor, evidence, observed_at, content, source, delivery, "row"'
"""What a version says, and its origin."""


def fates_sql(kind: Kind, contracts: Contracts, relations: Relations) -> str:
    """One row per entity of `relations.touched`, attribute, finding and origin: `TOLD` without content, and `fate`. A roster tells each link whether it lists it, and the dwelling how many it lists."""
    plan = Plan.of(kind, contracts, relations)
    steps: list[Step] = [
        *void_steps(relations),
        ("keyed", f"select row_number() over () as n, entity from {relations.touched}"),
        *verdict_steps(plan),
        *(roster_steps(plan) if plan.listed else band_steps(plan) if plan.counted else []),
        *voice_steps(plan),
        shown_step(),
        *force_steps(plan)[:1],
        *(_roster_tellings(relations) if plan.listed else [("band_told", BAND_TOLD)] if plan.counted else []),
        ("told", _told_sql(plan)),
    ]
    return with_steps(steps, SELECT)


BAND_TOLD = f"""select n, {text(BAND)} as attribute, roster as finding, 'counted' as outcome, people_band(people) as value, actor, null::varchar as evidence, observed_at,
      0::ubigint as content, origin.source, origin.delivery, origin."row", roster in (select roster from refused_rosters) as refuted,
      roster not in (select roster from valid_rosters) as replaced
    from rosters join counts using (roster) join keyed on keyed.entity = rosters.dwelling
    join (select roster, min(struct_pack("source" := source, "delivery" := delivery, "row" := "row")) as origin from listings group by roster) as first using (roster)
    where whole"""
"""How many people rosters count in each touched dwelling, in the shape of `told`."""

# Of a finding delivered in several rows one speaks, no matter which: the version speaks, so all its rows do.
SELECT = """select entity, attribute, finding, outcome, value, actor, evidence, observed_at, source, delivery, "row",
  case when refuted then 'refuted' when holding.speaks then 'speaks' when holding.speaks is not null then 'older' when voices.voiced then 'superseded'
    when replaced then 'amended' else 'silent' end as fate
from told join keyed using (n)
left join (select n, attribute, finding, observed_at, content, bool_or(speaks) as speaks from holding group by all) as holding using (n, attribute, finding, observed_at, content)
left join (select distinct n, attribute, finding, observed_at, content, true as voiced from voices) as voices using (n, attribute, finding, observed_at, content)
qualify row_number() over (partition by entity, attribute, finding, source, delivery, "row" order by observed_at, content, outcome, value, actor, evidence) = 1"""


def _told_sql(plan: Plan) -> str:
    """Every counting version with `refuted` and `replaced`."""
    asserted = f"""select n, {TOLD}, finding in (select finding from refuted) as refuted,
      finding not in (select finding from amended) as replaced
    from asserted"""
    rosters = ["roster_told", "gone_told"] if plan.listed else ["band_told"] if plan.counted else []
    return asserted + "".join(f" union all select * from {told}" for told in rosters)


def _roster_tellings(relations: Relations) -> list[Step]:
    """`roster_told`, `gone_told`: what rosters and dwellings that no longer exist tell each touched link, in the shape of `told`."""
    return [
        (
            "lines",
            """select roster, person, min(struct_pack("source" := source, "delivery" := delivery, "row" := "row")) as origin from listings group by all""",
        ),
        (
            "roster_told",
            """select n, 'present' as attribute, roster as finding, outcome, value, actor, null::varchar as evidence, observed_at, 0::ubigint as content,
      origin.source, origin.delivery, origin."row", roster in (select roster from refused_rosters) as refuted, roster not in (select roster from valid_rosters) as replaced
    from (
      select homes.n, rosters.*, case when mine.roster is null then 'unlisted' else 'listed' end as outcome, (mine.roster is not null)::varchar as value,
        coalesce(mine.origin, first.origin) as origin
      from homes join rosters using (dwelling)
      join (select roster, min(origin) as origin from lines group by roster) as first using (roster)
      left join lines as mine on mine.roster = rosters.roster and mine.person = homes.person
      where mine.roster is not null or (rosters.complete and coalesce(rosters.unidentified, 0) = 0)
    )""",
        ),
        (
            "gone_rows",
            "select *, visit || ':' || dwelling || ':present#0' as finding from (" + counting_sql(relations.visit, GONE, "visit") + ")",
        ),
        (
            "gone_told",
            """select homes.n, 'present' as attribute, finding, 'no_longer_exists' as outcome, 'false' as value, actor, 'seen_on_site' as evidence, observed_at,
      0::ubigint as content, source, delivery, "row", finding in (select finding from refused_gone) as refuted, false as replaced
    from homes join gone_rows using (dwelling)""",
        ),
    ]
