-- One row per village, object type and month of finding: hazards found, those mended and overdue by the day of the moment, and how long open ones have stood.
-- Grain: village, object_type, month. Reads: event_current, moment. Consumers: fire safety, township managers.
-- An event that does not say how many hazards it found counts as one.
with
found as (
  select left(event.area, 12) as village, coalesce(event.object_kind, 'other') as object_type, date_trunc('month', event.opened_at)::date as month,
    coalesce(event.hazards_count, 1) as hazards, coalesce(event.settled_at is not null or event.stage = 'verified', false) as mended,
    coalesce(event.due_on < moment.known_at::date, false) as late, date_diff('day', event.opened_at, moment.known_at::date) as days
  from event_current as event cross join moment
  where event.kind = 'hazard' and event.opened_at is not null and coalesce(event.stage <> 'cancelled', true)
)
select
  coalesce(village, '-')::varchar as village,  -- division code; `-`: unknown
  object_type::varchar as object_type,  -- code list object_kind, or other
  month::date as month,  -- its first day
  sum(hazards)::integer as found,  -- hazards
  coalesce(sum(hazards) filter (not mended and late), 0)::integer as overdue,  -- hazards past their day and not mended
  coalesce(sum(hazards) filter (mended), 0)::integer as mended,  -- hazards
  case when sum(hazards) filter (not mended) > 0 then sum(hazards * days) filter (not mended) / sum(hazards) filter (not mended) end::decimal(9, 1) as age_days  -- mean of those not mended; null: none
from found group by village, object_type, month
