-- Residents with more than one present main residence: at least one of the lists is wrong.
-- zh: 有一处以上现住主要居所的人员：至少有一份名单有误。
-- Parameter: area VARCHAR = ''; beginning of a division code of any of them, empty for all; 任一居所区划代码的开头，空为全部.
-- Consumers: community police, base-management officers.
select resident, any_value(name) as name, count(*) as dwellings, list(dwelling order by dwelling) as where_said, list(source order by dwelling) as said_by
from household
where main_residence
group by resident
having count(*) > 1 and bool_or(starts_with(coalesce(area, ''), $area::varchar))
order by dwellings desc, resident
