-- One row per grid on the day of the moment: who is registered there, and how many of them live there.
-- Grain: grid, day. Reads: population, grid_of. Consumers: township managers, base-management officers.
-- What population shows of the grid's village, and hidden where it is hidden there, so that no second table of the same people tells more: a grid that stands by its own
-- code is the only one of its village, and several of one village stand together under the village's code.
select
  coalesce(grid_of.grid, population.area)::varchar as grid,  -- grid code, or the village's division code where it has no single grid
  population.day::date as day,
  population.registered::integer as registered,  -- persons of 14 and over registered here
  population.both_here::integer as both_here,  -- those registered and living here
  population.consistency::decimal(5, 4) as residence_consistency,  -- both / registered; null below 20 registered
  (population.registered is null or population.both_here is null)::boolean as suppressed
from population left join grid_of on grid_of.village = population.area
where population.level = 'village'
