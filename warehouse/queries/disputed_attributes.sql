-- On which attributes departments disagree most, and how often.
-- zh: 各部门在哪些属性上分歧最多、有多少。
-- Parameter: area VARCHAR = ''; beginning of a division code, empty for all; 区划代码的开头，空为全部.
-- Consumers: base-management officers, data engineers.
select kind, attribute, source, golden_source, count(*) as values, count(distinct entity) as entities, min(since) as oldest
from discrepancy
where starts_with(coalesce(area, ''), $area::varchar)
group by kind, attribute, source, golden_source
order by values desc, kind, attribute, source, golden_source
