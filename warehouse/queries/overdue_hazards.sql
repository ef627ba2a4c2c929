-- Hazards that are past their day and not mended, those longest overdue first.
-- zh: 已过整改期限且未整改的隐患，超期最久者在前。
-- Parameter: area VARCHAR = ''; beginning of a division code, empty for all; 区划代码的开头，空为全部.
-- Consumers: fire safety, township managers.
select entity, area, object_kind, object_id, category, coalesce(hazards_count, 1)::bigint as hazards, opened_at::date as found_on, due_on,
  date_diff('day', due_on, moment.known_at::date) as overdue_days
from event_current cross join moment
where kind = 'hazard' and settled_at is null and due_on < moment.known_at::date and starts_with(coalesce(area, ''), $area::varchar)
order by overdue_days desc, entity
