-- One row per area, indicator and period of which a count of persons, households, disputes or calls is told: the number, and the one told a year later as its base.
-- Grain: area, indicator, from_on, to_on. Reads: event_current, residency_current (area, present, main). Consumers: command centre, general office, township managers.
-- Suppress: told, stated; from_on to to_on.
-- Of periods that overlap one is shown, and nothing that was told of it after it was first published; a larger area stands here too where only parts of it are told, and what it has beyond them as an area of its own, whose code ends in 000: it
-- would be told by subtraction. (It is put into a township that is told by parts only, where there is one, since it may lie there.) "Nearly" and "about" 10 may be less, so they are hidden as 9.
with
numbers as (
  select place_id as area, measure as indicator, from_on, to_on, ceil(amount) as told, bound, ceil(base) as stated, base_bound
  from event_current where (kind = 'incident_count' or kind = 'indicator' and unit in ('persons', 'person_times', 'households', 'cases')) and measure is not null and place_id is not null
    and from_on is not null and to_on is not null and coalesce(present, true)
),
cells as (
  select area, indicator, from_on, to_on, case when told = 10 and bound in ('lt', 'approx') then 9 else told end as told, null as stated from numbers where told is not null
  union all
  select area, indicator, (from_on - interval 1 year)::date, (to_on + interval 1 day - interval 1 year - interval 1 day)::date, null,
    case when stated = 10 and base_bound in ('lt', 'approx') then 9 else stated end
  from numbers where stated is not null
),
counted as (
  select area, indicator, from_on, to_on, coalesce(max(told), max(stated)) as told, coalesce(max(stated), max(told)) as stated from cells group by area, indicator, from_on, to_on
),
townships as (
  select coalesce(whole.area, parts.area) as area, coalesce(whole.indicator, parts.indicator) as indicator, coalesce(whole.from_on, parts.from_on) as from_on, coalesce(whole.to_on, parts.to_on) as to_on,
    whole.told, whole.stated, parts.told as told_parts, parts.stated as stated_parts
  from (select * from counted where length(area) = 9) as whole full join (
    select left(area, 9) as area, indicator, from_on, to_on, sum(told) as told, sum(stated) as stated from counted where length(area) = 12 group by left(area, 9), indicator, from_on, to_on
  ) as parts on parts.area = whole.area and parts.indicator = whole.indicator and parts.from_on = whole.from_on and parts.to_on = whole.to_on
),
counties as (
  select whole.area, whole.indicator, whole.from_on, whole.to_on, whole.told, whole.stated, sum(greatest(coalesce(part.told, 0), coalesce(part.told_parts, 0))) as told_parts,
    sum(greatest(coalesce(part.stated, 0), coalesce(part.stated_parts, 0))) as stated_parts, min(part.area) filter (part.told is null) as open
  from counted as whole join townships as part on left(part.area, 6) = whole.area and part.indicator = whole.indicator and part.from_on = whole.from_on and part.to_on = whole.to_on
  group by whole.area, whole.indicator, whole.from_on, whole.to_on, whole.told, whole.stated
),
rests as (
  select coalesce(open, area) || '000' as area, indicator, from_on, to_on, case when told > coalesce(told_parts, 0) then told - coalesce(told_parts, 0) end as told,
    case when stated > coalesce(stated_parts, 0) then stated - coalesce(stated_parts, 0) end as stated
  from (select *, null as open from townships where told is not null and told_parts is not null union all select * from counties)
),
parts as (select * from counted union all select * from rests where told is not null or stated is not null),
areas as (select distinct unnest([area, left(area, 9), left(area, 6)]) as area, indicator, from_on, to_on from parts),
people as (
  select area, count(*) as people
  from (select unnest([left(area, 12), left(area, 9), left(area, 6)]) as area from residency_current where present and main and length(area) >= 12) group by area
)
select
  areas.area::varchar as area,  -- division code
  areas.indicator::varchar as indicator,  -- code list measure
  areas.from_on::date as from_on,
  areas.to_on::date as to_on,
  case length(areas.area) when 12 then 'village' when 9 then 'township' when 6 then 'county' when 4 then 'city' else 'province' end::varchar as level,  -- code list place_level
  parts.told::bigint as told,  -- as stated a year later where nobody told it; null: hidden, or neither
  parts.stated::bigint as stated,  -- as told where nobody stated it; null: hidden, or neither
  coalesce(people.people < 50, true)::boolean as suppressed  -- too few people to show a 0; see warehouse/suppress
from areas
left join parts on parts.area = areas.area and parts.indicator = areas.indicator and parts.from_on = areas.from_on and parts.to_on = areas.to_on
left join people on people.area = areas.area
