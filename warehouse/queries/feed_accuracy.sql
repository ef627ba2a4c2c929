-- How right and fresh one feed is, by kind and attribute, over all weeks.
-- zh: 一个数据源按类别和属性的准确率与鲜活度，全部各周合计。
-- Parameter: feed VARCHAR; name of the feed, as `cabin feed list` shows it; 数据源名称，由 `cabin feed list` 给出.
-- Consumers: departments, data engineers.
select kind, attribute, sum(claims)::bigint as claims, sum(late)::bigint as late, sum(checked)::bigint as checked, sum(confirmed)::bigint as confirmed,
  case when sum(checked) > 0 then sum(confirmed) / sum(checked) end::decimal(5, 4) as accuracy,
  case when sum(in_force) > 0 then sum(fresh) / sum(in_force) end::decimal(5, 4) as freshness
from source_quality
where feed = $feed::varchar and kind <> '*'
group by kind, attribute
order by kind, attribute
