"""What readers ask of the index: lists, facets, trend, accounts, history, the rows of a step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb
import orjson

from quality.desk.fold import EVER_SQL, GONE, OPEN, REJECTED
from quality.desk.pattern import Pattern
from quality.desk.steps import Rows, grouped

LISTED = ("source", "delivery", "row", "reason", "column", "shape", "verdict", "recorded_at", "state", "step", "returned")
AGES = ((1, "0"), (7, "1-6"), (30, "7-29"), (90, "30-89"))
"""Days since the day a row was first set aside, below which it belongs to a band; the last band is 90+."""
FIELDS = {"feed": "source", "reason": "reason", "column": '"column"', "shape": "shape"}


@dataclass(frozen=True, slots=True)
class Account:
    """Rows of one feed: `ever` were quarantined, as what was set aside tells; `open`, `redriven` and `rejected` are, as the states of rows tell. The two are counted apart."""

    feed: str
    ever: int
    open: int
    redriven: int
    rejected: int

    @property
    def holds(self) -> bool:
        return self.ever == self.open + self.redriven + self.rejected


def listed(con: duckdb.DuckDBPyConnection, pattern: Pattern, state: str | None = OPEN, limit: int = 50) -> list[dict[str, Any]]:
    """The newest lines that match, newest delivery first; every state where none is named."""
    where, values = _where(pattern, state)
    names = ", ".join(f'"{name}"' for name in LISTED)
    sql = f'select {names}, chunk, version, form, part, place from line where {where} order by recorded_at desc, delivery, "row", slot limit ?'
    return _dicts(con.execute(sql, [*values, limit]))


def reasons(con: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """Every reason that the desk ever met."""
    return frozenset(str(reason) for (reason,) in con.execute("select distinct reason from cube where reason is not null").fetchall())


def facets(
    con: duckdb.DuckDBPyConnection, pattern: Pattern, state: str | None, at: datetime, feeds: Sequence[tuple[str, str]]
) -> list[tuple[str, str | None, int]]:
    """(facet, value, rows) by feed, department, reason, column, shape and age, each most frequent first; `feeds` are pairs of feed and department, `at` is now.

    They and the trend are counted over whole patterns: one that names a delivery or a row is none here.
    """
    where, values = _where(pattern, state)
    age = f"date_diff('day', day, date '{at.date()}')"
    band = f"case {' '.join(f'when {age} < {days} then {_text(name)}' for days, name in AGES)} else '90+' end"
    departments = ", ".join(f"({_text(feed)}, {_text(department)})" for feed, department in feeds) or "(null, null)"
    grouped_sql = f"""with base as (select source, reason, "column", shape, {band} as age, sum(weight) as n from cube where {where} group by all),
named as (select base.*, d.department from base left join (values {departments}) as d(feed, department) on d.feed = base.source)
select case when grouping(source) = 0 then 'feed' when grouping(department) = 0 then 'department' when grouping(reason) = 0 then 'reason'
  when grouping("column") = 0 then 'column' when grouping(shape) = 0 then 'shape' else 'age' end as facet,
  coalesce(source, department, reason, "column", shape, age) as value, sum(n)::bigint as n
from named group by grouping sets ((source), (department), (reason), ("column"), (shape), (age))"""
    found = [(str(facet), value, int(rows)) for facet, value, rows in con.execute(grouped_sql, values).fetchall()]
    order = ("feed", "department", "reason", "column", "shape", "age")
    return sorted(found, key=lambda each: (order.index(each[0]), -each[2], each[1] or ""))


def trend(con: duckdb.DuckDBPyConnection, pattern: Pattern, by: str = "day") -> list[tuple[str, int, int, int, int]]:
    """(first day, ever, open, redriven, rejected) of each day or week in which rows were first set aside, oldest first."""
    where, values = _where(pattern, None)
    sql = f"select date_trunc('{by}', cube.day)::date::varchar as first, {SUMS} from cube where {where} group by first order by first"
    return [(str(day), int(ever), int(left), int(gone), int(refused)) for day, ever, left, gone, refused in con.execute(sql, values).fetchall()]


STATES_SQL = ", ".join(
    f"coalesce(sum(weight) filter (state = '{state}'), 0)::bigint as {name}" for state, name in ((OPEN, '"open"'), (GONE, "gone"), (REJECTED, "refused"))
)
SUMS = f"sum(weight)::bigint, {STATES_SQL}"


def accounts(con: duckdb.DuckDBPyConnection) -> list[Account]:
    """By feed, in name order; feeds of which nothing was quarantined are left out."""
    sql = f"""select source, coalesce(ever, 0), coalesce("open", 0), coalesce(gone, 0), coalesce(refused, 0)
