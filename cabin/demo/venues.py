"""F08: the directory of venues in workbooks. Two half-yearly lists, monthly increments."""

from __future__ import annotations

from datetime import datetime

from cabin.demo import words
from cabin.demo.delivery import Mode, Plan
from cabin.demo.world import COUNTY, World
from cabin.demo.writing import SHORT_STYLES, address_sql
from cabin.demo.xlsx import Sheet

FEED = "venue"
LISTED, RELISTED = datetime(2026, 1, 31, 10), datetime(2026, 7, 31, 10)
INCREMENTS = [datetime(2026, month, 28, 10) for month in range(2, 11)]
FAULTS = {"PAD": 0.004, "FW": 0.003, "NOCODE": 0.02, "CAPACITY": 0.01, "KIND": 0.01, "O0": 0.003}
"""NOCODE: no operator. CAPACITY: another number. KIND: filed under 其他. O0: a letter O in the operator's code."""
STATES = ("营业", "歇业", "关停")


def plans(world: World) -> list[Plan]:
    """All deliveries of the feed; adds the table venue_row."""
    world.con.execute(STANDS_SQL)
    count = world.count("venue_stand")
    world.add("venue_dice", {"slip": world.dice.faults("venue slips", FAULTS, count), "style": world.dice.choice("venue style", SHORT_STYLES, count)})
    world.con.execute("create table venue_row as select * from venue_stand positional join venue_dice")
    lists = [_plan("snapshot", LISTED, 0, COUNTY), _plan("snapshot", RELISTED, 90, COUNTY)]
    return [*lists, *(_plan("increment", moment, nth) for nth, moment in enumerate(INCREMENTS, 1))]


STANDS_SQL = f"""
create table venue_stand as
with told as (
  select n, state as said_state, 1 + len(list_filter([{", ".join(f"date '{moment.date()}'" for moment in INCREMENTS)}],
      lambda x: x <= venue_told_on)) as batch from venue where venue_told_on is not null
), stands as (
  select n, 0 as said_state, 0 as batch from venue
  union all select n, case when venue_told_on < date '2026-07-25' or venue_on < date '2026-07-01' and luck % 3 = 0 then state else 0 end as said_state, 90
      from venue where said_state <> 2
  union all select n, said_state, least({len(INCREMENTS)}, batch) from told
)
select * from stands order by batch, n
"""


def rows_sql(batch: int) -> str:
    """The delivered rows of one delivery, in the directory's layout."""
    kinds = ", ".join(f"'{kind}'" for kind in words.VENUE_KINDS)
    states = ", ".join(f"'{state}'" for state in STATES)
    return f"""
select case slip when 'PAD' then venue.name || '　' else venue.name end as "场所名称", case slip when 'KIND' then '其他' else [{kinds}][venue.kind + 1] end as "场所类别",
  case when licensed then licence end as "许可证号",
  case slip when 'NOCODE' then null when 'O0' then uscc[1:8] || replace(uscc[9:], '0', 'O') else uscc end as "经营者信用代码",
  case slip when 'FW' then full_width({ADDRESS}) else {ADDRESS} end as "地址", capacity + case slip when 'CAPACITY' then 100 else 0 end as "核定人数",
  [{states}][said_state + 1] as "营业状态", lpad(opens::varchar, 2, '0') || ':00-' || (opens + 11) || ':00' as "营业时间"
from (select * from venue_row where batch = {batch}) as row join venue using (n) join business using (b) join door using (d) order by n
"""


ADDRESS = address_sql()


def _plan(mode: Mode, moment: datetime, batch: int, area: str | None = None) -> Plan:
    total = f"select '合计', {', '.join(['null::varchar'] * 4)}, count(*), null::varchar, null::varchar from venue_row where batch = {batch}"
    sheet = Sheet(titles=("鹿城区场所名录", f"统计时间:{moment:%Y-%m-%d}"), total=total)
    return Plan(FEED, mode, moment, rows_sql(batch), area, "xlsx", sheet=sheet)
