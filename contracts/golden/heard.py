"""Who speaks about the touched entities: nothing is compiled for the others."""

from __future__ import annotations

from contracts.golden.plan import BAND, Relations, counted, text
from contracts.model import Kind

GONE = "event = 'closed' and outcome = 'no_longer_exists'"
"""Visits that found a dwelling gone, and with it its links."""


def heard_sql(kind: Kind, relations: Relations) -> str:
    """Rows for `Heard.of`: who speaks about any entity in `relations.touched`."""
    touched = relations.touched
    selects = [f"select distinct 'source', source from {relations.claims} semi join {touched} touched using (entity)"]
    if not any(unit.visit for unit in kind.units):
        return selects[0]
    selects.append(f"select distinct 'visit', attribute from {relations.finding} semi join {touched} touched using (entity) where kind = {text(kind.name)}")
    if kind.name == "residency":
        homes = f"select substr(entity, instr(entity, '@') + 1) from {touched}"
        for relation, which in ((relations.roster, "true"), (relations.visit, GONE)):
            selects.append(f"select 'visit', 'present' where exists (select 1 from {relation} where {which} and dwelling in ({homes}))")
    if counted(kind):
        selects.append(f"select 'visit', {text(BAND)} where exists (select 1 from {relations.roster} where dwelling in (select entity from {touched}))")
    return " union ".join(selects)
