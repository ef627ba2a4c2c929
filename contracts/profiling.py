"""A feed compiled into one select that profiles its raw rows: counts and quantiles per delivery and field, never a value of a person.

Pure makers of SQL over the relation `raw` (`contracts.normalising.raw_schema`). What comes out is long, so that a new measure is a new row and no new column.
Of sealed columns only blanks are counted: their cells are asked whether they are there, and nothing else of them enters the statement.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

import pyarrow as pa

from contracts.facts import MOMENT
from contracts.model import Classification, Column, Feed
from contracts.normalising import RAW

Sort = Literal["code", "text", "number", "date", "token", "sealed"]
"""How the cells of a field are looked at."""

PROFILE = pa.schema(
    [
        ("feed", pa.string()),
        ("delivery", pa.string()),
        ("mode", pa.string()),
        ("recorded_at", MOMENT),
        ("field", pa.string()),
        ("measure", pa.string()),
        ("item", pa.string()),
        ("value", pa.float64()),
    ]
)
"""One number about a delivery, or about a field of it (`field`; empty: the delivery as a whole). `item` is a code or the name of a column, else empty."""

MEASURES: Mapping[str, str] = {
    "rows": "rows of the delivery that were landed, told by its closing; of a field those that were read",
    "latency": "hours from the moment of a delivery to its recording",
    "digest": "53 bits of what the plain cells hold, whatever the order of rows",
    "nulls": "blank cells",
    "distinct": "different cells",
    "top": "cells that hold the most frequent of them",
    "code": "cells that hold the code `item`",
    "length": "characters of a cell, on average",
    "q25": "first quartile of numbers",
    "q50": "median of numbers",
    "q75": "third quartile of numbers",
    "age25": "first quartile of the ages of dates, in days when the delivery was recorded",
    "age50": "median of the same",
    "age75": "third quartile of the same",
    "undeclared": "values in the delivered column `item`, which no contract declares",
    "missing": "1: the optional column `item` was not delivered",
}
"""Every measure and what its value says."""

CODES, CODE_LENGTH = 64, 40
"""A field with more codes than this in one delivery is no code, and so is a longer text: its values are not kept. Where no list is declared, codes must also come twice on average."""
READABLE = 0.8
"""The share of cells that must read as numbers (or dates) for quartiles to say anything."""
NUMBERS, DATES = frozenset({"integer", "decimal"}), frozenset({"date", "timestamp"})
MACHINERY_FIELDS = ("delivery", "mode", "recorded_at")


def sort_of(column: Column) -> Sort:
    """How a column is looked at: what is a person's is counted only."""
    if column.sealed:
        return "sealed"
    if column.identifier is not None or column.classification is not Classification.PLAIN:
        return "token"
    if column.type in NUMBERS:
        return "number"
    if column.type in DATES:
        return "date"
    return "code" if column.type in ("code", "boolean") else "text"


def fields_of(feed: Feed) -> dict[str, Sort]:
    """Every profiled field in contract order; beside an identifier what its check says, which is a code."""
    found: dict[str, Sort] = {}
    for column in feed.columns:
        found[column.name] = sort_of(column)
        if column.identifier is not None:
            found[f"{column.name}_check"] = "code"
    return found


