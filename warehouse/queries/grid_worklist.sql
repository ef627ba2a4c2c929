-- Which dwellings of a grid to visit first and what to ask there: disputes before stale values before what was never verified.
-- zh: 一个网格先走访哪些房屋、问什么：先有争议，再过期，后从未核实。
-- Parameter: grid VARCHAR; grid code; 网格编码.
-- Parameter: most INTEGER = 50; so many dwellings; 最多房屋数.
-- Consumers: grid officers, community police.
select dwelling, reasons, ask, residents, disputed, stale, never_verified, disputed_age_days, stale_age_days, visited_at
from visit_plan
where grid = $grid::varchar and len(reasons) > 0
order by disputed desc, stale desc, never_verified desc, visited_at nulls first, dwelling
limit $most::integer
