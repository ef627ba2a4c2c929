"""F09: grid events and disputes, pushed anew at every stage; some reported by two workers, some with a clock that is ahead."""

from __future__ import annotations

from datetime import datetime

import numpy as np

from cabin.demo.delivery import Plan
from cabin.demo.dice import Dice
from cabin.demo.world import World, day, offset
from cabin.demo.writing import SHORT_STYLES, address_sql

FEED = "grid_event"
PER_PERSON = 0.19
PUSHES = [datetime(2026, month, 15, 22) for month in (2, 4, 6, 8, 10)] + [datetime(2026, 11, 19, 22)]
KINDS = ("矛盾纠纷", "安全隐患", "服务诉求")
CATEGORIES = ("邻里", "物业", "停车", "油烟", "噪音", "拆迁", "劳资", "工程", "消费", "个人", "其他")
STAGES = ("待评估", "已派单", "已反馈", "已核查", "已退回")
FAULTS = {"BLD": 0.01, "FW": 0.003, "NOADDRESS": 0.02, "AHEAD": 0.004, "NOCATEGORY": 0.005}
"""AHEAD: the reporter's clock is some hours fast."""


def plans(world: World) -> list[Plan]:
    """All deliveries of the feed; adds the tables event and event_row."""
    count = max(60, round(world.people * PER_PERSON))
    world.add("event", _events(world.dice, count, world.count("dwelling")))
    world.con.execute(pushes_sql())
    pushed = world.count("event_push")
    world.add("event_dice", {"slip": world.dice.faults("event slips", FAULTS, pushed), "style": world.dice.choice("event style", SHORT_STYLES, pushed)})
    world.con.execute("create table event_row as select * from event_push positional join event_dice")
    return [Plan(FEED, "increment", moment, rows_sql(f"batch = {nth}"), None, "jsonl") for nth, moment in enumerate(PUSHES)]


def _events(dice: Dice, count: int, dwellings: int) -> dict[str, object]:
    return {
        "e": np.arange(count),
        "d": dice.ints("event at", 0, dwellings, count),
        "day": dice.ints("event day", offset(day(1, 3)), offset(day(11, 14)), count),
        "second": dice.ints("event second", 6 * 3600, 23 * 3600, count),
        "kind": dice.choice("event kind", {0: 0.45, 1: 0.25, 2: 0.3}, count),
        "category": dice.choice("event category", {0: 0.22, 1: 0.16, 2: 0.14, 3: 0.06, 4: 0.12, 5: 0.03, 6: 0.08, 7: 0.04, 8: 0.07, 9: 0.03, 10: 0.05}, count),
        "stage": dice.choice("event stage", {0: 0.03, 1: 0.07, 2: 0.15, 3: 0.72, 4: 0.03}, count),
        "priority": dice.choice("event priority", {1: 0.08, 2: 0.22, 3: 0.70}, count),
        "parties": dice.ints("event parties", 1, 7, count),
        "worker": dice.ints("event worker", 0, 4, count),
        "hours": dice.ints("event hours", 2, 400, count),
        "luck": dice.ints("event luck", 0, 2**40, count),
    }


def pushes_sql() -> str:
    """A push when reported and one at the last stage (a few are lost); every hundredth event is reported by a second worker under another number, some pushes come twice."""
    moments = ", ".join(f"timestamp '{moment}'" for moment in PUSHES)
    batch = f"least({len(PUSHES) - 1}, len(list_filter([{moments}], lambda x: x <= pushed_at)))"
    return f"""
create table event_push as
with reported as (select e, 0 as said_stage, false as twin, timestamp '2026-01-02' + to_days(day::int) + to_seconds(second) as pushed_at, luck from event),
pushes as (
  select * from reported union all select e, 0, true, pushed_at + interval 25 minute, luck from reported where luck % 100 = 0
  union all select e, stage, false, timestamp '2026-01-02' + to_days(day::int) + to_seconds(second) + to_hours(hours), luck from event where stage > 0
      and luck // 7 % 100 < 94
)
select *, {batch} as batch from (select * from pushes union all select * from pushes where luck // 11 % 300 = 0) order by batch, pushed_at, e, twin
"""


def event_number_sql(event: str) -> str:
    """The number that the platform gave an event of the table `event`."""
    at = f"timestamp '2026-01-02' + to_days({event}.day::int) + to_seconds({event}.second)"
    return f"'SJ' || strftime({at}, '%Y%m%d') || '-' || lpad({event}.e::varchar, 6, '0')"


def rows_sql(where: str) -> str:
    """The delivered rows of one push file, in the platform's layout."""
    kinds, categories, stages = (", ".join(f"'{word}'" for word in words) for words in (KINDS, CATEGORIES, STAGES))
    at = "timestamp '2026-01-02' + to_days(day::int) + to_seconds(second)"
    return f"""
select {event_number_sql("event")} || case when twin then 'B' else '' end as "事件编号", code || '001' as "网格编码",
  [{kinds}][event.kind + 1] as "事件类别", case when slip <> 'NOCATEGORY' then [{categories}][category + 1] end as "子类",
  case slip when 'NOADDRESS' then null when 'FW' then full_width({address_sql()}) else {address_sql()} end as "发生地址",
  strftime({at} + to_hours(case when slip = 'AHEAD' then 5 when twin then 1 else 0 end), '%Y-%m-%d %H:%M:%S') as "上报时间",
      'G' || code[7:] || (worker + twin::int) % 5 as "上报人工号",
  priority::varchar as "优先级", [{stages}][said_stage + 1] as "状态",
  case when said_stage in (2, 3) then strftime(pushed_at, '%Y-%m-%d %H:%M:%S') end as "办结时间", parties as "涉及人数"
from (select e, said_stage, twin, pushed_at, slip, style from event_row where {where}) as row join event using (e) join door using (d) order by pushed_at, e, twin
"""
