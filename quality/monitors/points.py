"""Profiles of deliveries as points: one value a day of everything that is watched, in one select over Arrow."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

WINDOW = 56
"""Points before a day that it is compared with: eight weeks of a feed that comes daily, so that each weekday has eight."""
QUARTILES = ("q25", "q50", "q75", "age25", "age50", "age75")
AVERAGED = (*QUARTILES, "length")
"""Measures of which a day's deliveries are averaged, by cells."""
KEY = ("feed", "mode", "field", "monitor", "item")
"""What tells one series from another."""
SERIES = (
    *((name, pa.string()) for name in KEY),
    ("day", pa.date32()),
    ("value", pa.float64()),
    ("lower", pa.float64()),
    ("upper", pa.float64()),
    ("points", pa.int32()),
    ("history", pa.list_(pa.float64())),
)
"""The columns of a series at its newest day, as alarms and what is watched tell it."""
POINTS = pa.schema([*((name, pa.string()) for name in KEY), ("day", pa.date32()), ("value", pa.float64()), ("n", pa.float64()), ("width", pa.float64())])
"""One point of a series. `n`: rows or cells that it was counted over; `width`: of a quartile how far the first and the third are apart, else 0. Sorted by series, then day."""

POINTS_SQL = f"""with dated as (select *, recorded_at::date as day from profile where recorded_at <= $moment),
days as (select feed, mode, day, count(distinct delivery) as deliveries from dated group by all),
placed as (select *, row_number() over (partition by feed, mode order by day desc) as place, median(deliveries) over (partition by feed, mode) as usual,
  greatest(count(*) filter (day >= $since) over (partition by feed, mode), 1) as judged from days),
kept as (select feed, mode, day from placed where place <= {WINDOW} + judged + 1 and (day < $today or deliveries >= usual)),
counted as (select feed, mode, field, day, delivery, sum(value) filter (measure = 'rows') as rows, sum(value) filter (measure = 'nulls') as nulls,
  sum(value) filter (measure = 'distinct') as distinct_cells, sum(value) filter (measure = 'top') as top
  from dated join kept using (feed, mode, day) where measure in ('rows', 'nulls', 'distinct', 'top') group by all),
daily as (select feed, mode, field, day, sum(rows) as rows, sum(nulls) as nulls, sum(distinct_cells) as distinct_cells, sum(top) as top from counted group by all),
averages as (select feed, mode, field, measure, day, sum(value * (rows - nulls)) / sum(rows - nulls) as value, sum(rows - nulls) as n
  from dated join counted using (feed, mode, field, day, delivery) where measure in ({", ".join(f"'{each}'" for each in AVERAGED)}) and rows > nulls group by all),
widths as (select feed, mode, field, day, max(value) filter (measure[-2:] = '75') - max(value) filter (measure[-2:] = '25') as width from averages group by all),
codes as (select feed, mode, field, item, day, sum(value) as n from dated join kept using (feed, mode, day) where measure = 'code' group by all),
coded as (select distinct feed, mode, field, day from codes),
found as (
  select feed, mode, field, 'volume' as monitor, '' as item, day, rows as value, rows as n from daily where field = ''
  union all select feed, mode, field, 'nulls', '', day, nulls / rows, rows from daily where field <> '' and rows > 0
  union all select feed, mode, field, 'distinct', '', day, distinct_cells, rows - nulls from daily where distinct_cells > 0
  union all select feed, mode, field, 'top', '', day, top / (rows - nulls), rows - nulls from daily where top > 0
  union all select feed, mode, field, measure, '', day, value, n from averages
  union all select feed, mode, field, 'share', item, day, coalesce(codes.n, 0) / (rows - nulls), rows - nulls
    from (select distinct feed, mode, field, item from codes) join coded using (feed, mode, field) join daily using (feed, mode, field, day)
    left join codes using (feed, mode, field, item, day) where rows > nulls
  union all select feed, '', '', 'arrival', '', day, date_diff('second', min(day)::timestamp, min(recorded_at)) / 3600.0, 1
    from dated join (select distinct feed, day from kept) using (feed, day) group by feed, day
)
select {", ".join(f"{name}::varchar as {name}" for name in KEY)}, day::date as day, value::double as value, n::double as n,
  case when monitor in ({", ".join(f"'{each}'" for each in QUARTILES)}) then coalesce(width, 0) else 0 end::double as width
from found left join widths using (feed, mode, field, day) order by {", ".join(KEY)}, day"""


Days = npt.NDArray[np.datetime64]


@dataclass(frozen=True, slots=True)
class Judged:
    """The days an answer is about: every day from `since` to the moment's, or the newest of each feed and mode where `since` is None."""

    moment: datetime
    since: date | None = None


@dataclass(frozen=True, slots=True)
class Points:
    """`POINTS` with its columns as arrays. `start`: of each point the place of its series' first; `judged`: the places of points on the days asked about."""

    table: pa.Table
    day: Days
    value: npt.NDArray[np.float64]
    n: npt.NDArray[np.float64]
    width: npt.NDArray[np.float64]
    start: npt.NDArray[np.int64]
    judged: npt.NDArray[np.int64]

    def monitors(self) -> tuple[list[str], npt.NDArray[np.int32]]:
        """The names of the monitors that have points, and of each point the place of its own among them."""
        coded = self.table["monitor"].combine_chunks().dictionary_encode()
        return coded.dictionary.to_pylist(), coded.indices.to_numpy()

    def fields(self) -> npt.NDArray[np.int64]:
        """Of each point a number that is the same for all points of one field of a feed and mode."""
        return np.cumsum(_changes(self.table, ("feed", "mode", "field"))) - 1


def points_of(engine: duckdb.DuckDBPyConnection, asked: Judged) -> Points:
    """The points of the relation `profile` (in the shape of `PROFILE`) of the engine up to the moment. The order of its rows changes nothing.

    A day counts once it is over, or as many deliveries as usual have come: half a day is no drop in volume.
    """
    today = asked.moment.date()
    values = {"moment": asked.moment, "today": today, "since": asked.since or today}
    table = engine.sql(POINTS_SQL, params=values).to_arrow_table().cast(POINTS)
    day = table["day"].to_numpy().astype("datetime64[D]")
    start, newest = _starts(table), _newest(table, day)
    judged = np.flatnonzero(day >= np.datetime64(asked.since, "D")) if asked.since else np.flatnonzero(day == newest)
    value, n, width = (table[name].to_numpy() for name in ("value", "n", "width"))
    return Points(table, day, value, n, width, start, judged)


def _starts(table: pa.Table) -> npt.NDArray[np.int64]:
    """Of each row the place of the first row with the same key; the table is sorted by it."""
    fresh = _changes(table, KEY)
    return np.maximum.accumulate(np.where(fresh, np.arange(len(fresh)), 0))


def _changes(table: pa.Table, names: tuple[str, ...]) -> npt.NDArray[np.bool_]:
    fresh = np.zeros(table.num_rows, bool)
    fresh[:1] = True
    for name in names:
        codes = table[name].combine_chunks().dictionary_encode().indices.to_numpy()
        fresh[1:] |= codes[1:] != codes[:-1]
    return fresh


def _newest(table: pa.Table, day: Days) -> Days:
    """Of each row the newest day of its feed and mode; they lie together."""
    if not table.num_rows:
        return day
    group = np.cumsum(_changes(table, ("feed", "mode"))) - 1
    newest: Days = np.full(group[-1] + 1, np.datetime64("0001-01-01", "D"))
    np.maximum.at(newest, group, day)
    told: Days = newest[group]
    return told
