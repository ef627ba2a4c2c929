"""Who speaks about the touched entities, and what may make it count no more: nothing is compiled for the rest."""

from __future__ import annotations

from contracts.golden.plan import BAND, Relations, counted, text
from contracts.model import Kind

GONE = "event = 'closed' and outcome = 'no_longer_exists'"
"""Visits that found a dwelling gone, and with it its links."""


def heard_sql(kind: Kind, relations: Relations) -> str:
    """Rows for `Heard.of`: who speaks about any entity in `relations.touched`, and what may have turned of it."""
    touched = relations.touched
    selects = ["select distinct 'source', source from near", *_turns(kind, relations)]
    steps = f"""with near as (
  select source, delivery, area, contract_version, repair, case when listed then moment else observed_at end as stood from {relations.claims} semi join {touched} touched using (entity)
), struck as (select target from {relations.switch} union select unnest(supersedes) from {relations.closed})
"""
    if not any(unit.visit for unit in kind.units):
        return steps + " union ".join(selects)
    selects.append(f"select distinct 'visit', attribute from {relations.finding} semi join {touched} touched using (entity) where kind = {text(kind.name)}")
    if kind.name == "residency":
        homes = f"select substr(entity, instr(entity, '@') + 1) from {touched}"
        for relation, which in ((relations.roster, "true"), (relations.visit, GONE)):
            selects.append(f"select 'visit', 'present' where exists (select 1 from {relation} where {which} and dwelling in ({homes}))")
    if counted(kind):
        selects.append(f"select 'visit', {text(BAND)} where exists (select 1 from {relations.roster} where dwelling in (select entity from {touched}))")
    return steps + " union ".join(selects)


def _turns(kind: Kind, relations: Relations) -> list[str]:
    """A select for each of `Heard.turns` that gives its name where it may have happened. A presence of a later version takes the place of a claim, and of another presence."""
    later = f"""select 1 from {relations.presence} join (select source, min(contract_version) as base from near group by source) using (source)
    where kind = {text(kind.name)} and (repair > 0 or contract_version > base)"""
    lists = f"""select source, area, max(moment) as moment from {relations.closed}
    where mode = 'snapshot' and moment is not null and area is not null group by all"""
    happened = {
        "recalled": "exists (select 1 from struck)",
        "struck": "exists (select 1 from near where delivery in (select target from struck) or source in (select target from struck))",
        "repaired": f"exists (select 1 from near where repair > 0) or exists (select 1 from near group by source having count(distinct contract_version) > 1) or exists ({later})",
        "ended": f"exists (select 1 from near join ({lists}) lists using (source) where starts_with(near.area, lists.area) and (stood >= lists.moment) is not true)",
    }
    return [f"select 'turn', '{turn}' where {sql}" for turn, sql in happened.items()]
