"""Step 4 for residency: what rosters, and dwellings that no longer exist, say about each touched link; for dwellings: how many people rosters count."""

from __future__ import annotations

from contracts.golden.facts import counting_sql
from contracts.golden.findings import refuted_sql
from contracts.golden.heard import GONE
from contracts.golden.plan import BAND, VALUE_OUTCOMES, Plan, Step, text

VERSION = "roster, base, counter, dwelling, complete, unidentified, seen, actor, observed_at"


def roster_steps(plan: Plan) -> list[Step]:
    """`roster_voices` (findings on `present` per touched link) and `roster_edges` (what their authors were shown)."""
    return [
        *_heard_steps(plan),
        ("homes", "select n, entity, split_part(entity, '@', 1) as person, substr(entity, instr(entity, '@') + 1) as dwelling from keyed"),
        (
            "gone",
            """select distinct visit || ':' || dwelling || ':present#0' as finding, dwelling, observed_at, actor
  from ("""
            + counting_sql(plan.relations.visit, GONE, "visit", plan.voided)
            + ")",
        ),
        ("refused_gone", refuted_sql("gone", "finding", "dwelling", "dwelling", "'present'")),
        (
            "listed_homes",
            "select distinct homes.n, listings.roster from homes join listings using (dwelling, person)",
        ),
        (
            "roster_voices",
            """select distinct homes.n, 'present' as attribute, valid_rosters.roster as finding, observed_at, 0::ubigint as content,
      (listed_homes.n is not null)::varchar as value
    from homes join valid_rosters using (dwelling) left join listed_homes on listed_homes.n = homes.n and listed_homes.roster = valid_rosters.roster
    where listed_homes.n is not null or (complete and coalesce(unidentified, 0) = 0)
  union all select n, 'present', finding, observed_at, 0::ubigint, 'false' from homes join (select * from gone anti join refused_gone using (finding)) using (dwelling)""",
        ),
        (
            "roster_edges",
            "select distinct n, 'present' as attribute, roster as later, unnest(seen) as earlier from homes join rosters using (dwelling)",
        ),
    ]


def band_steps(plan: Plan) -> list[Step]:
    """The same of each touched dwelling's `people_band`: the band of the people whom a complete roster with nobody unidentified lists.

    A visit's own word on the band was made with its roster in sight, and who was shown one of the two was shown the other.
    """
    own, listed = text(f":{BAND}#"), text(":roster#")
    return [
        *_heard_steps(plan),
        (
            "counts",
            "select roster, count(distinct person) as people, bool_and(complete and coalesce(unidentified, 0) = 0) as whole from listings group by roster",
        ),
        (
            "roster_voices",
            f"""select distinct keyed.n, {text(BAND)} as attribute, roster as finding, observed_at, 0::ubigint as content, people_band(people) as value
    from valid_rosters join counts using (roster) join keyed on keyed.entity = valid_rosters.dwelling where whole""",
        ),
        (
            "counted",
            f"""select n, finding as later, base, seen from asserted where attribute = {text(BAND)} and outcome in {VALUE_OUTCOMES}
  union all select distinct keyed.n, roster, base, seen from rosters join keyed on keyed.entity = rosters.dwelling""",
        ),
        (
            "roster_edges",
            f"""select n, {text(BAND)} as attribute, later, replace(earlier, {own}, {listed}) as earlier from (select n, later, unnest(seen) as earlier from counted)
  union select n, {text(BAND)}, later, replace(earlier, {listed}, {own}) from (select n, later, unnest(seen) as earlier from counted)
  union select n, {text(BAND)}, later, roster from counted join rosters on ends_with(counted.base, {text(f":{BAND}")})
    and rosters.base = left(counted.base, length(counted.base) - {len(BAND)}) || 'roster'""",
        ),
    ]


def _heard_steps(plan: Plan) -> list[Step]:
    """`listings` (counting rows of rosters), `rosters` (their versions) and `valid_rosters` (the versions that stand)."""
    return [
        ("listings", counting_sql(plan.relations.roster, "true", "roster, person", plan.voided)),
        ("rosters", f"select distinct {VERSION} from listings"),
        ("refused_rosters", refuted_sql("rosters", "roster", "dwelling", "dwelling", "'roster'")),
        (
            "valid_rosters",
            "select * from rosters anti join refused_rosters using (roster) qualify rank() over (partition by base order by counter desc) = 1",
        ),
    ]
