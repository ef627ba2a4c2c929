-- One row per campaign and round: shifts, officers and helpers, the sites they checked, and the ratios of forces and sites, each with its bound; whom they checked is stored nowhere.
-- Grain: campaign, round. Reads: event_current. Consumers: command centre, patrol service, township managers.
-- Sums add the ends of the parts; a part nobody told is 0 or more, so it leaves the sum without an upper end (bound `ge`). Forces are officers and helpers together.
with
parts as (
  select string_split(object_id, '/')[1] as campaign, coalesce(try_cast(string_split(object_id, '/')[2] as integer), 0) as round, entity, from_on, to_on, measure, amount, bound
  from event_current where kind = 'campaign_check' and object_id is not null and measure is not null and coalesce(present, true)
),
told as (
  select campaign, round, min(from_on) as from_on, max(to_on) as to_on, count(*) filter (measure = 'officers') as shifts,
    interval_sum(case when measure = 'officers' then amount end, case when measure = 'officers' then bound else 'eq' end) as officers,
    interval_sum(case when measure = 'helpers' then amount end, case when measure = 'helpers' then bound else 'eq' end) as helpers,
    interval_sum(case when measure in ('officers', 'helpers') then amount end, case when measure in ('officers', 'helpers') then bound else 'eq' end) as forces,
    interval_sum(case when measure = 'sites' then amount end, case when measure = 'sites' then bound else 'eq' end) as sites
  from parts group by campaign, round
),
shared as (
  select *, interval_ratio(forces, sites) as forces_each, interval_ratio(helpers, officers) as helpers_each from told
)
select
  campaign::varchar as campaign,
  round::integer as round,  -- 0: none was told
  from_on::date as from_on,  -- first day of a shift
  to_on::date as to_on,  -- last day of a shift
  shifts::bigint as shifts,
  officers.value::decimal(18, 2) as officers,  -- of all shifts
  interval_bound(officers)::varchar as officers_bound,
  helpers.value::decimal(18, 2) as helpers,  -- of all shifts
  interval_bound(helpers)::varchar as helpers_bound,
  forces.value::decimal(18, 2) as forces,  -- officers and helpers
  interval_bound(forces)::varchar as forces_bound,
  sites.value::decimal(18, 2) as sites,  -- checked
  interval_bound(sites)::varchar as sites_bound,
  forces_each.value::decimal(18, 2) as forces_per_site,  -- null: no sites
  interval_bound(forces_each)::varchar as forces_per_site_bound,
  helpers_each.value::decimal(18, 2) as helpers_per_officer,  -- null: no officers
  interval_bound(helpers_each)::varchar as helpers_per_officer_bound
from shared
