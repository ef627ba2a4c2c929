"""F16: tasks of the last weeks, pushed at every state: most are fed back and verified in time, some come back, some clocks are wrong, some verify themselves."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np

from cabin.demo.delivery import Plan
from cabin.demo.dice import Dice
from cabin.demo.events import event_number_sql
from cabin.demo.visits import OFFICERS_PER_TOWNSHIP
from cabin.demo.world import COUNTY, World, day, offset
from cabin.demo.writing import SHORT_STYLES, address_sql

FEED = "task_exchange"
PER_PERSON = 0.06
FROM, UNTIL = day(11, 1), day(11, 20)
PUSHES = [datetime(2026, 11, 1, 22) + timedelta(days=days) for days in range(0, 19, 3)]
TYPES = ("走访", "核查", "纠纷跟进", "隐患复查", "巡查", "便民服务")
DUE = ("3天", "2天", "12小时", "2天", "4小时", "1天")
RESULTS = ("已处置", "无需处置", "未能处置", "未找到")
PARTNERS = ("街道", "社区", "网格", "矛调中心")
DISPATCHED, ACCEPTED, FED_BACK, VERIFIED, CANCELLED, HANDED_OVER = range(6)
ENDS = {DISPATCHED: 0.03, ACCEPTED: 0.04, FED_BACK: 0.07, VERIFIED: 0.80, CANCELLED: 0.02, HANDED_OVER: 0.04}
FAULTS = {"FIRST": 0.01, "TWICE": 0.02, "SELF": 0.015, "NOUNIT": 0.01, "BACK": 0.07}
"""FIRST: fed back before it was dispatched. TWICE: acknowledged twice. SELF: verified by who fed back. NOUNIT: a time limit without a unit. BACK: returned once."""
TIMERS = f"""place,milestone,from_stage,to_stage,timer,source
{COUNTY},ask,dispatched,accepted,2小时,invented
{COUNTY},answer,dispatched,fed_back,24小时,invented
{COUNTY}001,answer,dispatched,fed_back,8小时,invented
"""
"""What the invented district allows: parameters of its places, in a file of its own."""


def plans(world: World) -> list[Plan]:
    """A file every three days; adds the tables task and task_row."""
    count = max(120, round(world.people * PER_PERSON))
    world.add("task", _tasks(world.dice, count, world.count("dwelling"), world.count("event")))
    world.con.execute(rows_made_sql())
    return [Plan(FEED, "increment", moment, rows_sql(f"batch = {nth}"), None, "jsonl") for nth, moment in enumerate(PUSHES)]


def _tasks(dice: Dice, count: int, dwellings: int, events: int) -> dict[str, object]:
    return {
        "t": np.arange(count),
        "d": dice.ints("task at", 0, dwellings, count),
        "about": dice.ints("task about", 0, events, count),
        "day": np.sort(dice.ints("task day", offset(FROM), offset(UNTIL), count)),
        "second": dice.ints("task second", 8 * 3600, 18 * 3600, count),
        "type": dice.choice("task type", {0: 0.4, 1: 0.15, 2: 0.2, 3: 0.1, 4: 0.1, 5: 0.05}, count),
        "ends": dice.choice("task ends", ENDS, count),
        "outer": dice.flags("task outer", 0.15, count),
        "officer": dice.ints("task officer", 0, OFFICERS_PER_TOWNSHIP, count),
        "partner": dice.ints("task partner", 0, len(PARTNERS), count),
        "result": dice.choice("task result", {0: 0.7, 1: 0.15, 2: 0.1, 3: 0.05}, count),
        "to_accept": dice.ints("task accepted after", 3, 200, count),
        "to_feed_back": dice.ints("task fed back after", 20, 1_600, count),
        "to_verify": dice.ints("task verified after", 30, 2_000, count),
        "slip": dice.faults("task slips", FAULTS, count),
        "style": dice.choice("task style", SHORT_STYLES, count),
        "luck": dice.ints("task luck", 0, 2**40, count),
    }


def rows_made_sql() -> str:
    """Every state a task reached with its moment, as the desk pushed them; some pushes come twice."""
    moments = ", ".join(f"timestamp '{moment}'" for moment in PUSHES)
    batch = f"len(list_filter([{moments}], lambda x: x < pushed_at))"
    return f"""
