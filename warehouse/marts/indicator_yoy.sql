-- One row per indicator, area and period: the number, that of the same period a year before, and the change where the base is not 0.
-- Grain: indicator, area, from_on, to_on. Reads: event_current. Consumers: command centre, general office, township managers.
-- The base is the one stated beside the number, else the number kept for the period a year before. Periods of other lengths (a month, 一年来, a calendar year) are never compared.
with
told as (
  select measure, place_id as area, from_on, to_on, unit, amount, bound, base, base_bound, quantity__seen_at::date as as_of, quantity__source as source
  from event_current where kind in ('incident_count', 'indicator') and measure is not null and place_id is not null and from_on is not null and to_on is not null and coalesce(present, true)
),
based as (
  select told.*, kept.amount as kept, coalesce(told.base, kept.amount) as base_value, case when told.base is not null then told.base_bound else kept.bound end as base_word
  from told left join told as kept on kept.measure = told.measure and kept.area = told.area and kept.unit = told.unit and kept.from_on + interval 1 year = told.from_on
    and kept.to_on + interval 1 day + interval 1 year = told.to_on + interval 1 day
),
compared as (
  select *, interval_ratio(
    {'value': amount, 'low': case when bound in ('eq', 'ge') then amount when amount is not null then 0 end, 'high': case when bound in ('eq', 'lt') then amount end, 'low_open': false, 'high_open': bound = 'lt'},
    {'value': base_value, 'low': case when base_word in ('eq', 'ge') then base_value when base_value is not null then 0 end, 'high': case when base_word in ('eq', 'lt') then base_value end, 'low_open': false, 'high_open': base_word = 'lt'}) as rate
  from based
)
select
  measure::varchar as indicator,  -- code list measure
  area::varchar as area,  -- division code
  from_on::date as from_on,
  to_on::date as to_on,
  amount::decimal(18, 2) as current,  -- null: not told
  bound::varchar as current_bound,
  base_value::decimal(18, 2) as base,  -- same unit; null: not told
  base_word::varchar as base_bound,
  case when base is not null then 'stated' when kept is not null then 'kept' end::varchar as base_from,
  case when base is not null and kept is not null and base_bound = 'eq' then base = kept end::boolean as base_agrees,  -- stated base = number kept for that period
  unit::varchar as unit,  -- code list quantity_unit
  as_of::date as as_of,
  source::varchar as source,
  (rate.value - 1)::decimal(18, 6) as change,  -- (current - base) / base; null: base 0 or unknown
  interval_bound(rate)::varchar as change_bound,
  (rate.low - 1)::decimal(18, 6) as change_least,
  (rate.high - 1)::decimal(18, 6) as change_most  -- null: no upper end
from compared
