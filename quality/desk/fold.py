"""The state of the desk inside its index: events of the quarantine, decisions over them, one line per row; SQL over the open connection of one file.

A row is named by (delivery, slot): its row number, or below zero a message that was set aside whole. It is quarantined under a *version*, the repair number of the
raw message it came in; each version is decided over once, the first decision in the order of the topic holds, and an undone one frees it. A repair that is
quarantined again makes the row open again under its next version: so every row ever quarantined is one line, and open + redriven + rejected are all lines.
A line weighs as many delivered rows as it stands for: none where landing had refused or reduced them.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import orjson
import pyarrow as pa

from contracts.desk import FIRST_REPAIR, FIX, REDRIVE, REDRIVEN, REJECT, RETURN, UNDO
from quality.desk.steps import Rows, Step

OPEN, GONE, REJECTED = "open", "redriven", "rejected"
PLANNED, BEGUN, DONE, REFUSED, UNDONE, TOLD = "planned", "redriving", "redriven", "rejected", "undone", "told"
"""The states of a step; `told` are those that only say something."""
SCHEMA = """
create table told (name text, value text);
create table event (source text, delivery text, slot bigint, "row" integer, chunk integer, version smallint, recorded_at timestamp_ms, reason text, "column" text,
  shape text, verdict text, part integer, place bigint);
create table message (delivery text, chunk integer, form text, topic text, part integer, place bigint, "rows" bigint);
create table step (number bigint, step text, kind text, of text, feed text, actor text, reason text, recorded_at timestamp_ms, pattern text, fix text, sealed text, "rows" bigint, state text);
create table decided (delivery text, slot bigint, version smallint, state text, step text);
create table sent (step text, delivery text, parent integer, chunk integer, repair smallint, began timestamp_ms);
create table returned (delivery text, slot bigint, version smallint, step text);
create table line (source text, delivery text, slot bigint, "row" integer, chunk integer, version smallint, first_at timestamp_ms, recorded_at timestamp_ms, reason text, "column" text,
  shape text, verdict text, weight bigint, form text, state text, step text, returned boolean, part integer, place bigint);
create table cube (source text, reason text, "column" text, shape text, state text, day date, weight bigint);
create table touched (delivery text, slot bigint);
"""
GIVEN = pa.schema([("delivery", pa.string()), ("slot", pa.int64()), ("version", pa.int16())])
SLOT = 'case when "row" > 0 then "row" else -coalesce(chunk, -1)::bigint - 1 end'
EVENTS_SQL = f"""insert into event
select g.source, g.delivery, {SLOT.replace('"row"', 'g."row"').replace("chunk", "g.chunk")} as slot, g."row", g.chunk, coalesce(s.repair, 0)::smallint as version,
  g.recorded_at, g.reason, g."column", g.shape, g.verdict, g.part, g.place
from given as g left join sent as s on s.delivery = g.delivery and s.chunk = g.chunk and g.chunk >= {FIRST_REPAIR}
qualify row_number() over (partition by g.delivery, slot, version order by g.recorded_at, g.place) = 1"""
ONCE_SQL = """delete from event where rowid in (select rowid from event semi join touched using (delivery, slot)
  qualify row_number() over (partition by delivery, slot, version order by recorded_at, place) > 1)"""
DELIVERED = "raw.rows"
"""The form of messages with delivered rows; others tell of rows that landing refused or reduced, which no account of quarantine counts."""
WEIGHT = f"""case when coalesce(m.form, '{DELIVERED}') <> '{DELIVERED}' then 0 when e."row" > 0 then 1 else coalesce(m."rows", 0) end"""
"""How many delivered rows an event `e` with the message `m` it is about stands for."""
MESSAGES_SQL = (
    '(select delivery, chunk, max("rows") as "rows", max(form) as form from message group by all) as m on m.delivery = e.delivery and m.chunk = e.chunk'
)
LINES_SQL = f"""insert into line
select e.source, e.delivery, e.slot, e."row", e.chunk, e.version, e.first_at, e.recorded_at, e.reason, e."column", e.shape, e.verdict,
  {WEIGHT} as weight, m.form,
  case when d.state in ('{BEGUN}', '{DONE}') then '{GONE}' when d.state = '{REFUSED}' then '{REJECTED}' else '{OPEN}' end as state, d.step, r.step is not null as returned, e.part, e.place
from (select *, min(recorded_at) over (partition by delivery, slot) as first_at from event {{only}}
  qualify row_number() over (partition by delivery, slot order by version desc) = 1) as e
