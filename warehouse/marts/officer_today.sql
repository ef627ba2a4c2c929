-- One row per officer and open task: what to do, about what, by when, how urgent it is, the minutes left at the moment, and by which guide.
-- Grain: officer, task. Reads: task_loop, task_guide_of, moment. Consumers: community officers, grid workers. Kept as: view.
-- Open is what was dispatched, accepted or returned and not fed back since. The guide is the newest of its type on the day of the dispatch.
with
open as (
  select task_loop.*, coalesce(task_loop.task_type, 'other') as guided_as, moment.known_at
  from task_loop cross join moment where stage in ('dispatched', 'accepted', 'returned') and officer is not null
),
guided as (
  select open.task, max(guide.version) as version
  from open join task_guide_of as guide on guide.task_type = open.guided_as and guide.from_on <= coalesce(open.dispatched_at, open.known_at)::date
  group by open.task
)
select
  open.officer::varchar as officer,  -- staff number
  open.task::varchar as task,
  open.task_type::varchar as task_type,  -- code list task_type
  open.object_kind::varchar as object_kind,  -- code list object_kind
  open.object_id::varchar as object_id,  -- entity id
  open.area::varchar as area,  -- division code
  open.stage::varchar as stage,  -- dispatched, accepted or returned
  open.dispatched_at::timestamp_ms as dispatched_at,  -- Beijing time
  open.due_at::timestamp_ms as due_at,  -- Beijing time; null: no time set
  open.priority::varchar as priority,  -- of the event it is about
  date_diff('minute', date_trunc('minute', open.known_at), date_trunc('minute', open.due_at))::bigint as minutes_left,  -- at the moment; negative: overdue
  guided.version::integer as guide_version
from open left join guided on guided.task = open.task