create table task_row as
with timed as (
  select *, timestamp '2026-01-02' + to_days(day::int) + to_seconds(second) as sent, sent + to_minutes(to_accept) as taken,
    taken + to_minutes(to_feed_back) as first_back, case when slip = 'BACK' and ends = {VERIFIED} then first_back + interval 5 hour else first_back end as back,
    back + to_minutes(to_verify) as seen
  from task
), states as (
  select t, '待派单' as state, sent - interval 30 minute as pushed_at, null::timestamp as fed, 0 as step from timed where luck % 3 = 0
  union all select t, '已派单', sent, null, 1 from timed
  union all select t, '已签收', taken, null, 2 from timed where ends in ({ACCEPTED}, {FED_BACK}, {VERIFIED})
  union all select t, '已签收', taken + interval 10 minute, null, 3 from timed where slip = 'TWICE' and ends in ({ACCEPTED}, {FED_BACK}, {VERIFIED})
  union all select t, '已反馈', first_back, case when slip = 'FIRST' then sent - interval 2 hour else first_back end, 4 from timed where ends in ({FED_BACK}, {VERIFIED})
  union all select t, '已退回', first_back + interval 1 hour, first_back, 5 from timed where slip = 'BACK' and ends = {VERIFIED}
  union all select t, '已反馈', back, back, 6 from timed where slip = 'BACK' and ends = {VERIFIED}
  union all select t, '已核查', seen, case when slip = 'FIRST' then sent - interval 2 hour else back end, 7 from timed where ends = {VERIFIED}
  union all select t, '已取消', taken, null, 8 from timed where ends = {CANCELLED}
  union all select t, '已流转', taken, null, 9 from timed where ends = {HANDED_OVER}
), pushed as (select *, {batch} as batch from states where pushed_at < timestamp '{PUSHES[-1]}')
select * from pushed union all select * from pushed where (t * 13 + step) % 300 = 0
"""


def rows_sql(where: str) -> str:
    """The rows of one file, in the desk's layout."""
    types, dues, results, partners = (", ".join(f"'{word}'" for word in words) for words in (TYPES, DUE, RESULTS, PARTNERS))
    outer = f"(outer_loop or ends = {HANDED_OVER})"
    officer = f"case when {outer} then 'G' || door.code[7:] || officer % 5 else 'W' || door.township[6:] || lpad(officer::varchar, 2, '0') end"
    other = f"'W' || door.township[6:] || lpad(((officer + 1) % {OFFICERS_PER_TOWNSHIP})::varchar, 2, '0')"
    sent = "timestamp '2026-01-02' + to_days(task.day::int) + to_seconds(task.second)"
    return f"""
select 'RW' || strftime({sent}, '%Y%m%d') || '-' || lpad(t::varchar, 6, '0') as "任务编号", case when {outer} then '外' else '内' end as "来源",
  [{types}][type + 1] as "任务类型", case type when 2 then '事' when 4 then '网格' else '房屋' end as "对象类型",
  case type when 2 then {event_number_sql("event")} when 4 then door.code || '001' else address_code end as "对象编码",
  case when state <> '待派单' then strftime({sent}, '%Y-%m-%d %H:%M:%S') end as "派发时间", case when slip = 'NOUNIT' then '8' else [{dues}][type + 1] end as "时限",
  {officer} as "接收人工号", state as "状态", strftime(fed, '%Y-%m-%d %H:%M:%S') as "反馈时间",
  case when fed is not null then [{results}][result + 1] end as "反馈结果",
  case when state = '已核查' then case when slip = 'SELF' then {officer} else {other} end end as "核查人工号",
  case when type not in (2, 4) then {address_sql("task.style")} end as "对象地址", strftime(pushed_at, '%Y-%m-%d %H:%M:%S') as "状态时间", case when {outer} then [{partners}][partner + 1] end as "协作单位"
from (select * from task_row where {where}) as pushed join (select * rename ("outer" as outer_loop) from task) as task using (t)
  join door using (d) join event on event.e = task.about
order by pushed_at, t, step
"""
