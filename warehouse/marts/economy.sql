-- One row per village and section of industries: businesses in operation, venues that are not gone by their operator's section, and hazards open in those venues.
-- Grain: village, section. Reads: business_current, venue_current. Consumers: market regulation, fire safety, township managers.
-- No count of persons: nothing is hidden. A venue whose operator is not known, or of no known industry, stands under `-`.
with
trades as (
  select left(area, 12) as village, left(industry_code, 1) as section, 1 as businesses, 0 as venues, 0 as open_hazards
  from business_current where coalesce(status = '1', true) and coalesce(present, true)
  union all
  select left(venue.area, 12), left(operator.industry_code, 1), 0, 1, coalesce(venue.open_hazards, 0)
  from venue_current as venue left join business_current as operator on operator.entity = venue.operator_uscc
  where coalesce(venue.open_status <> 'gone', true) and coalesce(venue.present, true)
)
select
  coalesce(village, '-')::varchar as village,  -- division code; `-`: unknown
  coalesce(section, '-')::varchar as section,  -- code list industry_section; `-`: unknown
  sum(businesses)::integer as businesses,  -- in operation
  sum(venues)::integer as venues,  -- open or closed for the time being
  sum(open_hazards)::integer as open_hazards  -- in those venues
from trades group by coalesce(village, '-'), coalesce(section, '-')