from ({EVER_SQL}) full join (select source, {STATES_SQL} from line group by source) using (source)
where coalesce(ever, 0) + coalesce("open", 0) + coalesce(gone, 0) + coalesce(refused, 0) > 0 order by source"""
    return [Account(str(row[0]), *map(int, row[1:])) for row in con.execute(sql).fetchall()]


def open_rows(con: duckdb.DuckDBPyConnection, pattern: Pattern) -> tuple[str | None, tuple[Rows, ...], int]:
    """The feed of the open rows that match and wait for no planned fix; those of delivered rows by raw message, and how many others there are."""
    where, values = _where(pattern, OPEN)
    sql = f'select source, delivery, chunk, version, "row", form from line where {where} and step is null and chunk is not null'
    found = con.execute(sql, values).fetchall()
    rows = grouped((delivery, chunk, version, row) for _, delivery, chunk, version, row, form in found if row > 0 and form in (None, "raw.rows"))
    return (str(found[0][0]) if found else None), rows, len(found) - sum(len(each.rows) for each in rows)


def all_open(con: duckdb.DuckDBPyConnection, pattern: Pattern) -> tuple[str | None, tuple[Rows, ...]]:
    """The feed of the open rows that match, and the rows, whole messages among them."""
    where, values = _where(pattern, OPEN)
    found = con.execute(f'select source, delivery, coalesce(chunk, -1), version, "row" from line where {where} and step is null', values).fetchall()
    return (str(found[0][0]) if found else None), grouped(tuple(row[1:]) for row in found)


def held(con: duckdb.DuckDBPyConnection, step: str) -> tuple[Rows, ...]:
    """The rows that a step decides over, by the raw message they were quarantined in."""
    sql = """select d.delivery, e.chunk, d.version, e."row" from decided as d join event as e using (delivery, slot, version) where d.step = ?"""
    return grouped(tuple(row) for row in con.execute(sql, [step]).fetchall())


def places(con: duckdb.DuckDBPyConnection, rows: Sequence[Rows]) -> dict[tuple[str, int], tuple[str, int, int]]:
    """Where the raw messages of these rows lie: (delivery, chunk) to topic, partition, offset."""
    if not rows:
        return {}
    wanted = orjson.dumps(sorted({each.delivery for each in rows})).decode()
    sql = "select delivery, chunk, topic, part, place from message where delivery in (select unnest(from_json(?, '[\"VARCHAR\"]')))"
    found: dict[tuple[str, int], tuple[str, int, int]] = {}
    for delivery, chunk, topic, part, place in con.execute(sql, [wanted]).fetchall():
        found[delivery, chunk] = min(found.get((delivery, chunk), (topic, part, place)), (topic, part, place))
    return found


def last_chunks(con: duckdb.DuckDBPyConnection, deliveries: Sequence[str]) -> dict[str, int]:
    """The highest number given to a repair message of each delivery."""
    wanted = orjson.dumps(sorted(set(deliveries))).decode()
    sql = "select delivery, max(chunk) from sent where delivery in (select unnest(from_json(?, '[\"VARCHAR\"]'))) group by delivery"
    return {str(delivery): int(chunk) for delivery, chunk in con.execute(sql, [wanted]).fetchall()}


def looks_of(con: duckdb.DuckDBPyConnection, origins: Sequence[str]) -> dict[str, tuple[str | None, str | None, bool]]:
    """What the cells at fault look like, what the check of an identity number says, and whether the row is open, by `delivery/row`; rows that the desk does not know are left out."""
    wanted = orjson.dumps(sorted(set(origins))).decode()
    sql = """select delivery || '/' || "row"::varchar as origin, shape, verdict, state from line where origin in (select unnest(from_json(?, '["VARCHAR"]')))"""
    return {str(origin): (shape, verdict, state == OPEN) for origin, shape, verdict, state in con.execute(sql, [wanted]).fetchall()}


def history(con: duckdb.DuckDBPyConnection, limit: int = 50) -> list[dict[str, Any]]:
    """The newest steps first."""
    return _dicts(con.execute("select * exclude (number, sealed) from step order by number desc limit ?", [limit]))


def step_of(con: duckdb.DuckDBPyConnection, step: str) -> dict[str, Any] | None:
    """The deciding step of this id: what it decides, and its state."""
    found = _dicts(con.execute("select * from step where step = ? and kind in ('fix', 'reject') order by number limit 1", [step]))
    return found[0] if found else None


def decided(con: duckdb.DuckDBPyConnection, step: str) -> int:
    """Over how many rows a step decides: rows that somebody else decided over before are not among them."""
    return int(con.execute("select count(*) from decided where step = ?", [step]).fetchall()[0][0])


def sent_of(con: duckdb.DuckDBPyConnection, step: str) -> tuple[str, dict[tuple[str, int], tuple[int, int]]]:
    """When a redrive of this step began, and the numbers of its repair messages by (delivery, parent)."""
    numbers = con.execute("select delivery, parent, chunk, repair, began from sent where step = ?", [step]).fetchall()
    began = max((each[4].isoformat(timespec="milliseconds") for each in numbers), default="")
    return began, {(delivery, parent): (chunk, repair) for delivery, parent, chunk, repair, _ in numbers}


def waiting(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Fixes whose redrive began and did not end, oldest first."""
    return [str(row[0]) for row in con.execute("select step from step where kind = 'fix' and state = 'redriving' order by number").fetchall()]


def decided_since(con: duckdb.DuckDBPyConnection, actor: str, since: datetime) -> int:
    """Rows over which a person decided from a moment on, undone decisions too."""
    sql = "select coalesce(sum(\"rows\"), 0) from step where actor = ? and kind in ('fix', 'reject') and recorded_at >= ?"
    return int(con.execute(sql, [actor, since]).fetchall()[0][0])


def _where(pattern: Pattern, state: str | None) -> tuple[str, list[Any]]:
    where, values = pattern.sql()
    return (f"{where} and state = ?", [*values, state]) if state else (where, values)


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _dicts(result: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    names = [column[0] for column in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
