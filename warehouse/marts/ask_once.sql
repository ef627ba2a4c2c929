-- One row per officer and month: the fields of dwellings that visits needed, those they asked, and the share they were spared because a fresh value existed.
-- Grain: officer, month. Reads: form. Consumers: community officers, base-management officers, township managers.
-- Needed is what was asked or had a fresh value before the visit; what was neither is left open and spares nobody. Visits closed as done count, in their month; whatever their reason.
select
  coalesce(officer, '-')::varchar as officer,  -- staff number; `-`: not told
  date_trunc('month', visited_at)::date as month,  -- its first day
  count(distinct visit || '/' || dwelling)::integer as visits,
  count(*) filter (asked or fresh)::integer as needed,  -- fields
  count(*) filter (asked)::integer as asked,  -- fields
  case when count(*) filter (asked or fresh) > 0 then 1 - count(*) filter (asked) / count(*) filter (asked or fresh) end::decimal(5, 4) as spared,  -- 1 - asked / needed
  count(*) filter (fresh and asked)::integer as asked_again,  -- fields that were asked although a fresh value existed
  count(*) filter (not asked and not fresh)::integer as left_open  -- fields
from form group by 1, 2
