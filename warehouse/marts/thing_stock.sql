-- One row per county, kind of thing and owner class: how many there are, which share of them works, and the total of all owner classes.
-- Grain: county, kind, ownership. Reads: thing_current. Consumers: police technology, programme office, base-management officers.
-- Removed things and those that are no longer there do not count. The parts of a county and kind, unknown owners included, add up to its total.
with
parts as (
  select coalesce(left(coalesce(area, place_id), 6), '-') as county, coalesce(kind, '-') as kind, coalesce(ownership, '-') as ownership,
    count(*) as things, count(*) filter (status = 'working') as working, count(*) filter (status = 'faulty') as faulty
  from thing_current where coalesce(present, true) and status is distinct from 'removed' group by 1, 2, 3
)
select
  county::varchar as county,  -- division code
  kind::varchar as kind,  -- code list thing_kind
  ownership::varchar as ownership,  -- code list ownership
  things::bigint as things,
  working::bigint as working,
  faulty::bigint as faulty,
  case when working + faulty > 0 then working / (working + faulty) end::decimal(5, 4) as working_share,  -- of those whose status is known
  (sum(things) over (partition by county, kind))::bigint as total  -- things of all owner classes
from parts
