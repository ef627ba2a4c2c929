"""The relation `in_force`: per source, unit, area and week of recording the claims that count, and how many of them are fresh on the day of the moment.

It is a sum over rows of wide tables, so that a small change adds what its rows say now and takes away what they said before.
"""

from __future__ import annotations

from collections.abc import Collection

from contracts.golden.plan import text
from contracts.model import Contracts, Kind, Unit
from warehouse.wide import wide_name

STAY_DAYS = 90


def in_force_sql(today: str, contracts: Contracts, kind: Kind) -> str:
    """Per source: the newest counting claim of each entity, counted where it says something about the unit."""
    return f"{_counted_sql(today, contracts, kind, wide_name(kind.name), None)} where s.claims > 0"


def moved_sql(today: str, contracts: Contracts, kind: Kind, before: str, after: str) -> str:
    """The rows of `snap.in_force` of a kind once the wide rows in `before` have become those in `after`."""
    rows = f"(select *, 1 as weight from {after} union all by name select *, -1 as weight from {before})"
    return f"""select kind, source, area, week, attribute, sum(claims)::bigint as claims, sum(fresh)::bigint as fresh
from (select kind, source, area, week, attribute, claims, fresh from snap.in_force where kind = {text(kind.name)}
  union all
  {_counted_sql(today, contracts, kind, rows, "weight")})
group by kind, source, area, week, attribute having sum(claims) > 0"""


def moves(contracts: Contracts, kind: Kind, columns: Collection[str]) -> bool:
    """Whether claims in force may be others once these columns of a kind's wide rows have changed."""
    told = {f"{source}__{part}" for source in contracts.sources(kind.name) for part in ("delivery", "observed_at")}
    told |= {f"{unit.name}__{part}" for unit in kind.units for part in ("agree", "differ")}
    return not {"area", *told}.isdisjoint(columns)


def fresh_days(unit: Unit) -> int:
    """A stay's presence has freshness 0 in the fold (every later stay is new); marts judge it by the class of lets."""
    return unit.freshness_days or STAY_DAYS


def _counted_sql(today: str, contracts: Contracts, kind: Kind, rows: str, weight: str | None) -> str:
    """Of `rows`, each counted once or by its weight. One count for all sources: planning one for each takes as many times as long."""
    count = "count(*) filter ({})" if weight is None else f"coalesce(sum({weight}) filter ({{}}), 0)"
    speaks = {unit.name: f'("{unit.name}__agree" | "{unit.name}__differ") & said.bit > 0' for unit in kind.units}
    fresh = {unit.name: f"{speaks[unit.name]} and said.observed_at + to_days({fresh_days(unit)}) >= {today}" for unit in kind.units}
    counts = ", ".join(f'{count.format(speaks[name])} as "{name}", {count.format(fresh[name])} as "{name}__fresh"' for name in speaks)
    units = ", ".join(f'{{attribute: \'{name}\', claims: "{name}", fresh: "{name}__fresh"}}' for name in speaks)
    said = ", ".join(
        f'{{source: \'{source}\', bit: {1 << bit}, delivery: "{source}__delivery", observed_at: "{source}__observed_at"}}'
        for bit, source in enumerate(contracts.sources(kind.name))
    )
    return f"""select '{kind.name}' as kind, counted.source, area, week, s.attribute, s.claims, s.fresh
from (select source, area, delivery, unnest([{units}]) as s
  from (select said.source as source, area, said.delivery as delivery, {counts} from (select *, unnest([{said}]) as said from {rows}) where said.delivery is not null group by all)) as counted
join (select source, delivery, week from delivered) as told on told.source = counted.source and told.delivery = counted.delivery"""
