-- One row per feed, month of recording, field and rule that its rows broke: how many were set aside, how many only marked or put right, and the first rows to look at.
-- Grain: feed, month, field, rule. Reads: outcome, quarantined. Consumers: departments, data engineers.
-- A row counts once, when it was set aside first: a repair that fails is the same row. Rows that were marked are counted by rule only: they stand under field `*`.
-- Rows that landing made itself of reduced ones are no department's: neither their marks nor what was set aside of them counts.
with
marked as (
  select source as feed, date_trunc('month', recorded_at)::date as month, from_json(flags, '"MAP(VARCHAR, BIGINT)"') as marks
  from outcome where source is not null and type = 'raw.rows' and flags <> '{}' and outcome <> 'duplicate'
),
named as (select feed, month, marks, unnest(map_keys(marks)) as rule from marked),
message as (select source, delivery, chunk, max(rows) as rows from outcome where outcome <> 'duplicate' group by source, delivery, chunk),
made as (select distinct source, delivery, chunk from outcome where type in ('raw.minors', 'raw.presence')),
first as (
  select * from quarantined where source is not null
    and not exists (from made where made.source = quarantined.source and made.delivery = quarantined.delivery and made.chunk = quarantined.chunk)
  qualify row_number() over (partition by source, delivery, "row", case when "row" = 0 then chunk end order by recorded_at, chunk, reason) = 1
),
stopped as (
  select first.source as feed, date_trunc('month', first.recorded_at)::date as month, coalesce(first."column", '*') as field, first.reason as rule, first."row",
    case when first."row" > 0 then 1 else greatest(coalesce(message.rows, 1), 1) end as rows,
    case when first."row" > 0 then first.delivery || '/' || first."row"::varchar end as origin,
    row_number() over (partition by first.source, date_trunc('month', first.recorded_at), first."column", first.reason
      order by first.recorded_at, first.delivery, first."row", first.chunk) as place
  from first left join message on message.source = first.source and message.delivery = first.delivery and message.chunk = first.chunk
),
counted as (
  select feed, month, field, rule, sum(rows) as quarantined, count(*) filter ("row" = 0) as messages, 0 as marked,
    max(origin) filter (place = 1) as origin1, max(origin) filter (place = 2) as origin2, max(origin) filter (place = 3) as origin3
  from stopped group by all
  union all
  select feed, month, '*', rule, 0, 0, sum(map_extract_value(marks, rule)), null, null, null from named group by all
)
select
  feed::varchar as feed,
  month::date as month,  -- its first day
  field::varchar as field,  -- column of the delivery; *: the row as a whole
  rule::varchar as rule,
  sum(quarantined)::bigint as quarantined,  -- rows set aside, those of messages set aside whole among them
  sum(messages)::bigint as messages,  -- messages set aside whole
  sum(marked)::bigint as marked,  -- rows taken over with a mark, many with a cell put right or blanked
  list_filter([max(origin1), max(origin2), max(origin3)], lambda origin: origin is not null)::varchar[] as examples  -- delivery/row of the first three that were set aside
from counted group by feed, month, field, rule
