-- One row per entity and attribute that has a value: the golden value, its status, source and evidence, and how fresh it is at the moment.
-- Grain: kind, entity, attribute. Reads: valued, moment. Consumers: all departments, base-management officers. Kept as: lasting view.
-- `entity_current` counts these rows per entity; a group of attributes chosen together is one row, and the wide tables (`person_current`, ...) hold the same values one a column.
select
  valued.kind::varchar as kind,
  valued.entity::varchar as entity,
  valued.attribute::varchar as attribute,
  valued.value::varchar as value,  -- names as surname and stars, years of birth as the first of ten; members of a group joined by commas
  valued.status::varchar as status,
  valued.source::varchar as source,  -- a feed, or visit
  valued.evidence::varchar as evidence,  -- the finding, or delivery/row
  valued.seen_at::timestamp_ms as seen_at,  -- last said, Beijing time
  valued.fresh_until::timestamp_ms as fresh_until,  -- Beijing time
  coalesce(valued.fresh_until < moment.known_at::date, false)::boolean as stale  -- its freshness ended before the day of the moment
from valued cross join moment
