-- One row per finding of a household visit about an entity and attribute: what was found, by whom, on which evidence, and what became of it.
-- Grain: kind, entity, attribute, finding, delivery, row. Reads: fate. Consumers: household visit, departments, base-management officers.
-- Follows: fate, kind, entity; entity.
-- Rosters stand here as findings about `present` of each link of the dwelling that they list, or rule out by being complete, and about how many live in it.
select
  kind::varchar as kind,
  entity::varchar as entity,
  attribute::varchar as attribute,
  finding::varchar as finding,
  outcome::varchar as outcome,
  value::varchar as value,  -- names as surname and stars; null: nothing was said about the value
  state::varchar as state,  -- holds, spent, older, superseded, amended, refuted or silent
  actor::varchar as actor,  -- officer number
  evidence::varchar as evidence,  -- stated, document_seen or seen_on_site; null: not told
  observed_at::timestamp_ms as observed_at,  -- Beijing time
  source::varchar as source,
  delivery::varchar as delivery,
  "row"::integer as "row"
from fate
