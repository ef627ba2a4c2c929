-- One row per dwelling: why to knock, what to ask, how much is disputed, stale or never verified and since when, and how well its grid is covered; for officers who visit it, not for publication.
-- Grain: dwelling. Reads: needs_dwelling, needs_residency, grid_of, floor_of, visit, moment. Consumers: household visit, base-management officers.
-- Follows: needs_dwelling, 'home', entity; dwelling. Narrows: dwelling_current by entity, residency_current by dwelling. Anew: day, grid_of.
-- Reasons: coverage (not visited within a year), dispute, freshness, expected_gain (something was never verified). No value of a person is an input.
with
now as (select known_at::date as today from moment),
visited as (
  select dwelling, max(observed_at) as visited_at from visit where event = 'closed' and outcome = 'done' group by dwelling
),
links as (
  select dwelling, count(*) as residents, sum(disputed) as disputed, sum(stale) as stale, sum(never_verified) as never_verified, min(disputed_seen_at) as disputed_seen_at,
    min(stale_seen_at) as stale_seen_at
  from needs_residency where present group by dwelling
),
homes as (
  select home.entity as dwelling, home.area, coalesce(grid_of.grid, left(home.area, 12), '-') as grid, visited.visited_at,
    coalesce(visited.visited_at >= (select today from now) - interval 365 days, false) as covered,
    coalesce(links.residents, 0) as residents,
    home.disputed + coalesce(links.disputed, 0) as disputed,
    home.stale + coalesce(links.stale, 0) as stale,
    home.never_verified + coalesce(links.never_verified, 0) as never_verified,
    least(home.disputed_seen_at, links.disputed_seen_at) as disputed_seen_at,
    least(home.stale_seen_at, links.stale_seen_at) as stale_seen_at,
    home.ask,
    coalesce(links.disputed + links.stale + links.never_verified, 0) > 0 as open_roster
  from needs_dwelling as home
  left join links on links.dwelling = home.entity
  left join visited on visited.dwelling = home.entity
  left join grid_of on grid_of.village = left(home.area, 12)
)
select
  homes.dwelling::varchar as dwelling,
  homes.area::varchar as area,  -- division code
  homes.grid::varchar as grid,  -- grid code, or the village's division code where it has no single grid
  list_filter([case when not homes.covered then 'coverage' end, case when homes.disputed > 0 then 'dispute' end, case when homes.stale > 0 then 'freshness' end,
    case when homes.never_verified > 0 then 'expected_gain' end], lambda reason: reason is not null)::varchar[] as reasons,
  case when homes.open_roster then list_sort(homes.ask || ['roster']) else homes.ask end::varchar[] as ask,
  homes.residents::integer as residents,  -- present links
  homes.disputed::integer as disputed,  -- values
  homes.stale::integer as stale,  -- values
  homes.never_verified::integer as never_verified,  -- values
  date_diff('day', homes.disputed_seen_at, (select today from now))::integer as disputed_age_days,  -- of the longest unsaid; null: none
  date_diff('day', homes.stale_seen_at, (select today from now))::integer as stale_age_days,  -- of the longest unsaid; null: none
  homes.visited_at::timestamp_ms as visited_at,  -- Beijing time; null: never
  (floors.covered / floors.known)::decimal(5, 4) as floor_share  -- dwellings of the grid visited within a year / known dwellings
from homes join floor_of as floors on floors.grid = homes.grid
