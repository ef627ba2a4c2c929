-- One row per dwelling and resident: who is present, on which ground, whether it is the main residence, and how large the household is; for officers who visit it, not for publication.
-- Grain: dwelling, resident. Reads: residency_current, person_current, dwelling_current, moment. Consumers: household visit, base-management officers.
-- Follows: residency_current, 'residency', entity; resident || '@' || dwelling. Sorted: dwelling, resident.
with
residents as (
  select link.*, person.label as name
  from residency_current as link
  left join person_current as person on person.entity = link.person
  where link.present and not coalesce(person.deregistered_on <= (select known_at from moment)::date, false)
)
select
  residents.dwelling::varchar as dwelling,
  residents.person::varchar as resident,
  residents.area::varchar as area,  -- division code
  residents.name::varchar as name,  -- surname and stars; null: no feed names this person
  coalesce(residents.main, false)::boolean as main_residence,
  residents.residence_status::varchar as residence_status,  -- code list residence_status
  residents.residence_type::varchar as residence_type,  -- code list residence_type
  residents.relation_to_owner::varchar as relation_to_owner,  -- code list relation_to_owner
  residents.registered_here::boolean as registered_here,
  residents.from_on::date as from_on,
  residents.to_on::date as to_on,
  residents.present__status::varchar as status,  -- of the presence
  residents.present__source::varchar as source,  -- of the presence: a feed, or visit
  residents.present__seen_at::timestamp_ms as seen_at,  -- Beijing time
  dwelling.people_band::varchar as people_band,  -- code list people_band
  dwelling.minors::bigint as minors  -- persons under 14
from residents
left join dwelling_current as dwelling on dwelling.entity = residents.dwelling
