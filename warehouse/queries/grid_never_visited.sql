-- Dwellings of a grid that nobody has visited yet, those with most residents first.
-- zh: 一个网格中从未走访的房屋，居住人多者在前。
-- Parameter: grid VARCHAR; grid code; 网格编码.
-- Consumers: grid officers, community police.
select dwelling, residents, disputed, stale, never_verified
from visit_plan
where grid = $grid::varchar and visited_at is null
order by residents desc, dwelling
