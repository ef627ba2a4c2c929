-- What one department should correct: its record key, what it claims and what the cabin holds true.
-- zh: 一个部门应更正的内容：其记录编号、其说法和核定值。
-- Parameter: feed VARCHAR; name of the feed, as `cabin feed list` shows it; 数据源名称，由 `cabin feed list` 给出.
-- Parameter: since DATE = 2000-01-01; standing since that day or later; 自该日起.
-- Consumers: departments, base-management officers.
select kind, record, attribute, claimed, golden, status, golden_source, why, requested, since, origin
from discrepancy
where source = $feed::varchar and since >= $since::date
order by since, kind, record, attribute
