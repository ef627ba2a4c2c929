-- One row per feed, month of recording, field and rule that its rows broke: how many were set aside, how many only marked or put right, and the first rows to look at.
-- Grain: feed, month, field, rule. Reads: outcome, set_aside. Consumers: departments, data engineers.
-- A row counts once, when it was set aside first: a repair that fails is the same row. Rows that were marked are counted by rule only, for each message: they stand under field `*`.
-- Rows that landing made itself of reduced ones are no department's: neither their marks nor what was set aside of them counts.
with
marked as (
  select source as feed, date_trunc('month', recorded_at)::date as month, recorded_at, delivery, from_json(flags, '"MAP(VARCHAR, BIGINT)"') as marks,
    from_json(coalesce(flagged, '{}'), '"MAP(VARCHAR, BIGINT[])"') as flagged
  from outcome where source is not null and type = 'raw.rows' and flags <> '{}' and outcome <> 'duplicate'
),
named as (select feed, month, recorded_at, delivery, marks, flagged, unnest(map_keys(marks)) as rule from marked),
pointed as (select feed, month, rule, recorded_at, delivery, unnest(map_extract_value(flagged, rule)) as "row" from named),
shown as (
  select feed, month, rule, delivery || '/' || "row"::varchar as origin, row_number() over (partition by feed, month, rule order by recorded_at, delivery, "row") as nth from pointed
),
aside as (
  select source as feed, date_trunc('month', day)::date as month, field, rule, rows, messages, place,
    case when "row" > 0 then delivery || '/' || "row"::varchar end as origin,
    row_number() over (partition by source, date_trunc('month', day), field, rule, place > 3 order by recorded_at, delivery, "row", chunk) as nth
  from set_aside
),
counted as (
  select feed, month, field, rule, sum(rows) as quarantined, sum(messages) as messages, 0 as marked,
    max(origin) filter (place <= 3 and nth = 1) as origin1, max(origin) filter (place <= 3 and nth = 2) as origin2, max(origin) filter (place <= 3 and nth = 3) as origin3,
    null::varchar as mark1, null::varchar as mark2, null::varchar as mark3
  from aside group by all
  union all
  select feed, month, '*', rule, 0, 0, sum(map_extract_value(marks, rule)), null, null, null, null, null, null from named group by all
  union all
  select feed, month, '*', rule, 0, 0, 0, null, null, null, max(origin) filter (nth = 1), max(origin) filter (nth = 2), max(origin) filter (nth = 3) from shown where nth <= 3 group by all
)
select
  feed::varchar as feed,
  month::date as month,  -- its first day
  field::varchar as field,  -- column of the delivery; *: the row as a whole
  rule::varchar as rule,
  sum(quarantined)::bigint as quarantined,  -- rows set aside, those of messages set aside whole among them
  sum(messages)::bigint as messages,  -- messages set aside whole
  sum(marked)::bigint as marked,  -- rows taken over with a mark, many with a cell put right or blanked
  list_filter([max(origin1), max(origin2), max(origin3)], lambda origin: origin is not null)::varchar[] as examples,  -- delivery/row of the first three that were set aside
  list_filter([max(mark1), max(mark2), max(mark3)], lambda origin: origin is not null)::varchar[] as marked_examples  -- delivery/row of the first three that were marked
from counted group by feed, month, field, rule
