-- One row per village, township and county and week: dwellings visited among those known, and how fresh, accurate and linked its data is.
-- Grain: area, week. Reads: dwelling_current (entity, area), residency_current (person, dwelling, area), person_current (entity), visit, in_force, checked, moment. Consumers: community officers, township managers, base-management officers.
-- As coverage, by community in place of grid: sums over the parts of an area, never means of their shares. A past week shows its visits and the accuracy they found.
-- What is known of no village counts for the township or county that is known, and for no part of it: a shallower area contradicts no deeper one.
-- Residence consistency by area stands in population, beside the counts of persons it would tell of.
with
now as (select date_trunc('week', known_at)::date as week from moment),
homes as (select entity as dwelling, left(area, 12) as place from dwelling_current where length(area) >= 6),
found as (
  select place, (select week from now) as week, count(*) as known, 0 as visited, 0 as checked, 0 as confirmed, 0 as claims, 0 as fresh, 0 as links, 0 as linked
  from homes group by place
  union all
  select homes.place, date_trunc('week', visit.observed_at)::date, 0, count(distinct visit.dwelling), 0, 0, 0, 0, 0, 0
  from visit join homes on homes.dwelling = visit.dwelling where visit.event = 'closed' and visit.outcome = 'done'
  group by homes.place, date_trunc('week', visit.observed_at)::date
  union all
  select left(area, 12), week, 0, 0, sum(checked), sum(confirmed), 0, 0, 0, 0 from checked where length(area) >= 6 group by left(area, 12), week
  union all
  select left(area, 12), (select week from now), 0, 0, 0, 0, sum(claims), sum(fresh), 0, 0 from in_force where length(area) >= 6 group by left(area, 12)
  union all
  select coalesce(homes.place, left(link.area, 12)), (select week from now), 0, 0, 0, 0, 0, 0, count(*), count(*) filter (homes.dwelling is not null and person.entity is not null)
  from residency_current as link left join homes on homes.dwelling = link.dwelling left join person_current as person on person.entity = link.person
  where homes.place is not null or length(link.area) >= 6 group by coalesce(homes.place, left(link.area, 12))
),
areas as (
  select area, week, sum(known) as known, sum(visited) as visited, sum(checked) as checked, sum(confirmed) as confirmed, sum(claims) as claims, sum(fresh) as fresh, sum(links) as links,
    sum(linked) as linked
  from (
    select unnest([case when length(place) >= 12 then place end, case when length(place) >= 9 then left(place, 9) end, left(place, 6)]) as area, * exclude (place) from found
  ) where area is not null group by area, week
),
known as (select area, max(known) as known from areas group by area)
select
  areas.area::varchar as area,  -- division code
  areas.week::date as week,  -- its Monday
  case length(areas.area) when 12 then 'village' when 9 then 'township' else 'county' end::varchar as level,  -- code list place_level
  known.known::integer as known_dwellings,  -- at the moment
  areas.visited::integer as visited_dwellings,  -- with a visit closed as done in the week
  case when known.known > 0 then areas.visited / known.known end::decimal(7, 4) as visited_share,
  areas.checked::integer as checked,  -- claims that a finding of the week judged
  areas.confirmed::integer as confirmed,  -- those it confirmed
  case when areas.checked > 0 then areas.confirmed / areas.checked end::decimal(5, 4) as accuracy,  -- confirmed / checked
  case when areas.claims > 0 then areas.fresh / areas.claims end::decimal(5, 4) as freshness,  -- claimed values inside their freshness
  case when areas.links > 0 then areas.linked / areas.links end::decimal(5, 4) as linkage  -- links with both ends / links
from areas join known on known.area = areas.area