def profile_sql(feed: Feed) -> str:
    """One select over `raw`, which may hold the rows of many deliveries: rows in the shape of `PROFILE`, in no order.

    The engine must speak the contracts' vocabulary (`contracts.engine.prepare`). A cell that is blank or cannot be read as number or date is left out of quartiles.
    """
    fields = fields_of(feed)
    return f"""with cells as (select {", ".join(MACHINERY_FIELDS)}, {", ".join(_cell_sql(name, sort) for name, sort in fields.items())} from {RAW}),
long as (from cells unpivot include nulls (cell for field in ({", ".join(_quoted(name) for name in fields)}))),
counted as (select delivery, field, cell, min(recorded_at) as recorded_at, count(*) as n from long group by delivery, field, cell),
told as (select *, {_sort_sql(fields)} as sort from counted),
read as (select *, case when cell is null then null
  when sort = 'date' then date_diff('second', timestamp_of(cell), recorded_at) / 86400.0
  when sort in ('number', 'text') then try_cast(replace(cell, ',', '') as double) end as number from told),
summed as (select delivery, field, any_value(sort) as sort, sum(n) as rows, coalesce(sum(n) filter (cell is null), 0) as nulls, count(cell) as distinct_cells,
  coalesce(max(n) filter (cell is not null), 0) as top, sum(n * length(cell)) / nullif(sum(n) filter (cell is not null), 0) as length,
  coalesce(sum(n) filter (isfinite(number)), 0) as readable from read group by delivery, field),
ranked as (select delivery, field, number, sum(n) over (partition by delivery, field order by number rows unbounded preceding) as upto from read where isfinite(number)),
quartiles as (select delivery, field, unnest(list_transform(['25', '50', '75'], lambda part: case when any_value(sort) = 'date' then 'age' else 'q' end || part)) as measure,
  unnest([min(number) filter (upto >= 0.25 * readable), min(number) filter (upto >= 0.5 * readable), min(number) filter (upto >= 0.75 * readable)]) as value
  from ranked join summed using (delivery, field) where readable > 0 and readable >= {READABLE} * (rows - nulls) group by delivery, field),
heads as (select delivery, any_value(mode) as mode, min(recorded_at) as recorded_at,
  (sum(hash({_plain_sql(fields)}) % 9007199254740992) % 9007199254740992)::double as digest from {RAW} group by delivery),
found as (
  select delivery, '' as field, 'digest' as measure, '' as item, digest as value from heads
  union all select delivery, field, unnest(['rows', 'nulls']), '', unnest([rows, nulls]) from summed
  union all select delivery, field, unnest(['distinct', 'top']), '', unnest([distinct_cells, top]) from summed where sort <> 'sealed'
  union all select delivery, field, 'length', '', length from summed where sort = 'text' and length is not null
  union all select delivery, field, measure, '', value from quartiles
  union all select delivery, field, 'code', cell, n from told join summed using (delivery, field)
    where told.sort = 'code' and cell is not null and length(cell) <= {CODE_LENGTH} and distinct_cells <= {CODES} and (field in ({_texts(_listed(feed))}) or rows - nulls >= 2 * distinct_cells))
select '{feed.name}' as feed, delivery, mode, heads.recorded_at, field, measure, item, value::double as value from found join heads using (delivery)"""


def _cell_sql(name: str, sort: Sort) -> str:
    """The cell as it is looked at; of a sealed one only that it is there. A person's whose key was destroyed counts as there: nobody left the cell blank."""
    column = _quoted(name)
    if sort == "sealed":
        return f"case when (sealed is not null and opened is null) or json_extract_string(opened, '$.{name}') is not null then '' end as {column}"
    return f"nullif(trim({column}::varchar), '') as {column}"


def _sort_sql(fields: Mapping[str, Sort]) -> str:
    sorts: dict[Sort, list[str]] = {}
    for name, sort in fields.items():
        sorts.setdefault(sort, []).append(name)
    return "case " + " ".join(f"when field in ({_texts(names)}) then '{sort}'" for sort, names in sorts.items()) + " end"


def _plain_sql(fields: Mapping[str, Sort]) -> str:
    """What the digest is made of: nothing of a person, and at least a constant."""
    return ", ".join([*(_quoted(name) for name, sort in fields.items() if sort not in ("sealed", "token")), "1"])


def _listed(feed: Feed) -> list[str]:
    """The fields whose codes a list declares, and a name that is none, so that there is one."""
    return ["", *(column.name for column in feed.columns if column.code_list), *(f"{column.name}_check" for column in feed.columns if column.identifier)]


def _texts(names: Iterable[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)


def _quoted(name: str) -> str:
    return f'"{name}"'
