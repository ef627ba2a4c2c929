"""Step 2: which full lists are complete, and which claims they end.

A claim is *doubted* where a complete snapshot covers its area at a later moment; a presence in each such snapshot vouches for it.
"""

from __future__ import annotations

from contracts.golden.claims import replaced_sql
from contracts.golden.plan import VOIDED, Plan, Relations, Step, text

AREA = "ranges.source = current.source and ranges.area = current.area"
"""Not `using`: that puts its columns first in other engines, and the sides of a union would no longer be alike."""
IDENTITY = 'source, delivery, "row", entity, record, content'


def complete_steps(relations: Relations, max_unkeyed: tuple[tuple[str, float], ...], voided: str = VOIDED) -> list[Step]:
    """`closings` (of snapshots, one per part) and `complete(source, area, moment)`."""
    shares = " ".join(f"when {text(source)} then {share!r}" for source, share in max_unkeyed)
    share = f"case closings.source {shares} else 0.001 end" if shares else "0.001"
    return [
        (
            "closings",
            f"""select distinct source, delivery, area, moment, part, parts, declared, landed + refused + reduced + layout as counted, unkeyed, chunks
  from {relations.closed}{voided}
  where mode = 'snapshot' and moment is not null and area is not null""",
        ),
        (
            "arrived",
            f"""select source, delivery, count(*) as chunks, sum(unkeyed) as unkeyed
  from (select source, delivery, chunk, max(unkeyed) as unkeyed from {relations.chunk} group by all) group by all""",
        ),
        (
            "complete",
            f"""select closings.source, closings.area, closings.moment from closings left join arrived using (source, delivery)
  group by closings.source, closings.area, closings.moment
  having count(distinct part) >= max(parts)
    and bool_and(declared is not distinct from counted and coalesce(arrived.chunks, 0) >= closings.chunks)
    and sum(closings.unkeyed + coalesce(arrived.unkeyed, 0))::double <= sum(declared)::double * any_value({share})""",
        ),
    ]


def judged_steps(plan: Plan) -> list[Step]:
    """From `current` to `counting`: the claims that no complete snapshot has ended. No steps where no snapshot can have."""
    if not plan.ended:
        return []
    same_scope = "presences.scope = split_part(doubted.entity, '@', 1)" if plan.links else "presences.entity = doubted.entity"
    return [
        (
            "ranges",
            """select source, areas.area, max(complete.moment) as newest
  from (select distinct source, area from current) areas join complete using (source) where starts_with(areas.area, complete.area) group by all""",
        ),
        ("presences", _presences_sql(plan)),
        (
            "doubted",
            f"""select distinct {IDENTITY}, scope, area, stood from current join ranges using (source, area) where stood < newest
    and exists (select 1 from presences where presences.source = current.source)""",
        ),
        (
            "vouched",
            f"""select {IDENTITY}, stood, presences.area, presences.moment from doubted join presences using (source, entity)
  union select {IDENTITY}, stood, presences.area, presences.moment from doubted join presences using (source, record)
    where presences.entity is null or {same_scope}""".replace(IDENTITY, ", ".join(f"doubted.{part}" for part in IDENTITY.split(", "))),
        ),
        (
            "saved",
            f"""select {IDENTITY}, stood from doubted semi join vouched using ({IDENTITY}, stood) anti join (
    select {", ".join(f"doubted.{part}" for part in IDENTITY.split(", "))}, stood from doubted join complete using (source)
    anti join vouched on {_same("vouched", "doubted")} and vouched.area = complete.area and vouched.moment = complete.moment
    where starts_with(doubted.area, complete.area) and complete.moment > doubted.stood
  ) gaps using ({IDENTITY}, stood)""",
        ),
        (
            "counting",
            f"""select current.* from current left join ranges on {AREA} where ranges.newest is null or stood >= ranges.newest
  union all select current.* from current join ranges on {AREA} semi join saved on {_same("saved", "current")} where stood < ranges.newest""",
        ),
    ]


def _same(left: str, right: str) -> str:
    return " and ".join(f"{left}.{part} = {right}.{part}" for part in [*IDENTITY.split(", "), "stood"])


def _presences_sql(plan: Plan) -> str:
    """Presences of this kind with the snapshot they belong to; `scope` is the person of a link."""
    scope = "split_part(entity, '@', 1)" if plan.links else "null::varchar"
    replaced = f" anti join raised on {replaced_sql('stated')}" if plan.repaired else ""
    return f"""select distinct source, entity, record, {scope} as scope, closings.area, closings.moment
  from {plan.relations.presence} stated join closings using (source, delivery){replaced} where kind = {text(plan.kind.name)}"""
