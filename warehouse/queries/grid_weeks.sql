-- How well a grid does, week by week: visits, accuracy of what was checked, freshness and linkage.
-- zh: 一个网格逐周的成效：走访、核查准确率、鲜活度和关联率。
-- Parameter: grid VARCHAR; grid code; 网格编码.
-- Parameter: weeks INTEGER = 12; weeks back from the snapshot's moment; 快照时刻之前的周数.
-- Consumers: township managers, base-management officers.
select week, known_dwellings, visited_dwellings, visited_share, checked, confirmed, accuracy, freshness, linkage
from coverage
where grid = $grid::varchar and week > (select known_at from moment)::date - 7 * $weeks::integer
order by week
