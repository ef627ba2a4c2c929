-- One row per type of task and version of its guide: the steps, the fields to ask, and which of them need no asking in the open tasks it guides.
-- Grain: task_type, version. Reads: task_guide_of, task_loop, fresh_dwelling, moment. Consumers: community officers, grid workers, base-management officers.
-- A field needs no asking where its golden value is fresh and undisputed on the day of the moment.
with
open as (
  select task, object_kind, object_id, coalesce(task_type, 'other') as task_type, coalesce(dispatched_at, moment.known_at)::date as day
  from task_loop cross join moment where stage in ('dispatched', 'accepted', 'returned')
),
guided as (
  select open.*, guide.version, guide.ask
  from open join task_guide_of as guide on guide.task_type = open.task_type and guide.from_on <= open.day
  qualify row_number() over (partition by open.task order by guide.version desc) = 1
),
asked as (select task_type, version, object_id, unnest(ask) as field from guided where object_kind = 'dwelling'),
judged as (
  select asked.task_type, asked.version, asked.field, coalesce(list_contains(known.attributes, asked.field), false) as fresh
  from asked left join fresh_dwelling as known on known.entity = asked.object_id
),
fields as (select task_type, version, field, count(*) as needed, count(*) filter (fresh) as fresh from judged group by task_type, version, field),
counted as (
  select task_type, version, sum(needed) as needed, sum(fresh) as fresh, list(field order by field) filter (needed = fresh) as spared from fields group by task_type, version
),
loads as (select task_type, version, count(*) as tasks from guided group by task_type, version)
select
  guide.task_type::varchar as task_type,  -- code list task_type
  guide.version::integer as version,
  guide.from_on::date as from_on,  -- first day
  guide.steps::varchar[] as steps,  -- code list task_step, in order
  guide.ask::varchar[] as ask,  -- attributes of a dwelling
  coalesce(counted.spared, []::varchar[])::varchar[] as fresh,  -- those of `ask` that are fresh in every open task
  coalesce(loads.tasks, 0)::bigint as open_tasks,
  coalesce(counted.needed, 0)::bigint as fields_needed,  -- of the dwellings of open tasks
  coalesce(counted.fresh, 0)::bigint as fields_fresh  -- those that need no asking
from task_guide_of as guide
left join counted on counted.task_type = guide.task_type and counted.version = guide.version
left join loads on loads.task_type = guide.task_type and loads.version = guide.version
