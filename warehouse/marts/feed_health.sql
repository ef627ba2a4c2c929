-- One row per feed and day: deliveries and rows that arrived, what was refused, reduced or quarantined, how old the data was and what had to be mended.
-- Grain: feed, day. Reads: closed, outcome, set_aside. Consumers: data engineers, departments.
-- A day is that of recording. Rows of deliveries not closed yet count as normalised only. Copies of messages leave no trace: how often one came is no fact of a feed.
-- Only delivered rows count, not those that landing made of reduced or refused ones. A row is accepted or quarantined as it was when it first came: a repair changes neither.
with
told as (select * from outcome where source is not null and type = 'raw.rows' and outcome <> 'duplicate'),
deliveries as (
  select source as feed, delivery, min(recorded_at)::date as day, min(delivered) as delivered, min(refused) as refused, min(reduced) as reduced, min(layout) as layout,
    min(landed) as landed, max(wrong_totals) as wrong_totals, max(date_diff('minute', moment, recorded_at)) as lag_minutes
  from closed group by source, delivery
),
closings as (
  select feed, day, count(*) as deliveries, sum(delivered) as delivered, sum(refused) as refused, sum(reduced) as reduced, sum(layout) as layout, sum(landed) as landed,
    sum(wrong_totals) as wrong_totals, max(lag_minutes) as lag_minutes
  from deliveries group by feed, day
),
messages as (
  select source as feed, recorded_at::date as day, sum(accepted) as accepted from told where coalesce(repair, 0) = 0 group by source, recorded_at::date
),
mended as (
  select source as feed, recorded_at::date as day, sum(list_sum(map_values(from_json(flags, '"MAP(VARCHAR, BIGINT)"')))) as mended
  from told where flags <> '{}' group by source, recorded_at::date
),
stopped as (select source as feed, day, sum(rows) as quarantined from set_aside group by source, day),
days as (select feed, day from closings union select feed, day from messages union select feed, day from stopped)
select
  days.feed::varchar as feed,
  days.day::date as day,
  coalesce(closings.deliveries, 0)::bigint as deliveries,  -- closed
  coalesce(closings.delivered, 0)::bigint as delivered,  -- rows: refused + reduced + layout + landed
  coalesce(closings.refused, 0)::bigint as refused,  -- rows
  coalesce(closings.reduced, 0)::bigint as reduced,  -- rows of persons under 14
  coalesce(closings.layout, 0)::bigint as layout,  -- title and total rows
  coalesce(closings.landed, 0)::bigint as landed,  -- rows
  coalesce(closings.wrong_totals, 0)::bigint as wrong_totals,  -- numbers of total rows that the rows do not add up to
  coalesce(messages.accepted, 0)::bigint as accepted,  -- rows, when they first came
  coalesce(stopped.quarantined, 0)::bigint as quarantined,  -- rows, when they first came, those of messages set aside whole among them; repaired ones stay counted
  coalesce(mended.mended, 0)::bigint as mended,  -- cells put right or blanked, by flag
  closings.lag_minutes::bigint as lag_minutes,  -- longest from a delivery's moment to its recording; null: no moment given
  case when lag(closings.delivered) over (partition by days.feed order by days.day) > 0
    then closings.delivered / lag(closings.delivered) over (partition by days.feed order by days.day) end::decimal(18, 4) as drift  -- rows delivered / those of the day before with entries
from days
left join closings on closings.feed = days.feed and closings.day = days.day
left join messages on messages.feed = days.feed and messages.day = days.day
left join mended on mended.feed = days.feed and mended.day = days.day
left join stopped on stopped.feed = days.feed and stopped.day = days.day
