-- What the cabin holds of one person: every value with its status, source, evidence and freshness.
-- zh: 一个人的卡片：每项取值及其状态、来源、依据和鲜活度。
-- Parameter: person VARCHAR; token of the person, as `cabin find` shows it; 人的代号，由 `cabin find` 给出.
-- Consumers: community police, grid officers.
select attribute, attribute.label_zh, value, status, source, evidence, seen_at, fresh_until, stale
from entity_value join attribute using (kind, attribute)
where kind = 'person' and entity = $person::varchar
order by attribute
