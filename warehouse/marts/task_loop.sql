-- One row per task: what it is about, where it stands, when it was assessed, dispatched, accepted, fed back and verified, and how long each step took.
-- Grain: task. Reads: event_current, business_current, venue_current, task_step. Consumers: base-management officers, township managers, duty centre.
-- The first of repeated acknowledgements and the last of repeated feedback count; one who verifies their own feedback verifies nothing. A step without minutes was not reached, or clocks contradict each other.
with
tasks as (select * from event_current where kind = 'task'),
placed as (
  select tasks.entity as task, coalesce(tasks.area, about.area, firm.area, site.area) as area, about.priority
  from tasks
  left join event_current as about on tasks.object_kind = 'event' and about.entity = tasks.object_id
  left join business_current as firm on tasks.object_kind = 'business' and firm.entity = tasks.object_id
  left join venue_current as site on tasks.object_kind = 'venue' and site.entity = tasks.object_id
),
steps as (
  select entity as task,
    min(observed_at) filter (stage = 'assessed') as assessed_at, min(opened_at) as dispatched_at, min(observed_at) filter (stage = 'accepted') as accepted_at,
    max(case when stage = 'fed_back' then coalesce(fed_back_at, observed_at) else fed_back_at end) as fed_back_at,
    min(observed_at) filter (stage = 'verified' and verifier is distinct from officer) as verified_at,
    min(observed_at) filter (stage = 'handed_over') as handed_over_at,
    count(distinct observed_at) filter (stage = 'accepted') as acks, count(distinct observed_at) filter (stage = 'returned') as returns,
    bool_or(fed_back_at < opened_at) filter (stage in ('fed_back', 'verified')) as feedback_first,
    bool_or(verifier <> officer) filter (stage = 'verified') as independent
  from task_step group by entity
),
timed as (
  select task, date_trunc('minute', assessed_at) as assessed, date_trunc('minute', dispatched_at) as dispatched, date_trunc('minute', accepted_at) as accepted,
    date_trunc('minute', coalesce(accepted_at, dispatched_at)) as taken, date_trunc('minute', fed_back_at) as fed_back, date_trunc('minute', verified_at) as verified
  from steps
)
select
  tasks.entity::varchar as task,
  tasks.task_type::varchar as task_type,  -- code list task_type
  tasks.origin::varchar as origin,  -- inner or outer
  tasks.partner::varchar as partner,  -- code list task_partner
  tasks.object_kind::varchar as object_kind,  -- code list object_kind
  tasks.object_id::varchar as object_id,  -- entity id
  placed.area::varchar as area,  -- division code, of the task or of what it is about
  tasks.officer::varchar as officer,  -- staff number
  placed.priority::varchar as priority,  -- of the event it is about
  tasks.stage::varchar as stage,  -- code list event_stage
  tasks.result::varchar as result,  -- code list task_result
  tasks.due_at::timestamp_ms as due_at,  -- Beijing time, as the others; null: no time set
  steps.assessed_at::timestamp_ms as assessed_at,
  steps.dispatched_at::timestamp_ms as dispatched_at,  -- first time
  steps.accepted_at::timestamp_ms as accepted_at,  -- first acknowledgement
  steps.fed_back_at::timestamp_ms as fed_back_at,  -- last feedback
  steps.verified_at::timestamp_ms as verified_at,  -- by another
  steps.handed_over_at::timestamp_ms as handed_over_at,
  case when timed.dispatched >= timed.assessed then date_diff('minute', timed.assessed, timed.dispatched) end::bigint as dispatch_minutes,
  case when timed.accepted >= timed.dispatched then date_diff('minute', timed.dispatched, timed.accepted) end::bigint as accept_minutes,
  case when timed.fed_back >= timed.taken then date_diff('minute', timed.taken, timed.fed_back) end::bigint as feed_back_minutes,  -- from its acceptance, or from its dispatch where none is told
  case when timed.verified >= timed.fed_back then date_diff('minute', timed.fed_back, timed.verified) end::bigint as verify_minutes,
  coalesce(steps.returns, 0)::integer as returns,
  greatest(coalesce(steps.acks, 0) - coalesce(steps.returns, 0) - 1, 0)::integer as repeated_acks,  -- acknowledgements beyond one a dispatch
  coalesce(steps.feedback_first, false)::boolean as feedback_before_dispatch,
  steps.independent::boolean as independent  -- somebody else than the feeder verified it; null: not verified, or nobody said who did
from tasks
join placed on placed.task = tasks.entity
left join steps on steps.task = tasks.entity
left join timed on timed.task = tasks.entity
