-- One row per grid and week: dwellings visited among those known, and how fresh, accurate and linked its data is.
-- Grain: grid, week. Reads: dwelling_current (entity, area), link_count, visit, grid_of, in_force, checked, moment. Consumers: township managers, base-management officers.
-- A past week shows its visits and the accuracy they found; what is true only of the moment stands in the moment's week and is null elsewhere.
-- Residence consistency by grid stands in population_grid, beside the counts of persons it would tell of.
with
now as (select date_trunc('week', known_at)::date as week from moment),
homes as (
  select home.entity as dwelling, coalesce(grid_of.grid, left(home.area, 12), '-') as grid
  from dwelling_current as home left join grid_of on grid_of.village = left(home.area, 12)
),
known as (select grid, count(*) as known from homes group by grid),
visits as (
  select homes.grid, date_trunc('week', visit.observed_at)::date as week, count(distinct visit.dwelling) as visited
  from visit join homes on homes.dwelling = visit.dwelling where visit.event = 'closed' and visit.outcome = 'done'
  group by homes.grid, date_trunc('week', visit.observed_at)::date
),
checks as (
  select coalesce(grid_of.grid, left(checked.area, 12), '-') as grid, checked.week, sum(checked.checked) as checked, sum(checked.confirmed) as confirmed
  from checked left join grid_of on grid_of.village = left(checked.area, 12) group by all
),
fresh as (
  select coalesce(grid_of.grid, left(in_force.area, 12), '-') as grid, (select week from now) as week, sum(in_force.claims) as claims, sum(in_force.fresh) as fresh
  from in_force left join grid_of on grid_of.village = left(in_force.area, 12) group by all
),
links as (
  select coalesce(grid_of.grid, found.village, '-') as grid, (select week from now) as week, sum(found.links) as links, sum(found.linked) as linked
  from (select case when homed then home else place end as village, links, linked from link_count) as found
  left join grid_of on grid_of.village = found.village
  group by all
),
weeks as (
  select grid, week from visits union select grid, week from checks union select grid, week from fresh union select grid, week from links union select grid, week from known, now
)
select
  weeks.grid::varchar as grid,  -- grid code, or the village's division code where it has no single grid
  weeks.week::date as week,  -- its Monday
  coalesce(known.known, 0)::integer as known_dwellings,  -- at the moment
  coalesce(visits.visited, 0)::integer as visited_dwellings,  -- with a visit closed as done in the week
  case when known.known > 0 then coalesce(visits.visited, 0) / known.known end::decimal(7, 4) as visited_share,
  coalesce(checks.checked, 0)::integer as checked,  -- claims that a finding of the week judged
  coalesce(checks.confirmed, 0)::integer as confirmed,  -- those it confirmed
  case when checks.checked > 0 then checks.confirmed / checks.checked end::decimal(5, 4) as accuracy,  -- confirmed / checked
  case when fresh.claims > 0 then fresh.fresh / fresh.claims end::decimal(5, 4) as freshness,  -- claimed values inside their freshness
  case when links.links > 0 then links.linked / links.links end::decimal(5, 4) as linkage  -- links with both ends / links
from weeks
left join known on known.grid = weeks.grid
left join visits on visits.grid = weeks.grid and visits.week = weeks.week
left join checks on checks.grid = weeks.grid and checks.week = weeks.week
left join fresh on fresh.grid = weeks.grid and fresh.week = weeks.week
left join links on links.grid = weeks.grid and links.week = weeks.week
