"""SQL makers for what is set aside and what is counted."""

from __future__ import annotations

from collections.abc import Iterable

from contracts.model import Classification, Feed
from contracts.normalising.facts import canonical_json_sql
from contracts.normalising.slots import quoted
from contracts.normalising.words import CHECKED, FAULT, RAW

FIRST_ROWS = 3
"""So many rows of a message are named for each warning they break."""


def plain_cells(feed: Feed) -> tuple[str, ...]:
    """The columns of a raw row that a quarantined one shows: plain cells, tokens and what checks said."""
    plain = [column.name for column in feed.columns if column.classification is not Classification.PERSONAL]
    return (*plain, *(f"{column.name}_check" for column in feed.columns if column.identifier))


def quarantined_sql(feed: Feed, reasons: list[tuple[str, str | None]]) -> str:
    """Every broken row of `raw` with its reason; plain cells and what checks said as JSON, the others stay sealed."""
    names, columns = _list_sql(reason for reason, _ in reasons), _list_sql(column for _, column in reasons)
    cells = canonical_json_sql((name, f"raw.{quoted(name)}", "text") for name in plain_cells(feed))
    return (
        f"select '{feed.name}' as source, raw.delivery, raw.\"row\", raw.chunk, raw.recorded_at,"
        f" case when bad.broken = {FAULT} then {fault_reason_sql('raw.fault')} else {names}[bad.broken] end as reason,"
        f" case when bad.broken = {FAULT} then nullif(split_part(raw.fault, ':', 2), '') else {columns}[bad.broken] end as \"column\","
        f" {cells} as cells, raw.subject, raw.sealed from {RAW} as raw"
        f" join (select __delivery, __row, __repair, __broken::bigint as broken from {CHECKED} where __broken > 0) as bad"
        ' on raw.delivery = bad.__delivery and raw."row" = bad.__row and raw.repair = bad.__repair'
    )


def accounts_sql(reasons: list[tuple[str, str | None]]) -> str:
    """Per message: rows = accepted + the sum of `quarantined`; the JSON objects have their keys in order. `flagged` names the first rows of each flag by their number in the delivery."""
    reason = f"case when __broken = {FAULT} then {fault_reason_sql('__fault')} else {_list_sql(name for name, _ in reasons)}[__broken::bigint] end"
    return f"""with counted as (
select __delivery as delivery, __chunk as chunk, __repair as repair, count(*)::int as rows, (count(*) filter (where __broken = 0))::int as accepted,
  (count(*) filter (where __broken > 0 and not __keyed))::int as unkeyed from {CHECKED} group by all),
broken as (select __delivery as delivery, __chunk as chunk, __repair as repair, {reason} as name, count(*) as n from {CHECKED} where __broken > 0 group by all),
flagged as (select __delivery as delivery, __chunk as chunk, __repair as repair, unnest(string_split(__flags, ',')) as name, n, first
  from (select __delivery, __chunk, __repair, __flags, count(*) as n, min(__row, {FIRST_ROWS}) as first from {CHECKED} where __broken = 0 and __flags is not null group by all)),
flags as (select delivery, chunk, repair, name, sum(n)::bigint as n, list_sort(flatten(list(first)))[:{FIRST_ROWS}] as first from flagged group by all)
select counted.*, coalesce(b.quarantined, '{{}}') as quarantined, coalesce(f.flags, '{{}}') as flags, coalesce(f.flagged, '{{}}') as flagged from counted
left join (select delivery, chunk, repair, {_object_sql("n")} as quarantined from broken group by all) as b using (delivery, chunk, repair)
left join (select delivery, chunk, repair, {_object_sql("n")} as flags, {_object_sql("to_json(first)::varchar")} as flagged from flags group by all) as f using (delivery, chunk, repair)
order by delivery, chunk, repair"""


def _object_sql(value: str) -> str:
    """Names and values as a JSON object with its keys in order."""
    return f"'{{' || string_agg(to_json(name)::varchar || ':' || {value}, ',' order by name) || '}}'"


def fault_reason_sql(fault: str) -> str:
    """What landing found is `reason:column`."""
    return f"split_part({fault}, ':', 1)"


def _list_sql(texts: Iterable[str | None]) -> str:
    return "[" + ", ".join("null" if text is None else f"'{text}'" for text in texts) + "]"
