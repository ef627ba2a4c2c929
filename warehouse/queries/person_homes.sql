-- Where one person lives: each dwelling with the ground, whether it is the main residence, and who says so.
-- zh: 一个人的居所：每处房屋的居住依据、是否主要居所以及说法来源。
-- Parameter: person VARCHAR; token of the person, as `cabin find` shows it; 人的代号，由 `cabin find` 给出.
-- Consumers: community police, grid officers.
-- The links of a person lie together in `residency_current`, whose keys begin with the person, and a dwelling's rows in `household`: by `resident` alone every row would be read.
select dwelling, area, main_residence, residence_status, residence_type, relation_to_owner, registered_here, from_on, to_on, status, source, seen_at
from household
where resident = $person::varchar
  and dwelling in (select dwelling from residency_current where person = $person::varchar and entity >= $person::varchar || '@' and entity < $person::varchar || 'A')
order by main_residence desc, dwelling
