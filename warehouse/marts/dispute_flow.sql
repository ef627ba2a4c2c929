-- One row per village, township and county, category and month that has ended: disputes opened, settled, followed up within 12 hours, and how long open ones have waited.
-- Grain: area, month, category. Reads: event_current, residency_current (area, present, main), place_current, moment. Consumers: mediation, duty centre, township managers.
-- Suppress: opened, settled, followed_up; opened - followed_up; age_days of opened.
-- The 24 months before that of the moment; a category and month without any dispute have no rows. Settled counts by the month of settling, whenever it was opened.
with
today as (select known_at::date as day, date_trunc('month', known_at)::date as month from moment),
events as (
  select left(area, 12) as village, coalesce(category, 'other') as category, opened_at, settled_at, settled_at is null and coalesce(stage not in ('verified', 'cancelled'), true) as waits
  from event_current where kind = 'dispute' and length(area) >= 12
),
flows as (
  select village, date_trunc('month', opened_at)::date as month, category, 1 as opened, 0 as settled,
    coalesce(settled_at <= opened_at + interval 12 hour, false)::integer as followed_up, waits::integer as waiting, case when waits then date_diff('day', opened_at, day) else 0 end as days
  from events, today
  union all
  select village, date_trunc('month', settled_at)::date, category, 0, 1, 0, 0, 0 from events where settled_at is not null
),
recent as (select flows.* from flows, today where flows.month < today.month and flows.month >= today.month - interval 24 month),
people as (select left(area, 12) as village, count(*) as people from residency_current where present and main and length(area) >= 12 group by left(area, 12)),
villages as (
  select village, month, category, opened, settled, followed_up, waiting, days, 0 as people from recent
  union all
  select entity, month, category, 0, 0, 0, 0, 0, coalesce(people.people, 0)
  from (select entity from place_current where kind = 'division' and length(entity) = 12 union select village from recent union select village from people) as known (entity)
  cross join (select distinct month, category from recent) left join people on people.village = known.entity
)
select
  area::varchar as area,  -- division code
  month::date as month,  -- its first day
  category::varchar as category,  -- code list event_category
  case length(area) when 12 then 'village' when 9 then 'township' else 'county' end::varchar as level,  -- code list place_level
  sum(opened)::integer as opened,  -- disputes
  sum(settled)::integer as settled,  -- disputes settled in the month
  sum(followed_up)::integer as followed_up,  -- those opened in the month and settled within 12 hours
  case when sum(waiting) > 0 then sum(days) / sum(waiting) end::decimal(9, 1) as age_days,  -- mean days that those opened in the month and not settled have waited; null: none
  (sum(people) < 50)::boolean as suppressed  -- too few people to show a 0; see warehouse/suppress
from (select unnest([village, left(village, 9), left(village, 6)]) as area, * exclude (village) from villages)
group by area, month, category
