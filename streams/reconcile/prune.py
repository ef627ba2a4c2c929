"""What a state may forget (reconcile.md, section 7), and the facts after which it must not have forgotten.

Kept in any case: repaired rows, rows that a presence names or shares its origin with, everything at equal moments, claims of partial feeds that increments replaced.
Whatever could make a forgotten claim count again - a recall, a replaced snapshot, a snapshot no longer complete, a late presence - is `HistoryNeeded`.
"""

from __future__ import annotations

from collections.abc import Sequence

from contracts.golden.facts import void_steps
from contracts.golden.plan import Plan, text
from contracts.golden.snapshots import complete_steps
from contracts.golden.statement import with_steps

STOOD = "case when claims.listed then claims.moment else claims.observed_at end"


def unlisted_sql(kind: str) -> str:
    """Forget claims that a newer complete snapshot of their area does not list; only feeds whose snapshots just changed are looked at."""
    table = f"claim_{kind}"
    return f"""delete from {table} where rowid in (
  select claims.rowid from {table} claims join (
    select areas.source, areas.area, max(complete.moment) as newest
    from (select distinct source, area from {table} where source in (select source from changed_snapshots)) areas
      join complete_seen complete on complete.source = areas.source and starts_with(areas.area, complete.area)
    group by all
  ) ranges on ranges.source = claims.source and ranges.area = claims.area
  where claims.repair = 0 and {STOOD} < ranges.newest and {_unnamed(kind)})"""


def replaced_sql(kind: str, partial: Sequence[str]) -> str:
    """Forget increments that a strictly newer whole-record increment of the same record, entity and area replaces, among the touched entities."""
    table = f"claim_{kind}"
    whole = f" and source not in ({', '.join(text(name) for name in partial)})" if partial else ""
    return f"""delete from {table} where rowid in (
  select claims.rowid from {table} claims join (
    select source, entity, record, area, max(observed_at) as newest from {table} later semi join touched_{kind} using (entity)
    anti join void_seen on void_seen.delivery = later.delivery or void_seen.source = later.source
    where not listed{whole} and not exists (select 1 from presence where {_same_row("later")})
    group by all having count(*) > 1
  ) later on later.source = claims.source and later.entity = claims.entity and later.record = claims.record and later.area = claims.area
  where not claims.listed and claims.repair = 0 and claims.observed_at < later.newest and {_unnamed(kind)})"""


def revives_sql(plan: Plan, kinds: Sequence[str]) -> str:
    """How many facts of this batch could make a forgotten claim count again: snapshots no longer complete, presences that came late."""
    steps = [*void_steps(plan.relations), *complete_steps(plan.relations, plan.max_unkeyed)]
    stored = " union all ".join(
        f"""select 1 from claim_{kind} claims semi join new_presence presence
      on {_same_row("claims")} and (presence.contract_version, presence.repair) > (claims.contract_version, claims.repair)"""
        for kind in kinds
    )
    return with_steps(
        steps,
        f"""select count(*) from (
    select 1 from (select * from complete_before except select source, area, moment from complete)
    union all select 1 from new_presence join closings using (source, delivery) semi join complete_before using (source, area, moment)
    union all {stored})""",
    )


def _unnamed(kind: str) -> str:
    """No presence names the claim's entity or record, or stands for its row."""
    named = f"presence.kind = {text(kind)} and presence.source = claims.source"
    return f"""not exists (select 1 from presence where {named} and presence.entity = claims.entity)
    and not exists (select 1 from presence where {named} and presence.record = coalesce(claims.record, claims.entity))
    and not exists (select 1 from presence where {_same_row("claims")})"""


def _same_row(row: str) -> str:
    return f"""presence.source = {row}.source and presence.delivery = {row}.delivery and presence."row" = {row}."row\""""
