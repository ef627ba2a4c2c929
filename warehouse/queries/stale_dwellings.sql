-- Dwellings with values that ended their freshness, those unsaid longest first.
-- zh: 取值已过鲜活期的房屋，最久未被说明者在前。
-- Parameter: area VARCHAR = ''; beginning of a division code, empty for all; 区划代码的开头，空为全部.
-- Parameter: days INTEGER = 0; stale since at least so many days after the value was last said; 距最近一次被说明的最少天数.
-- Consumers: grid officers, base-management officers.
select dwelling, grid, stale, stale_age_days, residents, visited_at
from visit_plan
where stale > 0 and starts_with(coalesce(area, ''), $area::varchar) and stale_age_days >= $days::integer
order by stale_age_days desc, stale desc, dwelling
