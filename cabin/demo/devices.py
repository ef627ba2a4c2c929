"""F11: the device inventory with the real numbers of Shiquan, by kind of owner, with subtotals and a total; places are invented."""

from __future__ import annotations

from datetime import datetime

import numpy as np

from cabin.demo.delivery import Plan
from cabin.demo.world import World
from cabin.demo.xlsx import Sheet

FEED = "thing_device"
COUNTY = "330302"
LISTED = datetime(2026, 3, 31, 17)
OWNERS = {"公共高清": 966, "内部单位": 3065, "社会": 6961, "农村小探头": 4958}
"""Devices by kind of owner; together 15,950. Source: the public report of Shiquan (domain facts, F11)."""
STATES = ("正常", "故障", "拆除")
FAULTS = {"DATUM": 0.004, "LLSWAP": 0.001, "XLDATE": 0.01, "NOPOINT": 0.01, "STATE": 0.03}
"""STATE: another state than the true one."""


def plans(world: World) -> list[Plan]:
    """The one inventory; adds the table device."""
    dice, count = world.dice, sum(OWNERS.values())
    owner = np.repeat(np.arange(len(OWNERS)), list(OWNERS.values()))
    state = dice.choice("device state", {0: 0.91, 1: 0.07, 2: 0.02}, count)
    world.add(
        "device",
        {
            "n": np.arange(count),
            "owner": owner,
            "serial": np.arange(count) - np.repeat(np.cumsum(list(OWNERS.values())) - list(OWNERS.values()), list(OWNERS.values())) + 1,
            "d": dice.ints("device at", 0, world.count("dwelling"), count),
            "state": state,
            "built_on": np.datetime64("2015-01-01") + dice.ints("device built", 0, 3_900, count).astype("timedelta64[D]"),
            "slip": dice.faults("device slips", FAULTS, count),
        },
    )
    total = f"select '合计', '{count}', {', '.join(['null::varchar'] * 2)}, null::decimal(10, 6), null::decimal(10, 6), null::varchar, null::varchar"
    return [Plan(FEED, "snapshot", LISTED, ROWS_SQL, COUNTY, "xlsx", sheet=Sheet(("设备台账", "截至2026-03-31"), total))]


_OWNERS = ", ".join(f"'{owner}'" for owner in OWNERS)
_STATES = ", ".join(f"'{state}'" for state in STATES)
ROWS_SQL = f"""
select '=' || (n + 1) as "序号", 'SB' || ['GG', 'NB', 'SH', 'NC'][owner + 1] || lpad(serial::varchar, 5, '0') as "设备编号", [{_OWNERS}][owner + 1] as "权属类别",
  '浙江省温州市鹿城区' || township_name || village_name || entry(kind, basic, number) as "安装位置",
  case slip when 'NOPOINT' then null when 'LLSWAP' then lat else lon + case when slip = 'DATUM' then 0.0039637 else 0 end end::decimal(10, 6) as "经度",
  case slip when 'NOPOINT' then null when 'LLSWAP' then lon else lat - case when slip = 'DATUM' then 0.0033734 else 0 end end::decimal(10, 6) as "纬度",
  [{_STATES}][case when slip = 'STATE' then (state + 1) % 2 else state end + 1] as "状态",
  case when slip = 'XLDATE' then '=' || excel_day(built_on) else built_on::varchar end as "建成日期"
from device join door using (d) order by n
"""
