-- One row per bank branch and month: how often its counter warned of fraud, how often it dissuaded, and the money that stayed; for the counter-fraud centre and the banks, not for publication.
-- Grain: branch, month. Reads: event_current. Consumers: counter-fraud centre, banks.
-- No customer is in it. A day on which a number was left blank leaves the sum without an upper end (bound `ge`); 0 is a number.
with
counted as (
  select object_id as branch, date_trunc('month', from_on)::date as month, measure, count(*) as days, interval_sum(amount, bound) as told
  from event_current where kind = 'counter_warning' and object_id is not null and from_on is not null and coalesce(present, true) group by 1, 2, 3
),
wide as (
  select branch, month, max(days) as days, max(told) filter (measure = 'warned') as warned, max(told) filter (measure = 'dissuaded') as dissuaded, max(told) filter (measure = 'saved') as saved
  from counted group by 1, 2
),
shared as (select *, interval_ratio(dissuaded, warned) as share from wide)
select
  branch::varchar as branch,
  month::date as month,  -- its first day
  days::bigint as days,  -- days reported
  warned.value::decimal(18, 2) as warned,
  interval_bound(warned)::varchar as warned_bound,
  dissuaded.value::decimal(18, 2) as dissuaded,
  interval_bound(dissuaded)::varchar as dissuaded_bound,
  share.value::decimal(18, 4) as dissuaded_share,  -- null: nobody was warned
  interval_bound(share)::varchar as dissuaded_share_bound,
  saved.value::decimal(18, 2) as saved_yuan,
  interval_bound(saved)::varchar as saved_yuan_bound
from shared
