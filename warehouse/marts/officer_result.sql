-- One row per officer and month: tasks due and fed back in time, fed back and verified by another, and values that visits corrected.
-- Grain: officer, month. Reads: task_loop, visit_finding, moment. Consumers: community officers, township managers.
-- A task is due from the day after its time on, and counts in the month of that time; feedback counts in its own month. Cancelled tasks and those handed over are nobody's result. Nothing here adds up to a mark.
with
today as (select known_at::date as day from moment),
due as (
  select officer, date_trunc('month', due_at)::date as month, count(*) as due, count(*) filter (fed_back_at <= due_at) as in_time
  from task_loop cross join today where officer is not null and due_at::date < today.day and stage not in ('cancelled', 'handed_over') group by 1, 2
),
fed as (
  select officer, date_trunc('month', fed_back_at)::date as month, count(*) as fed_back, count(*) filter (stage = 'verified' and verified_at is not null) as verified,
    count(*) filter (stage = 'verified' and verified_at is null) as self_verified
  from task_loop where officer is not null and fed_back_at is not null and stage not in ('cancelled', 'handed_over') group by 1, 2
),
found as (
  select distinct actor as officer, date_trunc('month', observed_at)::date as month, kind, entity, attribute, finding
  from visit_finding where actor is not null and outcome = 'corrected' and state in ('holds', 'spent')
),
corrected as (select officer, month, count(*) as corrections from found group by officer, month),
months as (select officer, month from due union select officer, month from fed union select officer, month from corrected)
select
  months.officer::varchar as officer,  -- staff number
  months.month::date as month,  -- its first day
  coalesce(due.due, 0)::integer as due,  -- tasks
  coalesce(due.in_time, 0)::integer as in_time,  -- those fed back by then
  case when due.due > 0 then due.in_time / due.due end::decimal(5, 4) as in_time_share,
  coalesce(fed.fed_back, 0)::integer as fed_back,  -- tasks
  coalesce(fed.verified, 0)::integer as verified,  -- those that another verified
  coalesce(fed.self_verified, 0)::integer as self_verified,  -- those that only who fed them back verified
  case when fed.fed_back > 0 then fed.verified / fed.fed_back end::decimal(5, 4) as pass_share,
  coalesce(corrected.corrections, 0)::integer as corrections  -- values found in visits that departments had wrong
from months
left join due on due.officer = months.officer and due.month = months.month
left join fed on fed.officer = months.officer and fed.month = months.month
left join corrected on corrected.officer = months.officer and corrected.month = months.month
