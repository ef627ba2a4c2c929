-- What feeds delivered lately and what of it was refused or quarantined, the worst share first.
-- zh: 各数据源近期送达的行数，以及其中被拒绝或隔离的行数，占比高者在前。
-- Parameter: days INTEGER = 7; days back from the snapshot's moment; 快照时刻之前的天数.
-- Consumers: data engineers, departments.
select feed, sum(deliveries)::bigint as deliveries, sum(delivered)::bigint as delivered, sum(refused)::bigint as refused, sum(quarantined)::bigint as quarantined,
  sum(mended)::bigint as mended, sum(wrong_totals)::bigint as wrong_totals, max(lag_minutes) as lag_minutes,
  case when sum(delivered) > 0 then (sum(refused) + sum(quarantined)) / sum(delivered) end::decimal(5, 4) as not_taken
from feed_health
where day > (select known_at from moment)::date - $days::integer
group by feed
order by not_taken desc nulls last, feed
