"""The statements behind a grid's page; pure makers of SQL text with the parameters `$grid`, `$dwellings`, `$weeks`."""

from __future__ import annotations

HOMES = (
    "homes as (select * from visit_plan where grid = $grid::varchar), villages as (select distinct left(area, 12) as village from homes where area is not null)"
)


def counts_sql() -> str:
    """How many dwellings there are, and how many of them ask for a visit."""
    return f"""with {HOMES}
select count(*) as known, count(*) filter (not list_contains(reasons, 'coverage')) as visited, count(*) filter (visited_at is null) as never_visited,
  count(*) filter (disputed > 0) as disputed, count(*) filter (stale > 0) as stale, count(*) filter (never_verified > 0) as never_verified,
  (select min(village) from villages) as village
from homes"""


def name_sql() -> str:
    """The grid's own name, null where no feed names it."""
    return "select (select label from place_current where entity = $grid::varchar) as label"


def disputes_sql() -> str:
    """Disputes of its villages that are not settled."""
    return f"""with {HOMES}
select count(*) as open_disputes from event_current where kind = 'dispute' and settled_at is null and left(area, 12) in (select village from villages)"""


def worklist_sql() -> str:
    """The dwellings to visit first: disputes before stale values before what was never verified."""
    return f"""with {HOMES}
select dwelling, reasons, ask, residents, disputed, stale, never_verified, visited_at::date as visited_on
from homes where len(reasons) > 0
order by disputed desc, stale desc, never_verified desc, visited_at nulls first, dwelling limit $dwellings::integer"""


def overdue_sql() -> str:
    """Hazards of its villages that are past their day and not mended, the oldest first."""
    return f"""with {HOMES},
objects as (select 'business' as kind, entity, label from business_current union all select 'venue', entity, label from venue_current)
select event.entity as event, event.object_kind as what, event.object_id, object.label, event.opened_at::date as found_on, event.due_on,
  date_diff('day', event.due_on, moment.known_at::date) as overdue_days
from event_current as event cross join moment
left join objects as object on object.kind = event.object_kind and object.entity = event.object_id
where event.kind = 'hazard' and event.settled_at is null and event.due_on < moment.known_at::date and left(event.area, 12) in (select village from villages)
order by overdue_days desc, event.entity"""


def questions_sql() -> str:
    """What is asked in how many dwellings and why, the most frequent first."""
    return f"""with {HOMES},
asked as (select name, count(*) as dwellings from (select unnest(ask) as name from homes) group by name),
states as (select state.* from entity_current as state join homes on homes.dwelling = state.entity where state.kind = 'dwelling'),
why as (
  select unnest(disputed_attributes) as name, 'disputed' as why from states
  union all select unnest(stale_attributes), 'stale' from states
  union all select unnest(never_verified_attributes), 'never_verified' from states
),
counted as (
  select name, count(*) filter (why = 'disputed') as disputed, count(*) filter (why = 'stale') as stale, count(*) filter (why = 'never_verified') as never_verified
  from why group by name
),
sides as (
  select attribute as name, source, count(*) as count from discrepancy join homes on homes.dwelling = discrepancy.entity
  where discrepancy.kind = 'dwelling' group by all
),
differing as (select name, list({{'source': source, 'count': count}} order by count desc, source) as sides from sides group by name),
links as (
  select 'roster' as name, count(*) filter (homes.disputed > states.disputed) as disputed, count(*) filter (homes.stale > states.stale) as stale,
    count(*) filter (homes.never_verified > states.never_verified) as never_verified
  from homes join states on states.entity = homes.dwelling where list_contains(ask, 'roster')
)
select asked.name, asked.dwellings, coalesce(counted.disputed, links.disputed, 0) as disputed, coalesce(counted.stale, links.stale, 0) as stale,
  coalesce(counted.never_verified, links.never_verified, 0) as never_verified, coalesce(differing.sides, []) as differing
from asked left join counted using (name) left join links using (name) left join differing using (name)
order by asked.dwellings desc, asked.name"""


def weeks_sql() -> str:
    """Every week of the span, those without visits too; the moment's own week is the last."""
    return """with now as (select date_trunc('week', known_at)::date as week from moment),
span as (select unnest(generate_series((select week from now) - 7 * ($weeks::integer - 1), (select week from now), interval 7 day))::date as week)
select span.week, coalesce(coverage.visited_dwellings, 0) as visited, coalesce(coverage.checked, 0) as checked, coverage.accuracy::double as accuracy
from span left join coverage on coverage.week = span.week and coverage.grid = $grid::varchar
order by span.week"""


def outcomes_sql() -> str:
    """What visits of the span found about its dwellings and who lives there."""
    return f"""with {HOMES}
select outcome, count(*) as findings
from visit_finding join homes on homes.dwelling = case when kind = 'residency' then split_part(entity, '@', 2) else entity end
where kind in ('dwelling', 'residency') and outcome is not null and observed_at >= (select known_at from moment) - to_days(7 * $weeks::integer)
group by outcome order by findings desc, outcome"""


def measures_sql() -> str:
    """Shares of the moment for the grid, its township and all; where only shares are kept, the mean of grids by their known dwellings. Accuracy is that of the span.
    Who lives where registered is told of grid, township and counties as far as their counts are shown."""
    return f"""with {HOMES},
now as (select date_trunc('week', known_at)::date as week from moment),
placed as (
  select grid, min(left(area, 9)) as township, count(*) as known, count(*) filter (not list_contains(reasons, 'coverage')) as visited from visit_plan group by grid
),
scoped as (
  select 'grid' as scope, * from placed where grid = $grid::varchar
  union all select 'township', * from placed where township = (select min(left(area, 9)) from homes)
  union all select 'all', * from placed
),
checks as (
  select grid, sum(checked) as checked, sum(confirmed) as confirmed from coverage
  where week > (select week from now) - 7 * $weeks::integer group by grid
),
registered as (
  select 'grid' as scope, registered, both_here from population_grid where grid = $grid::varchar
  union all select 'township', registered, both_here from population where level = 'township' and area = (select min(left(area, 9)) from homes)
  union all select 'all', registered, both_here from population where level = 'county'
),
living as (
  select scope, case when sum(registered) >= 20 then sum(both_here) / sum(registered) end as share
  from registered where registered is not null and both_here is not null group by scope
),
shares as (
  select scoped.scope, sum(scoped.visited) / sum(scoped.known) as visited, sum(checks.confirmed) / nullif(sum(checks.checked), 0) as accuracy,
    sum(here.freshness::double * scoped.known) / sum(scoped.known) filter (here.freshness is not null) as freshness,
    sum(here.linkage::double * scoped.known) / sum(scoped.known) filter (here.linkage is not null) as linkage,
    max(living.share) as residence_consistency
  from scoped left join living using (scope) left join checks using (grid) left join coverage as here on here.grid = scoped.grid and here.week = (select week from now)
  group by scoped.scope
),
long as (unpivot (select scope, visited::double as visited, accuracy::double as accuracy, freshness, linkage, residence_consistency from shares)
  on visited, accuracy, freshness, linkage, residence_consistency into name name value share)
select named.name, max(share) filter (scope = 'grid') as grid, max(share) filter (scope = 'township') as township, max(share) filter (scope = 'all') as "all"
from (values (1, 'visited'), (2, 'accuracy'), (3, 'freshness'), (4, 'linkage'), (5, 'residence_consistency')) as named(nth, name) left join long using (name)
group by named.nth, named.name order by named.nth"""
