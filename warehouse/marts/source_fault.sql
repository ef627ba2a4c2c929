-- One row per feed, month of recording, field and rule that its rows broke: how many were set aside, how many only mended, and the first rows to look at.
-- Grain: feed, month, field, rule. Reads: outcome, quarantined. Consumers: departments, data engineers.
-- Counts of rows that were mended are kept by rule only: they stand under field `*`. Copies of messages count once.
with
marked as (
  select source as feed, date_trunc('month', recorded_at)::date as month, from_json(flags, '"MAP(VARCHAR, BIGINT)"') as marks
  from outcome where source is not null and flags <> '{}' and outcome <> 'duplicate'
),
named as (select feed, month, marks, unnest(map_keys(marks)) as rule from marked),
stopped as (
  select source as feed, date_trunc('month', recorded_at)::date as month, coalesce("column", '*') as field, reason as rule, "row",
    case when "row" > 0 then delivery || '/' || "row"::varchar end as origin,
    row_number() over (partition by source, date_trunc('month', recorded_at), "column", reason order by recorded_at, delivery, "row", chunk) as place
  from quarantined where source is not null
),
counted as (
  select feed, month, field, rule, count(*) filter ("row" > 0) as quarantined, count(*) filter ("row" = 0) as messages, 0 as mended,
    max(origin) filter (place = 1) as first, max(origin) filter (place = 2) as second, max(origin) filter (place = 3) as third
  from stopped group by all
  union all
  select feed, month, '*', rule, 0, 0, sum(map_extract_value(marks, rule)), null, null, null from named group by all
)
select
  feed::varchar as feed,
  month::date as month,  -- its first day
  field::varchar as field,  -- column of the delivery; *: the row as a whole
  rule::varchar as rule,
  sum(quarantined)::bigint as quarantined,  -- rows set aside
  sum(messages)::bigint as messages,  -- messages set aside whole
  sum(mended)::bigint as mended,  -- rows taken over with a cell put right or blanked, or with a mark
  list_filter([max(first), max(second), max(third)], lambda origin: origin is not null)::varchar[] as examples  -- delivery/row of the first three that were set aside
from counted group by feed, month, field, rule
