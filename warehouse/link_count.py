"""The relation `link_count`: links of persons to dwellings by where they are, and how many of them have both ends.

column | meaning
---|---
home | the first 12 places of the dwelling's area; null where the dwelling, or its area, is not known
place | the first 12 places of the link's own area
homed | whether the dwelling is known
links, linked | how many; of them with a known person and a known dwelling

It is a sum over links, so that a small change adds what the links it reaches say now and takes away what they said before.
"""

from __future__ import annotations

from collections.abc import Collection

from contracts.model import Contracts
from warehouse.renewing.moved import before_name, reached_name
from warehouse.wide import wide_name

PERSON, DWELLING, RESIDENCY = "person", "dwelling", "residency"
READS = (wide_name(PERSON), wide_name(DWELLING), wide_name(RESIDENCY))
COLUMNS = {READS[0]: ("entity",), READS[1]: ("entity", "area"), READS[2]: ("person", "dwelling", "area")}
"""Of what it reads no more than these matter."""
STEADY = "steady_residency"
"""Links that a small change reaches through an end of theirs, and does not touch themselves: the temporary table of their rows."""


def known(contracts: Contracts) -> bool:
    """Whether these contracts have links at all."""
    return {PERSON, DWELLING, RESIDENCY} <= contracts.kinds.keys()


def link_count_sql() -> str:
    """Over all links."""
    links = f"(select person, dwelling, area, 1 as weight from {READS[2]})"
    return f"{_counted(links, f'(select entity from {READS[0]})', f'(select entity, area from {READS[1]})')} group by all"


def moved_sql(moved: Collection[str]) -> str:
    """The rows of `snap.link_count` once the kinds in `moved` have become what `reached_<kind>` holds of what was touched, from what `before_<kind>` holds."""
    now = f"(select person, dwelling, area, 1 as weight from {reached_name(RESIDENCY)})"
    was = f"select person, dwelling, area, -1 as weight from {STEADY}"
    if RESIDENCY in moved:
        was = f"{was} union all select person, dwelling, area, -1 from {before_name(RESIDENCY)}"
    here = {kind: _ends(kind, False, now) for kind in (PERSON, DWELLING)}
    then = {kind: _ends(kind, kind in moved, f"({was})") for kind in (PERSON, DWELLING)}
    return f"""select home, place, homed, sum(links)::bigint as links, sum(linked)::bigint as linked from (
  from snap.link_count
  union all by name {_counted(now, here[PERSON], here[DWELLING])} group by all
  union all by name {_counted(f"({was})", then[PERSON], then[DWELLING])} group by all
) group by home, place, homed having sum(links) > 0"""


def _counted(links: str, persons: str, dwellings: str) -> str:
    """Links by their weight beside their ends."""
    return f"""select left(home.area, 12) as home, left(link.area, 12) as place, home.entity is not null as homed, sum(link.weight)::bigint as links,
  coalesce(sum(link.weight) filter (where home.entity is not null and person.entity is not null), 0)::bigint as linked
from {links} as link left join {dwellings} as home on home.entity = link.dwelling left join {persons} as person on person.entity = link.person"""


def _ends(kind: str, moved: bool, links: str) -> str:
    """The ends of `links` of a kind: as they are, or (`moved`) as they were before those that were touched became what they are."""
    columns = "entity, area" if kind == DWELLING else "entity"
    near = f"entity in (select {kind} from {links})"
    if not moved:
        return f"(select {columns} from snap.{wide_name(kind)} where {near})"
    untouched = f"entity not in (select entity from reached where kind = '{kind}')"
    return f"(select {columns} from snap.{wide_name(kind)} where {near} and {untouched} union all select {columns} from {before_name(kind)})"
