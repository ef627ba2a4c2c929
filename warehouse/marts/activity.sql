-- One row per township, kind of activity and month: sessions with attendance and leaflets, patrols with rounds and forces, each with its bound.
-- Grain: township, kind, month. Reads: event_current, visit. Consumers: township managers, base-management officers, public awareness.
-- Suppress: attendance from attendance_least to attendance_most; attendance_bound of attendance, attendance_per_session of attendance, attendance_per_session_bound of attendance;
-- beside activities, sessions, leaflets, leaflets_per_session, households_visited, leaflets_per_household, rounds, officers, helpers.
-- Sums add the ends of the parts; a part nobody told is 0 or more, so it leaves the sum without an upper end (bound `ge`).
with
counted as (
  select case when length(place_id) >= 9 then left(place_id, 9) else '-' end as township, kind, date_trunc('month', from_on)::date as month, measure,
    count(distinct object_id) as activities, interval_sum(amount, bound) as told
  from event_current where kind in ('session', 'patrol') and from_on is not null and measure is not null and coalesce(present, true)
  group by 1, 2, 3, 4
),
wide as (
  select township, kind, month, max(activities) as activities,
    max(told) filter (measure = 'sessions') as sessions, max(told) filter (measure = 'attendance') as attendance, max(told) filter (measure = 'leaflets') as leaflets,
    max(told) filter (measure = 'rounds') as rounds, max(told) filter (measure = 'officers') as officers, max(told) filter (measure = 'helpers') as helpers
  from counted group by 1, 2, 3
),
visits as (
  select left(dwelling, 9) as township, date_trunc('month', observed_at)::date as month, count(distinct dwelling) as households
  from visit where event = 'closed' and outcome = 'done' and length(split_part(dwelling, '/', 1)) >= 9 group by left(dwelling, 9), date_trunc('month', observed_at)
),
met as (
  select wide.*, case when wide.kind = 'session' then coalesce(visits.households, 0) end as households
  from wide left join visits on visits.township = wide.township and visits.month = wide.month
),
shared as (
  select *, interval_ratio(attendance, sessions) as per_session, interval_ratio(leaflets, sessions) as leaflets_each,
    interval_ratio(leaflets, {'value': households, 'low': households, 'high': households, 'low_open': false, 'high_open': false}) as leaflets_household
  from met
)
select
  township::varchar as township,  -- division code
  kind::varchar as kind,  -- session or patrol
  month::date as month,  -- its first day
  activities::bigint as activities,  -- entries: activities, or shifts
  sessions.value::decimal(18, 2) as sessions,
  interval_bound(sessions)::varchar as sessions_bound,
  attendance.value::decimal(18, 2) as attendance,  -- persons
  interval_bound(attendance)::varchar as attendance_bound,
  attendance.low::decimal(18, 2) as attendance_least,
  attendance.high::decimal(18, 2) as attendance_most,  -- null: no upper end
  per_session.value::decimal(18, 2) as attendance_per_session,
  interval_bound(per_session)::varchar as attendance_per_session_bound,
  leaflets.value::decimal(18, 2) as leaflets,
  interval_bound(leaflets)::varchar as leaflets_bound,
  leaflets_each.value::decimal(18, 2) as leaflets_per_session,
  interval_bound(leaflets_each)::varchar as leaflets_per_session_bound,
  households::bigint as households_visited,  -- with a visit closed as done in the month; null beside patrols
  leaflets_household.value::decimal(18, 2) as leaflets_per_household,  -- null: no household was visited
  interval_bound(leaflets_household)::varchar as leaflets_per_household_bound,
  rounds.value::decimal(18, 2) as rounds,
  interval_bound(rounds)::varchar as rounds_bound,
  officers.value::decimal(18, 2) as officers,  -- of all shifts
  interval_bound(officers)::varchar as officers_bound,
  helpers.value::decimal(18, 2) as helpers,  -- of all shifts
  interval_bound(helpers)::varchar as helpers_bound,
  false::boolean as suppressed  -- a township is never so small that it has no 0 to show; see warehouse/suppress
from shared
