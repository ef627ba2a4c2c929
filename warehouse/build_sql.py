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


def dated_sql(wide: str, sources: Iterable[str]) -> str:
    """A row where a wide table has rows of these sources' deliveries in `dated`."""
    return "\nunion all\n".join(
        f"(select '{source}' from snap.{wide} where \"{source}__delivery\" in (select delivery from dated where source = '{source}') limit 1)"
        for source in sorted(sources)
    )


def about_sql() -> str:
    return "create or replace table snap.about (name varchar not null, value varchar not null)"


def moment_sql() -> str:
    """The newest `recorded_at` among loaded outcomes: what marts call now."""
    return "select max(recorded_at) from outcome"
