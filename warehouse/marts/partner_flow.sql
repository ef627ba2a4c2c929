-- One row per partner and day: tasks of the outer loop pushed to it, those it acknowledged, the median minutes until then, and tasks handed over to it.
-- Grain: partner, day. Reads: task_loop. Consumers: duty centre, township managers, base-management officers.
-- A push counts on the day of its dispatch, with its acknowledgement whenever that came; a hand-over on its own day, whichever loop it came from.
with
pushes as (
  select coalesce(partner, '-') as partner, dispatched_at::date as day, count(*) as pushed, count(accepted_at) as acked, median(accept_minutes) as lag
  from task_loop where origin = 'outer' and dispatched_at is not null and stage <> 'cancelled' group by 1, 2
),
handed as (
  select coalesce(partner, '-') as partner, handed_over_at::date as day, count(*) as handed_over from task_loop where handed_over_at is not null group by 1, 2
),
days as (select partner, day from pushes union select partner, day from handed)
select
  days.partner::varchar as partner,  -- code list task_partner; `-`: not named
  days.day::date as day,
  coalesce(pushes.pushed, 0)::integer as pushed,  -- tasks
  coalesce(pushes.acked, 0)::integer as acked,  -- those of the day that were acknowledged
  coalesce(handed.handed_over, 0)::integer as handed_over,  -- tasks
  pushes.lag::decimal(12, 1) as median_lag_minutes  -- from push to acknowledgement; null: none
from days
left join pushes on pushes.partner = days.partner and pushes.day = days.day
left join handed on handed.partner = days.partner and handed.day = days.day