left join decided as d using (delivery, slot, version)
left join (select delivery, slot, version, max(step) as step from returned group by all) as r using (delivery, slot, version)
left join {MESSAGES_SQL}"""
EVER_SQL = f"""select source, sum(weight)::bigint as ever from (select e.source, e.delivery, e.slot, max({WEIGHT}) as weight from event as e left join {MESSAGES_SQL} group by all) group by source"""
"""Rows ever quarantined by feed, from what was set aside alone: no line, no decision."""


def add_events(con: duckdb.DuckDBPyConnection, given: pa.Table) -> None:
    """Quarantined rows as they came, with `shape`, `verdict`, `part` and `place`; the decisions that numbered their repairs must have been applied before."""
    with_given(con, given, "insert into touched " + f"select distinct delivery, {SLOT} from given")
    with_given(con, given, EVENTS_SQL)
    con.execute(ONCE_SQL).fetchall()


def apply(con: duckdb.DuckDBPyConnection, number: int, step: Step) -> None:
    """One step after those before it; one that may not be is noted and changes nothing, and one that was applied already is passed over."""
    if con.execute("select 1 from step where number = ?", [number]).fetchall():
        return
    state, rows = _decided(con, step)
    fix = orjson.dumps(dict(step.fix)).decode() if step.fix else None
    pattern = orjson.dumps(dict(step.pattern)).decode() if step.pattern else None
    con.execute(
        "insert into step values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            *(number, step.step, step.kind, step.of or None, step.feed or None, step.actor, step.reason, step.recorded_at),
            *(pattern, fix, step.sealed.hex() or None, rows, state),
        ],
    ).fetchall()


def settle(con: duckdb.DuckDBPyConnection) -> None:
    """Makes the lines of touched rows anew, and what they are counted by."""
    con.execute("delete from line using touched where line.delivery = touched.delivery and line.slot = touched.slot").fetchall()
    con.execute(LINES_SQL.format(only="semi join touched using (delivery, slot)")).fetchall()
    con.execute("delete from touched").fetchall()
    con.execute("delete from cube").fetchall()
    con.execute('insert into cube select source, reason, "column", shape, state, first_at::date, sum(weight) from line group by all').fetchall()


def _decided(con: duckdb.DuckDBPyConnection, step: Step) -> tuple[str, int]:
    """The state of a step and over how many rows it decides."""
    if step.kind in (FIX, REJECT):
        return _claimed(con, step, PLANNED if step.kind == FIX else REFUSED)
    if step.kind == RETURN:
        with_given(con, given_of(step.rows), f"insert into returned select delivery, slot, version, '{_safe(step.step)}' from given")
        with_given(con, given_of(step.rows), "insert into touched select distinct delivery, slot from given")
        return TOLD, step.count
    of = con.execute("select state, \"rows\" from step where step = ? and kind in ('fix', 'reject')", [step.of]).fetchall()
    earlier, rows = (str(of[0][0]), int(of[0][1])) if of else (None, 0)
    follows = {(REDRIVE, PLANNED): BEGUN, (REDRIVEN, BEGUN): DONE, (UNDO, PLANNED): UNDONE, (UNDO, REFUSED): UNDONE}.get((step.kind, str(earlier)))
    if follows is None or (follows == BEGUN and _taken(con, step)):
        return TOLD, step.count
    con.execute("insert into touched select distinct delivery, slot from decided where step = ?", [step.of]).fetchall()
    con.execute("update step set state = ? where step = ? and kind in ('fix', 'reject')", [follows, step.of]).fetchall()
    if follows == UNDONE:
        con.execute("delete from decided where step = ?", [step.of]).fetchall()
    else:
        con.execute("update decided set state = ? where step = ?", [follows, step.of]).fetchall()
    if follows == BEGUN:
        _number(con, step)
    return TOLD, rows


def _claimed(con: duckdb.DuckDBPyConnection, step: Step, state: str) -> tuple[str, int]:
    """A decision takes the versions that nobody decided over before."""
    if con.execute("select 1 from step where step = ?", [step.step]).fetchall():
        return TOLD, 0
    given = given_of(step.rows)
    sql = (
        f"select delivery, slot, version, '{state}', '{_safe(step.step)}' from (select distinct * from given) anti join decided using (delivery, slot, version)"
    )
    with_given(con, given, f"insert into decided {sql}")
    with_given(con, given, "insert into touched select distinct delivery, slot from given")
    return state, int(con.execute("select count(*) from decided where step = ?", [step.step]).fetchall()[0][0])


def _taken(con: duckdb.DuckDBPyConnection, step: Step) -> bool:
    """Whether a number of the redrive belongs to another that began before, at the same time elsewhere: then this one did not begin, and takes others."""
    there = {(str(delivery), int(chunk)) for delivery, chunk in con.execute("select delivery, chunk from sent").fetchall()}
    return any((each.delivery, each.chunk) in there for each in step.messages)


def _number(con: duckdb.DuckDBPyConnection, step: Step) -> None:
    columns = {
        "delivery": pa.array([each.delivery for each in step.messages], pa.string()),
        "parent": pa.array([each.parent for each in step.messages], pa.int32()),
        "chunk": pa.array([each.chunk for each in step.messages], pa.int32()),
        "repair": pa.array([each.repair for each in step.messages], pa.int16()),
    }
    with_given(con, pa.table(columns), f"insert into sent select '{_safe(step.of)}', *, timestamp_ms '{_safe(step.recorded_at)}' from given")


def given_of(rows: Sequence[Rows]) -> pa.Table:
    """Rows of a step as (delivery, slot, version)."""
    listed = list(rows)
    slots = [row if row > 0 else -each.chunk - 1 for each in listed for row in each.rows]
    deliveries = pa.array([each.delivery for each in listed], pa.string())
    versions = pa.array([each.version for each in listed], pa.int16())
    taken = pa.array([place for place, each in enumerate(listed) for _ in each.rows], pa.int32())
    return pa.table({"delivery": deliveries.take(taken), "slot": pa.array(slots, pa.int64()), "version": versions.take(taken)}, schema=GIVEN)


def with_given(con: duckdb.DuckDBPyConnection, given: pa.Table, sql: str) -> None:
    """Runs a statement over the relation `given`."""
    con.register("given", given)
    try:
        con.execute(sql).fetchall()
    finally:
        con.unregister("given")


def _safe(step: str) -> str:
    return step.replace("'", "''")
