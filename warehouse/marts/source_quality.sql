-- One row per feed, kind, attribute, grid and week of recording: what it claimed, what was late or quarantined, and how accurate, fresh and linked it is; for those who deliver and check data, not for publication.
-- Grain: feed, kind, attribute, grid, week. Reads: claim_count, set_aside, checked, in_force, claim_residency, person_current (entity), dwelling_current (entity), grid_of. Consumers: departments, data engineers.
-- Quarantined rows name no kind, attribute or grid: they stand under kind `*`, the column at fault (`*`: the whole row) and grid `-`. Linkage stands under attribute `*` of residency.
with
counted as (
  select source as feed, kind, attribute, coalesce(left(area, 12), '-') as village, week, claims, late,
    0 as quarantined, 0 as checked, 0 as confirmed, 0 as in_force, 0 as fresh, 0 as links, 0 as linked
  from claim_count
  union all
  select source, '*', field, '-', date_trunc('week', day)::date, 0, 0, sum(rows), 0, 0, 0, 0, 0, 0
  from set_aside group by all
  union all
  select source, kind, attribute, coalesce(left(area, 12), '-'), week, 0, 0, 0, checked, confirmed, 0, 0, 0, 0 from checked
  union all
  select source, kind, attribute, coalesce(left(area, 12), '-'), week, 0, 0, 0, 0, 0, claims, fresh, 0, 0 from in_force
  union all
  select claim.source, 'residency', '*', coalesce(left(claim.area, 12), '-'), date_trunc('week', claim.recorded_at)::date, 0, 0, 0, 0, 0, 0, 0,
    count(*), count(*) filter (person.entity is not null and dwelling.entity is not null)
  from claim_residency as claim
  left join person_current as person on person.entity = claim.person
  left join dwelling_current as dwelling on dwelling.entity = claim.dwelling
  where not claim.withdraws group by all
),
summed as (
  select counted.feed, counted.kind, counted.attribute, coalesce(grid_of.grid, counted.village) as grid, counted.week,
    sum(claims) as claims, sum(late) as late, sum(quarantined) as quarantined, sum(checked) as checked, sum(confirmed) as confirmed,
    sum(in_force) as in_force, sum(fresh) as fresh, sum(links) as links, sum(linked) as linked
  from counted left join grid_of on grid_of.village = counted.village group by all
)
select
  feed::varchar as feed,
  kind::varchar as kind,
  attribute::varchar as attribute,
  grid::varchar as grid,  -- grid code, or the village's division code where it has no single grid; -: unknown
  week::date as week,  -- Monday of the week of recording; for checks of the visit
  claims::bigint as claims,  -- values claimed
  late::bigint as late,  -- recorded more than 7 days after they were observed
  quarantined::bigint as quarantined,  -- rows, when they first came, those of messages set aside whole among them
  checked::bigint as checked,  -- claims judged by a finding
  confirmed::bigint as confirmed,  -- those it confirmed
  case when checked > 0 then confirmed / checked end::decimal(5, 4) as accuracy,  -- confirmed / checked
  in_force::bigint as in_force,  -- values that count at the moment
  fresh::bigint as fresh,  -- those inside their freshness
  case when in_force > 0 then fresh / in_force end::decimal(5, 4) as freshness,  -- fresh / in_force
  case when links > 0 then linked / links end::decimal(5, 4) as linkage  -- links with both ends / links
from summed
