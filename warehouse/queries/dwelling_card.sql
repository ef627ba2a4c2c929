-- What the cabin holds of one dwelling: every value with its status, source, evidence and freshness.
-- zh: 一处房屋的卡片：每项取值及其状态、来源、依据和鲜活度。
-- Parameter: dwelling VARCHAR; address key, as `cabin find` shows it; 地址键，由 `cabin find` 给出.
-- Consumers: community police, grid officers.
select attribute, attribute.label_zh, value, status, source, evidence, seen_at, fresh_until, stale
from entity_value join attribute using (kind, attribute)
where kind = 'dwelling' and entity = $dwelling::varchar
order by attribute
