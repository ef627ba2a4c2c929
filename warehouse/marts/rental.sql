-- One row per village, township and county in the month of the moment: let dwellings, running contracts, tenants still there after the end, and how many of those with a contract are registered.
-- Grain: area, month. Reads: residency_current (area, registered_here, from_on, to_on, residence_type, present, main), dwelling_current (area, tenure), place_current, moment. Consumers: rental management, township managers.
-- Suppress: let_dwellings, contracts, overstayed, registered; contracts - registered; registered_share of contracts and registered.
-- A contract is a link of a tenant to a dwelling; one without an end runs on. As things stand on the day of the moment.
with
today as (select known_at::date as day from moment),
links as (
  select left(area, 12) as village, coalesce(registered_here, false) as registered, from_on <= day and coalesce(to_on >= day, true) as running, coalesce(to_on < day, false) as ended
  from residency_current, today where residence_type = '2' and present and length(area) >= 12
),
villages as (
  select village, 0 as let_dwellings, count(*) filter (running) as contracts, count(*) filter (ended) as overstayed, count(*) filter (running and registered) as registered, 0 as people
  from links group by village
  union all
  select left(area, 12), count(*) filter (tenure in ('2', '3')), 0, 0, 0, 0 from dwelling_current where length(area) >= 12 group by left(area, 12)
  union all
  select left(area, 12), 0, 0, 0, 0, count(*) from residency_current where present and main and length(area) >= 12 group by left(area, 12)
  union all
  select entity, 0, 0, 0, 0, 0 from place_current where kind = 'division' and length(entity) = 12
),
areas as (
  select area, sum(let_dwellings) as let_dwellings, sum(contracts) as contracts, sum(overstayed) as overstayed, sum(registered) as registered, sum(people) as people
  from (select unnest([village, left(village, 9), left(village, 6)]) as area, * exclude (village) from villages) group by area
)
select
  area::varchar as area,  -- division code
  date_trunc('month', today.day)::date as month,  -- its first day
  case length(area) when 12 then 'village' when 9 then 'township' else 'county' end::varchar as level,  -- code list place_level
  let_dwellings::integer as let_dwellings,  -- dwellings let privately or publicly
  contracts::integer as contracts,  -- running on the day
  overstayed::integer as overstayed,  -- tenants present though their contract has ended
  registered::integer as registered,  -- running contracts whose tenant is registered here
  case when contracts >= 20 then registered / contracts end::decimal(5, 4) as registered_share,  -- registered / contracts; null below 20 contracts
  (people < 50)::boolean as suppressed  -- too few people to show a 0; see warehouse/suppress
from areas cross join today
