-- One row per task and milestone that its place sets a time for: from when to when, what was allowed, what it took, and whether it was kept.
-- Grain: task, milestone. Reads: task_loop, service_level_of, moment. Consumers: township managers, duty centre, base-management officers.
-- Of a milestone named for a county and for a township in it the township's counts. One not reached is missed from the day after it was due.
with
today as (select known_at::date as day from moment),
timers as (
  select task_loop.*, level.milestone, level.place, level.minutes, level.from_stage, level.to_stage
  from task_loop join service_level_of as level on starts_with(task_loop.area, level.place)
  qualify row_number() over (partition by task_loop.task, level.milestone order by length(level.place) desc, level.minutes, level.from_stage, level.to_stage) = 1
),
timed as (
  select task, milestone, place, minutes, stage,
    case from_stage when 'assessed' then assessed_at when 'dispatched' then dispatched_at when 'accepted' then accepted_at when 'fed_back' then fed_back_at end as from_at,
    case to_stage when 'dispatched' then dispatched_at when 'accepted' then accepted_at when 'fed_back' then fed_back_at when 'verified' then verified_at end as reached_at
  from timers
),
judged as (select timed.*, from_at + to_minutes(minutes) as due_at from timed where from_at is not null)
select
  task::varchar as task,
  milestone::varchar as milestone,  -- code list milestone
  place::varchar as place,  -- division code that sets the time
  from_at::timestamp_ms as from_at,  -- Beijing time, as the others
  due_at::timestamp_ms as due_at,
  reached_at::timestamp_ms as reached_at,  -- null: not yet
  minutes::bigint as allowed_minutes,
  case when reached_at >= from_at then date_diff('minute', date_trunc('minute', from_at), date_trunc('minute', reached_at)) end::bigint as taken_minutes,  -- null: not reached, or clocks contradict each other
  case when reached_at <= due_at then 'kept' when reached_at > due_at then 'missed' when stage in ('cancelled', 'handed_over') then 'ended'
    when due_at::date < today.day then 'missed' else 'open' end::varchar as state
from judged cross join today
