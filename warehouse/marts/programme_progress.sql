-- One row per programme and township: households planned and done, the public money for each, and how far its phases differ in cost.
-- Grain: programme, township. Reads: event_current. Consumers: programme office, township managers.
-- Suppress: planned from planned_least to planned_most, done from done_least to done_most; planned - done; planned_bound of planned, done_bound of done, done_share of planned and done,
-- subsidy_yuan of planned and done, subsidy_yuan_bound of planned and done, subsidy_yuan_least of planned and done, subsidy_yuan_most of planned and done,
-- unit_cost_yuan of planned and done, unit_cost_yuan_bound of planned and done, drift of planned, drift_bound of planned, drift_flagged of planned; beside phases; by township.
-- A phase is what has one last day. Drift compares the dearest phase with the cheapest, each by money for a household planned, at the worst ends.
with
phases as (
  select object_id as programme, case when length(place_id) >= 9 then left(place_id, 9) else '-' end as township, to_on, measure, interval_sum(amount, bound) as told
  from event_current where kind = 'programme' and object_id is not null and coalesce(present, true) group by 1, 2, 3, 4
),
money as (
  select programme, township, to_on, max(told) filter (measure = 'subsidy') as subsidy, max(told) filter (measure = 'planned') as planned from phases group by 1, 2, 3
),
costs as (
  select programme, township, case when planned.low >= 20 then interval_ratio(subsidy, planned) end as cost from money
),
drifts as (
  select programme, township, count(*) as phases, case when count(cost) > 1 then interval_ratio(max(cost), min(cost)) end as drift from costs group by 1, 2
),
sums as (
  select object_id as programme, case when length(place_id) >= 9 then left(place_id, 9) else '-' end as township, measure, interval_sum(amount, bound) as told
  from event_current where kind = 'programme' and object_id is not null and coalesce(present, true) group by 1, 2, 3
),
wide as (
  select programme, township, max(told) filter (measure = 'planned') as planned, max(told) filter (measure = 'done') as done, max(told) filter (measure = 'subsidy') as subsidy
  from sums group by 1, 2
),
shared as (select *, case when planned.low >= 20 then interval_ratio(done, planned) end as share, case when planned.low >= 20 then interval_ratio(subsidy, planned) end as cost from wide join drifts using (programme, township))
select
  programme::varchar as programme,
  township::varchar as township,  -- division code
  phases::bigint as phases,
  planned.value::decimal(18, 2) as planned,  -- households
  interval_bound(planned)::varchar as planned_bound,
  planned.low::decimal(18, 2) as planned_least,
  planned.high::decimal(18, 2) as planned_most,  -- null: no upper end
  done.value::decimal(18, 2) as done,  -- households
  interval_bound(done)::varchar as done_bound,
  done.low::decimal(18, 2) as done_least,
  done.high::decimal(18, 2) as done_most,  -- null: no upper end
  share.value::decimal(18, 4) as done_share,  -- done / planned; null below 20 planned
  subsidy.value::decimal(18, 2) as subsidy_yuan,
  interval_bound(subsidy)::varchar as subsidy_yuan_bound,
  subsidy.low::decimal(18, 2) as subsidy_yuan_least,
  subsidy.high::decimal(18, 2) as subsidy_yuan_most,  -- null: no upper end
  cost.value::decimal(18, 2) as unit_cost_yuan,  -- yuan for a household planned; null below 20 planned
  interval_bound(cost)::varchar as unit_cost_yuan_bound,
  drift.value::decimal(18, 2) as drift,  -- dearest / cheapest phase; null: fewer than two phases with a cost and 20 households
  interval_bound(drift)::varchar as drift_bound,
  case when drift.low >= 2 then true when drift.high < 2 then false end::boolean as drift_flagged,  -- certainly a factor of 2 or more; null: cannot tell
  false::boolean as suppressed  -- a township is never so small that it has no 0 to show; see warehouse/suppress
from shared
