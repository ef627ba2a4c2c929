-- One row per indicator, area and period: the number, that of the same period a year before, and the change where the base is not 0; small counts and what would tell them are hidden.
-- Grain: indicator, area, from_on, to_on. Reads: event_current, indicator_count. Consumers: command centre, general office, township managers.
-- The base is the one stated beside the number, else the number kept for the period a year before. Periods of other lengths (a month, 一年来, a calendar year) are never compared.
-- A count of persons, households, disputes or calls stands here only as far as indicator_count shows it, or shows all parts of its period; a change of it only where both numbers stand here, over a base of 20 or more.
with
told as (
  select measure, place_id as area, from_on, to_on, (from_on - interval 1 year)::date as base_from_on, (to_on + interval 1 day - interval 1 year - interval 1 day)::date as base_to_on, unit,
    amount, bound, base, base_bound, kind = 'incident_count' or unit in ('persons', 'person_times', 'households', 'cases') as counted, quantity__seen_at::date as as_of, quantity__source as source
  from event_current where kind in ('incident_count', 'indicator') and measure is not null and place_id is not null and from_on is not null and to_on is not null and coalesce(present, true)
),
shown as (select area, indicator, from_on, to_on, told, stated, date_diff('day', from_on, to_on) + 1 as days from indicator_count where told is not null or stated is not null),
asked as (select measure, area, from_on, to_on from told where counted union select measure, area, base_from_on, base_to_on from told where counted),
open as (
  select asked.measure, asked.area, asked.from_on, asked.to_on, bool_or(part.days = date_diff('day', asked.from_on, asked.to_on) + 1 and part.told is not null) as told,
    bool_or(part.days = date_diff('day', asked.from_on, asked.to_on) + 1 and part.stated is not null) as stated,
    max(part.days) < date_diff('day', asked.from_on, asked.to_on) + 1 and sum(part.days) = date_diff('day', asked.from_on, asked.to_on) + 1 as in_parts
  from asked join shown as part on part.area = asked.area and part.indicator = asked.measure and part.from_on >= asked.from_on and part.to_on <= asked.to_on
  group by asked.measure, asked.area, asked.from_on, asked.to_on
),
based as (
  select told.*, kept.amount as kept, kept.bound as kept_bound,
    not told.counted or coalesce(now.told or now.in_parts and not (told.amount > 0 and told.amount < 10), false) as number_open,
    not told.counted or coalesce(year_before.stated or year_before.in_parts and not (told.base > 0 and told.base < 10), false) as base_open,
    not told.counted or coalesce(year_before.told or year_before.in_parts and not (kept.amount > 0 and kept.amount < 10), false) as kept_open
  from told
  left join told as kept on kept.measure = told.measure and kept.area = told.area and kept.unit = told.unit and kept.from_on = told.base_from_on and kept.to_on = told.base_to_on
  left join open as now on now.measure = told.measure and now.area = told.area and now.from_on = told.from_on and now.to_on = told.to_on
  left join open as year_before on year_before.measure = told.measure and year_before.area = told.area and year_before.from_on = told.base_from_on and year_before.to_on = told.base_to_on
),
told_openly as (
  select measure, area, from_on, to_on, unit, counted, as_of, source, case when number_open then amount end as number, case when number_open then bound end as word,
    case when base_open then base end as stated, case when base_open then base_bound end as stated_word, case when kept_open then kept end as kept, case when kept_open then kept_bound end as kept_word,
    amount is not null and not number_open or base is not null and not base_open or kept is not null and not kept_open as suppressed
  from based
),
chosen as (
  select *, coalesce(stated, kept) as base_value, case when stated is not null then stated_word else kept_word end as base_word from told_openly
),
compared as (
  select *, case when not counted or base_value >= 20 then interval_ratio(
    {'value': number, 'low': case when word in ('eq', 'ge') then number when number is not null then 0 end, 'high': case when word in ('eq', 'lt') then number end, 'low_open': false, 'high_open': word = 'lt'},
    {'value': base_value, 'low': case when base_word in ('eq', 'ge') then base_value when base_value is not null then 0 end, 'high': case when base_word in ('eq', 'lt') then base_value end, 'low_open': false, 'high_open': base_word = 'lt'}) end as rate
  from chosen
)
select
  measure::varchar as indicator,  -- code list measure
  area::varchar as area,  -- division code
  from_on::date as from_on,
  to_on::date as to_on,
  number::decimal(18, 2) as current,  -- null: not told, or hidden
  word::varchar as current_bound,
  base_value::decimal(18, 2) as base,  -- same unit; null: not told, or hidden
  base_word::varchar as base_bound,
  case when stated is not null then 'stated' when kept is not null then 'kept' end::varchar as base_from,
  case when stated is not null and kept is not null and stated_word = 'eq' then stated = kept end::boolean as base_agrees,  -- stated base = number kept for that period
  unit::varchar as unit,  -- code list quantity_unit
  as_of::date as as_of,
  source::varchar as source,
  (rate.value - 1)::decimal(18, 6) as change,  -- (current - base) / base; null: base 0 or unknown, or a count's base below 20
  interval_bound(rate)::varchar as change_bound,
  (rate.low - 1)::decimal(18, 6) as change_least,
  (rate.high - 1)::decimal(18, 6) as change_most,  -- null: no upper end
  suppressed::boolean as suppressed  -- some number of this row is hidden
from compared
