-- One row per entity of any kind: its label, how its values came about, and which of them are disputed, stale or never verified at the moment.
-- Grain: kind, entity. Reads: entity_state. Consumers: all departments, base-management officers. Kept as: view.
-- It counts; the golden values it counts, each with status, source, evidence and freshness, are the rows of `entity_value` with the same kind and entity.
-- The wide tables (`person_current`, ...) hold them one a column. `present` of other kinds than residency is a value there but not counted here.
select
  kind::varchar as kind,
  entity::varchar as entity,
  label::varchar as label,  -- names as surname and stars
  area::varchar as area,  -- division code
  observed_at::timestamp_ms as observed_at,  -- newest counting claim, Beijing time
  verified::integer as verified,  -- values
  corrected::integer as corrected,  -- values
  agreed::integer as agreed,  -- values
  disputed::integer as disputed,  -- values
  single::integer as single,  -- values
  stale::integer as stale,  -- values last said longer ago than their freshness
  never_verified::integer as never_verified,  -- values a visit could verify and none has
  disputed_attributes::varchar[] as disputed_attributes,
  stale_attributes::varchar[] as stale_attributes,
  never_verified_attributes::varchar[] as never_verified_attributes
from entity_state
