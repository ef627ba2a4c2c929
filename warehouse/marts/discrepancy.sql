-- One row per entity, attribute and source whose value is not the golden one: both values, since when both stand, and why golden is golden; also the sources of a golden value that a visit asks to correct.
-- Grain: kind, entity, attribute, source. Reads: differing, saying, asking. Consumers: departments, base-management officers.
-- Follows: differing, kind, entity; entity.
with
unlike as (
  select kind, entity, area, attribute, source, record, claimed, golden, observed_at, origin, status, speaker, golden_origin, why
  from differing
),
sides as (
  select kind, entity, attribute, source, source as speaker, origin from unlike
  union all
  select kind, entity, attribute, source, speaker, golden_origin from unlike
),
spoken as materialized (
  select saying.kind, saying.entity, saying.attribute, saying.source, saying.origin, min(saying.value) as value, min(saying.observed_at) as observed_at,
    min(saying.recorded_at) as recorded_at
  from saying semi join unlike on unlike.kind = saying.kind and unlike.entity = saying.entity and unlike.attribute = saying.attribute
  group by saying.kind, saying.entity, saying.attribute, saying.source, saying.origin
),
standing as materialized (
  select sides.kind, sides.entity, sides.attribute, sides.source, sides.speaker, spoken.value, spoken.observed_at, spoken.recorded_at
  from sides join spoken
    on spoken.kind = sides.kind and spoken.entity = sides.entity and spoken.attribute = sides.attribute and spoken.source = sides.speaker and spoken.origin = sides.origin
),
past as (
  select standing.kind, standing.entity, standing.attribute, standing.source, standing.speaker, spoken.observed_at, spoken.recorded_at,
    spoken.value is not distinct from standing.value as same, standing.recorded_at as newest
  from standing join spoken
    on spoken.kind = standing.kind and spoken.entity = standing.entity and spoken.attribute = standing.attribute and spoken.source = standing.speaker
    and spoken.observed_at <= standing.observed_at
),
broken as (
  select kind, entity, attribute, source, speaker, max(observed_at) filter (not same) as broken_at from past group by kind, entity, attribute, source, speaker
),
begun as (
  select past.kind, past.entity, past.attribute, past.source, past.speaker,
    least(min(past.recorded_at) filter (past.same and (broken.broken_at is null or past.observed_at > broken.broken_at)), min(past.newest)) as begun_at
  from past join broken using (kind, entity, attribute, source, speaker)
  group by past.kind, past.entity, past.attribute, past.source, past.speaker
),
since as (
  select kind, entity, attribute, source, max(begun_at) as since from begun group by kind, entity, attribute, source
)
select
  unlike.kind::varchar as kind,
  unlike.entity::varchar as entity,
  unlike.attribute::varchar as attribute,
  unlike.source::varchar as source,
  unlike.area::varchar as area,  -- division code
  unlike.record::varchar as record,  -- the source's own row key
  unlike.claimed::varchar as claimed,  -- names as surname and stars
  unlike.golden::varchar as golden,  -- names as surname and stars
  unlike.status::varchar as status,  -- of the golden value
  unlike.speaker::varchar as golden_source,  -- a feed, or visit
  unlike.why::varchar as why,
  unlike.observed_at::timestamp_ms as observed_at,  -- of the claim, Beijing time
  case when unlike.why = 'visit_requests' then greatest(since.since, asking.asked_recorded_at)
    else coalesce(since.since, unlike.observed_at) end::timestamp_ms as since,  -- both values stand since, Beijing time
  unlike.origin::varchar as origin,  -- delivery/row
  asking.asked_shown::varchar as requested,  -- names as surname and stars
  asking.asked_at::timestamp_ms as requested_at  -- of the visit, Beijing time
from unlike left join since using (kind, entity, attribute, source)
left join asking on asking.asked_kind = unlike.kind and asking.asked_entity = unlike.entity and asking.asked_attribute = unlike.attribute
