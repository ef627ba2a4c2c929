"""F17: what public programmes plan and have done at each building; the money is written in 元, at times in 万元, at times in both columns of the other."""

from __future__ import annotations

from datetime import date, datetime

import numpy as np

from cabin.demo.delivery import Plan
from cabin.demo.world import COUNTY, World
from cabin.demo.xlsx import Sheet

FEED = "programme"
FEWEST, PER_PERSON = 80, 0.003
LISTS = [datetime(2026, 3, 25, 10), datetime(2026, 7, 25, 10), datetime(2026, 11, 15, 10)]
DUE = (date(2026, 6, 30), date(2026, 12, 31))
"""The last days of two phases."""
PROGRAMMES = {"一元换锁芯": (1, (67, 24)), "楼宇门禁": (1000, (1000, 1000))}
"""Price of one, and the public money for a household in either phase: the second phase of lock cores is cheaper by more than half, as in the public report."""
FAULTS = {"WAN": 0.06, "UNIT": 0.02, "NEARLY": 0.05, "EXCHANGED": 0.02, "XLDATE": 0.03, "NOPLACE": 0.02}
"""WAN: `1.2万元` in the cell. UNIT: 万元 written as if it were 元. EXCHANGED: plan and done. NOPLACE: an address that names no village."""


def plans(world: World) -> list[Plan]:
    """All lists of the feed; adds the table project: a programme, phase and entrance each."""
    dice, count = world.dice, max(FEWEST, round(world.people * PER_PERSON))
    planned = dice.ints("planned", 6, 60, count)
    world.add(
        "project",
        {
            "n": np.arange(count),
            "d": dice.ints("project at", 0, world.count("dwelling"), count),
            "programme": dice.ints("programme", 0, len(PROGRAMMES), count),
            "phase": dice.ints("phase", 0, len(DUE), count),
            "planned": planned,
            **{f"done{nth}": (planned * np.minimum(1, (nth + 1) * dice.of("pace").random(count))).astype(np.int64) for nth in range(len(LISTS))},
            "slip": dice.faults("project slips", FAULTS, count),
        },
    )
    world.con.execute(ENTRANCES_SQL)
    return [_plan(moment, nth) for nth, moment in enumerate(LISTS)]


ENTRANCES_SQL = """
create table entrance as
select * exclude (v) from (select project.*, door.township_name, door.village_name, door.kind, door.basic, door.number, door.v,
    row_number() over (partition by programme, phase, door.v, door.kind, basic, number order by n) as nth from project join door using (d)) where nth = 1 order by n
"""


def rows_sql(nth: int) -> str:
    """The register as of one list, in the layout of the programme office."""
    names = ", ".join(f"'{name}'" for name in PROGRAMMES)
    prices = ", ".join(str(price) for price, _ in PROGRAMMES.values())
    each = ", ".join(f"[{first}, {second}]" for _, (first, second) in PROGRAMMES.values())
    due = ", ".join(f"date '{each_day}'" for each_day in DUE)
    yuan = f"planned * [{each}][programme + 1][phase + 1]"
    last = f"[{due}][phase + 1]"
    return f"""
select [{names}][programme + 1] as "项目名称",
  case slip when 'NOPLACE' then '各小区' else '浙江省温州市鹿城区' || township_name || village_name || entry(kind, basic, number) end as "楼栋地址",
  case slip when 'EXCHANGED' then done{nth} else planned end as "计划户数", case slip when 'EXCHANGED' then planned else done{nth} end as "完成户数",
  [{prices}][programme + 1] as "单价(元)",
  case slip when 'WAN' then ({yuan} / 10000)::decimal(18, 4) || '万元' when 'UNIT' then ({yuan} / 10000)::decimal(18, 4)::varchar else ({yuan})::varchar end as "财政补助(元)",
  case when slip = 'NEARLY' then '近' end as "限定词", case slip when 'XLDATE' then '=' || excel_day({last}) else {last}::varchar end as "截止日期"
from entrance order by n
"""


def _plan(moment: datetime, nth: int) -> Plan:
    sums = "sum(case when slip = 'EXCHANGED' then {} else {} end)::bigint"
    columns = (
        f"null::varchar, {sums.format(f'done{nth}', 'planned')}, {sums.format('planned', f'done{nth}')}, null::int, null::varchar, null::varchar, null::varchar"
    )
    sheet = Sheet(titles=("鹿城区公共项目台账", f"截至{moment:%Y-%m-%d}"), total=f"select '合计', {columns} from entrance")
    return Plan(FEED, "snapshot", moment, rows_sql(nth), COUNTY, "xlsx", sheet=sheet)
