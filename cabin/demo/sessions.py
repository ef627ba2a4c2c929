"""F14: sessions at which people are told how to protect themselves; who came is a number, often a round one, and never a list."""

from __future__ import annotations

from datetime import datetime

import numpy as np

from cabin.demo.delivery import Mode, Plan
from cabin.demo.world import World, day, offset
from cabin.demo.xlsx import Sheet

FEED = "session"
FEWEST, PER_PERSON = 90, 0.002
LISTS = [datetime(2026, month, 4, 17) for month in (3, 5, 7, 9, 11)]
CORRECTED = datetime(2026, 9, 9, 17)
THEMES = ("防范电信网络诈骗", "消防安全", "防盗抢", "矛盾化解", "租房登记")
FAULTS = {"XLDATE": 0.05, "TEXT": 0.2, "NEARLY": 0.06, "HALL": 0.04, "BLANK": 0.03}
"""TEXT: `200余人` as a text. NEARLY: the bound in its own column. HALL: a place that names no village."""


def plans(world: World) -> list[Plan]:
    """All deliveries of the feed; adds the table held. A correction says of some sessions how many leaflets were handed out."""
    dice, count = world.dice, max(FEWEST, round(world.people * PER_PERSON))
    world.add(
        "held",
        {
            "n": np.arange(count),
            "d": dice.ints("session at", 0, world.count("dwelling"), count),
            "day": np.sort(dice.ints("session on", 0, offset(day(11, 1)), count)),
            "theme": dice.ints("session theme", 0, len(THEMES), count),
            "times": dice.choice("session times", {1: 0.8, 2: 0.14, 5: 0.06}, count),
            "came": dice.ints("session came", 12, 260, count),
            "slip": dice.faults("session slips", FAULTS, count),
        },
    )
    edges = [offset(day(1, 2)), *(offset(moment.date().replace(day=1)) for moment in LISTS)]
    lists = [_plan("increment", moment, f"day >= {since} and day < {until}") for moment, since, until in zip(LISTS, edges, edges[1:], strict=False)]
    return [*lists, _plan("correction", CORRECTED, f"n % 17 = 5 and day < {edges[-2]}", sheets="came + 20")]


def _plan(mode: Mode, moment: datetime, where: str, sheets: str = "came * 2 // 10 * 10") -> Plan:
    sheet = Sheet(titles=("鹿城区宣教活动月报", f"报送日期:{moment:%Y-%m-%d}"))
    return Plan(FEED, mode, moment, rows_sql(where, sheets), None, "xlsx", sheet=sheet)


def rows_sql(where: str, sheets: str) -> str:
    """The sessions of one list, in the layout of public awareness."""
    themes = ", ".join(f"'{theme}'" for theme in THEMES)
    on = "(date '2026-01-02' + day::int)::date"
    tens = "came * times // 10 * 10"
    return f"""
select 'XJ' || lpad(n::varchar, 5, '0') as "活动编号", [{themes}][theme + 1] as "主题", case slip when 'XLDATE' then '=' || excel_day({on}) else {on}::varchar end as "日期",
  case slip when 'HALL' then '文化礼堂' else '浙江省温州市鹿城区' || township_name || village_name || entry(kind, basic, number) end as "地点", village_name as "主办单位",
  case when slip <> 'BLANK' then times end as "场次",
  case slip when 'BLANK' then null when 'TEXT' then ({tens}) || '余人' when 'NEARLY' then ({tens} + 10)::varchar else (came * times)::varchar end as "参加人数",
  case when slip = 'NEARLY' then '近' end as "限定词", ({sheets})::bigint as "发放资料数"
from held join door using (d) where {where} order by n
"""
