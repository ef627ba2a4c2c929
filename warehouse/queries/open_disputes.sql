-- Disputes that are reported and not settled, the oldest first.
-- zh: 已上报未办结的纠纷，最早者在前。
-- Parameter: area VARCHAR = ''; beginning of a division code, empty for all; 区划代码的开头，空为全部.
-- Parameter: days INTEGER = 0; open for at least so many days; 最少未办结天数.
-- Consumers: community police, township managers.
select entity, area, category, priority, stage, opened_at, due_on, date_diff('day', opened_at, moment.known_at) as open_days
from event_current cross join moment
where kind = 'dispute' and settled_at is null and starts_with(coalesce(area, ''), $area::varchar)
  and date_diff('day', opened_at, moment.known_at) >= $days::integer
order by opened_at, entity
