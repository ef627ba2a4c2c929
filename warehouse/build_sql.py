"""Statements of building a snapshot; pure makers of SQL text."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime


def reach_sql(before: datetime, moment: datetime) -> str:
    """`reached`: what was touched since the last snapshot, and persons whose deregistration took effect between the two moments."""
    return (
        "create or replace temp table reached as select kind, entity from touched union "
        "select 'person', entity from person_current "
        f"where deregistered_on > '{before.date()}'::date and deregistered_on <= '{moment.date()}'::date"
    )


def links_sql() -> str:
    """Whoever is touched, touches their links: a mart about links shows names and dwellings too, and tells one link of a person from the others."""
    return """insert into reached
select 'residency', entity from residency_current
where dwelling in (select entity from reached where kind = 'dwelling')
  or person in (select entity from reached where kind = 'person' union select split_part(entity, '@', 1) from reached where kind = 'residency')
except select kind, entity from reached"""


def homes_sql() -> str:
    """Whoever is touched, touches the dwelling it is about: as a `home`, of which marts tell what its links need, too."""
    return """insert into reached
select distinct 'home', case kind when 'residency' then substr(entity, instr(entity, '@') + 1) else entity end from reached where kind in ('dwelling', 'residency')"""


def floors_sql(mart: str) -> str:
    """Dwellings of grids whose floor is another one are homes that are touched."""
    return f"""insert into reached
select 'home', dwelling from snap.{mart} where grid in (
  select grid from (from floor_of except from floor_of_before) union select grid from (from floor_of_before except from floor_of))
except select kind, entity from reached"""


def dated_sql(wide: str, kind: str, sources: Iterable[str], before: str | None) -> str:
    """A row where a wide table has rows of these sources' deliveries in `dated` that are not touched, or had such among the touched, which are in `before`."""
    touched = f"select entity from reached where kind = '{kind}'"
    rows = [(f"snap.{wide}", f" and entity not in ({touched})"), *([(before, "")] if before else [])]
    return "\nunion all\n".join(
        f"(select '{source}' from {table} where \"{source}__delivery\" in (select delivery from dated where source = '{source}'){but} limit 1)"
        for source in sorted(sources)
        for table, but in rows
    )


def about_sql() -> str:
    return "create or replace table snap.about (name varchar not null, value varchar not null)"


def moment_sql() -> str:
    """The newest `recorded_at` among loaded outcomes: what marts call now."""
    return "select max(recorded_at) from outcome"
