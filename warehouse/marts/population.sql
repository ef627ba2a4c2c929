-- One row per village, township and county on the day of the moment: who lives there, who is registered there, and both.
-- Grain: area, day. Reads: residency_current (person, area, present, main, registered_here), person_current (entity, deregistered_on), place_current, moment. Consumers: township managers, base-management officers.
-- Suppress: residents, registered, both_here; residents - both_here, registered - both_here; consistency of registered and both_here, density of residents.
-- Children under 14 are not among them, and a person who lives in several places is counted at the main one. Sums over areas: a link lies in one village.
with
today as (select known_at::date as day from moment),
links as (
  select left(link.area, 12) as village, link.present and coalesce(link.main, false) as lives, coalesce(link.registered_here, false) as registered
  from residency_current as link left join person_current as person on person.entity = link.person
  where length(link.area) >= 12 and not coalesce(person.deregistered_on <= (select day from today), false)
),
villages as (
  select village, count(*) filter (lives) as residents, count(*) filter (registered) as registered, count(*) filter (lives and registered) as both_here
  from links group by village
  union all
  select entity, 0, 0, 0 from place_current where kind = 'division' and length(entity) = 12
),
areas as (
  select area, sum(residents) as residents, sum(registered) as registered, sum(both_here) as both_here
  from (select unnest([village, left(village, 9), left(village, 6)]) as area, residents, registered, both_here from villages) group by area
)
select
  areas.area::varchar as area,  -- division code
  today.day::date as day,
  case length(areas.area) when 12 then 'village' when 9 then 'township' else 'county' end::varchar as level,  -- code list place_level
  areas.residents::integer as residents,  -- persons of 14 and over whose main residence is here
  areas.registered::integer as registered,  -- persons of 14 and over registered here
  areas.both_here::integer as both_here,  -- those registered and living here
  case when areas.registered >= 20 then areas.both_here / areas.registered end::decimal(5, 4) as consistency,  -- both / registered; null below 20 registered
  case when place.area_km2 > 0 then areas.residents / place.area_km2 end::decimal(18, 2) as density,  -- residents / km2; null: area unknown
  (areas.residents < 50)::boolean as suppressed  -- too few to show a 0; see warehouse/suppress
from areas cross join today left join place_current as place on place.entity = areas.area
