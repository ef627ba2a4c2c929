-- What the cabin holds of one person: every value with its status, source, evidence and freshness.
-- zh: 一个人的卡片：每项取值及其状态、来源、依据和鲜活度。
-- Parameter: person VARCHAR; token of the person, as `cabin find` shows it; 人的代号，由 `cabin find` 给出.
-- Consumers: community police, grid officers.
-- The same as the entity's rows of `entity_value`, read from one row of the wide table: planning that view for all kinds takes longer than the answer may.
with
kept as materialized (select to_json(person_current) as cell from person_current where entity = $person::varchar),
told as (
  select attribute.attribute, attribute.label_zh, cell ->> attribute.attribute as value,
    cell ->> (attribute.attribute || '__status') as status, cell ->> (attribute.attribute || '__source') as source,
    cell ->> (attribute.attribute || '__finding') as finding, (cell ->> (attribute.attribute || '__seen_at'))::timestamp_ms as seen_at,
    attribute.freshness_days, cell
  from kept cross join attribute where attribute.kind = 'person'
)
select attribute, label_zh, value, status, source,
  case source when 'visit' then finding else (cell ->> (source || '__delivery')) || '/' || (cell ->> (source || '__row')) end as evidence,
  seen_at, (seen_at + to_days(freshness_days))::timestamp_ms as fresh_until,
  coalesce((seen_at + to_days(freshness_days))::timestamp_ms < moment.known_at::date, false) as stale
from told cross join moment
where status is not null
order by attribute
