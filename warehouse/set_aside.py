"""The relation `set_aside`: per delivery, day, field and rule the rows that were set aside when they first came.

It is told delivery by delivery, so that a small change makes it anew for those of which something arrived: a row that was set aside, a message's outcome.
"""

from __future__ import annotations

FIRST = 3
"""So many rows of each group are told by place, for marts to name the first of many deliveries."""
TOUCHED = "(source, coalesce(delivery, '')) in (select source, delivery from touched_delivery)"
"""Of which something arrived since the last snapshot."""


def set_aside_sql(only: str = "") -> str:
    """Rows count once, when they were set aside first: what fails in a repair came before, in a message of its own. A message set aside whole stands under row 0 and counts with all its rows.
    What landing made itself of reduced rows is no department's. Of each group `place` 1 to 3 is one row or message, in the order of their moments, 4 all the others. `only`: of these rows of both tables."""
    where = f"where {only}" if only else ""
    return f"""with
told as (select source, delivery, chunk, repair, type, outcome, rows from outcome {where}),
other as (select distinct source, delivery, chunk from told where type in ('raw.minors', 'raw.presence') or repair > 0),
message as (select source, delivery, chunk, max(rows) as rows from told where outcome <> 'duplicate' group by source, delivery, chunk),
came as (select * from quarantined {where}),
counting as (
  select * from came where source is not null
    and not exists (from other where other.source = came.source and other.delivery = came.delivery and other.chunk = came.chunk)
),
first as (
  select * from counting qualify row_number() over (partition by source, delivery, "row", case when "row" = 0 then chunk end order by recorded_at, chunk, reason) = 1
),
placed as (
  select first.source, first.delivery, first.recorded_at::date as day, coalesce(first."column", '*') as field, first.reason as rule, first.recorded_at, first."row", first.chunk,
    case when first."row" > 0 then 1 else greatest(coalesce(message.rows, 1), 1) end as rows,
    row_number() over (partition by first.source, first.delivery, first.recorded_at::date, coalesce(first."column", '*'), first.reason
      order by first.recorded_at, first."row", first.chunk) as place
  from first left join message on message.source = first.source and message.delivery = first.delivery and message.chunk = first.chunk
)
select source, delivery, day, field, rule, least(place, {FIRST + 1})::integer as place, min(recorded_at) as recorded_at, min("row") as "row", min(chunk) as chunk,
  sum(rows)::bigint as rows, (count(*) filter ("row" = 0))::bigint as messages
from placed group by source, delivery, day, field, rule, least(place, {FIRST + 1})"""
