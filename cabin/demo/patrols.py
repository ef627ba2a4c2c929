"""F15: shifts of officers and helpers, counted by grid; some last across midnight, some are reported twice."""

from __future__ import annotations

from datetime import datetime

import numpy as np

from cabin.demo.delivery import Plan
from cabin.demo.world import World, day, offset

FEED = "patrol"
FEWEST, PER_PERSON = 300, 0.01
LISTS = [datetime(2026, month, 21, 8) for month in (2, 4, 6, 8, 10)] + [datetime(2026, 11, 19, 8)]
FORMS = ("视频巡侦", "地面巡逻", "检查站", "邻里守望", "夜间巡查")
CAMPAIGNS = ("夏夜巡查宣防", "出租房消防排查")
ROUND_DAYS = 60
"""Every thirteenth shift belongs to a campaign, whose next round begins after so many days."""
FAULTS = {"FW": 0.01, "TEXT": 0.02, "NOEND": 0.01, "FORM": 0.005, "NOBEGIN": 0.004}
"""TEXT: `10余人` among the helpers. FORM: a form that nobody declared."""


def plans(world: World) -> list[Plan]:
    """All deliveries of the feed; adds the tables shift and shift_row, which has some shifts twice."""
    dice, count = world.dice, max(FEWEST, round(world.people * PER_PERSON))
    world.add(
        "shift",
        {
            "n": np.arange(count),
            "v": dice.ints("shift at", 0, world.count("village"), count),
            "day": np.sort(dice.ints("shift on", 0, offset(day(11, 19)), count)),
            "hour": dice.choice("shift hour", {9: 0.3, 14: 0.2, 19: 0.3, 22: 0.2}, count),
            "lasts": dice.ints("shift lasts", 1, 5, count),
            "form": dice.ints("shift form", 0, len(FORMS), count),
            "officers": dice.ints("shift officers", 0, 4, count),
            "helpers": dice.ints("shift helpers", 0, 16, count),
            "rounds": dice.ints("shift rounds", 1, 5, count),
            "slip": dice.faults("shift slips", FAULTS, count),
        },
    )
    world.con.execute("create table shift_row as select * from shift union all select * from shift where n % 61 = 7")
    edges = [0, *(offset(moment.date()) for moment in LISTS)]
    return [
        Plan(FEED, "increment", moment, rows_sql(f"day >= {since} and day < {until}")) for moment, since, until in zip(LISTS, edges, edges[1:], strict=False)
    ]


def rows_sql(where: str) -> str:
    """The shifts of one list, in the layout of the patrol service; an end past midnight is written with the day of the begin."""
    forms = ", ".join(f"'{form}'" for form in FORMS)
    campaigns = ", ".join(f"'{campaign}'" for campaign in CAMPAIGNS)
    on = "strftime(date '2026-01-02' + day::int, '%Y-%m-%d')"
    end = f"{on} || ' ' || lpad(((hour + lasts) % 24)::varchar, 2, '0') || ':00'"
    number = "'XL' || lpad(n::varchar, 6, '0')"
    return f"""
select case slip when 'FW' then full_width({number}) else {number} end as "班次编号", case slip when 'FORM' then '骑行巡逻' else [{forms}][form + 1] end as "类型",
  code || '001' as "网格编码", case slip when 'NOBEGIN' then '昨晚' else {on} || ' ' || lpad(hour::varchar, 2, '0') || ':00' end as "开始时间",
  case when slip <> 'NOEND' then {end} end as "结束时间", officers as "民警数",
  case when slip = 'TEXT' and helpers >= 10 then '10余人' else helpers::varchar end as "社会力量数", rounds as "轮次",
  case when n % 13 = 3 then [{campaigns}][n // 13 % {len(CAMPAIGNS)} + 1] end as "专项行动", case when n % 13 = 3 then day // {ROUND_DAYS} + 1 end as "行动轮次",
  case when n % 13 = 3 and n % 5 > 0 then n % 23 + 2 end as "检查处数"
from shift_row join village using (v) where {where} order by day, n
"""
