-- Who lives in one dwelling: residents present with ground, registration and who says so; names are surname and stars.
-- zh: 一处房屋的居住人：现住人员、居住依据、登记情况和说法来源；姓名只显示姓和星号。
-- Parameter: dwelling VARCHAR; address key, as `cabin find` shows it; 地址键，由 `cabin find` 给出.
-- Consumers: community police, grid officers.
select resident, name, main_residence, residence_status, residence_type, relation_to_owner, registered_here, status, source, seen_at, people_band, minors
from household where dwelling = $dwelling::varchar
order by main_residence desc, resident
