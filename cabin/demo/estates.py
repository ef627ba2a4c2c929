"""F05: what property companies see of the flats of some estates: lived in or not, and by how many; some rows were not looked at for long."""

from __future__ import annotations

from datetime import date, datetime

from cabin.demo.delivery import Plan
from cabin.demo.world import COUNTY, World
from cabin.demo.xlsx import Sheet

FEED = "ho_property"
LISTS = [datetime(2026, 3, 28, 10), datetime(2026, 11, 10, 10)]
EVERY = 8
"""Of so many estates one has a company that delivers."""
COMPANIES = ("鼎安物业", "和润物业", "锦城物业")
FAULTS = {"O0": 0.004, "ZERO": 0.03, "ADDR1": 0.05, "STALE": 0.07, "NOCOUNT": 0.05, "COUNT": 0.05, "XLDATE": 0.01, "FITTING": 0.02}
"""O0: a letter in the room. ZERO: the room as a number. STALE: another state, from before. COUNT: one more than live there. FITTING: a vacant flat is being fitted out."""


def plans(world: World) -> list[Plan]:
    """All lists of the feed; adds the table property_row."""
    count = world.count("dwelling")
    world.add(
        "property_dice",
        {"slip": world.dice.faults("property slips", FAULTS, count), "luck": world.dice.ints("property luck", 0, 10_000, count)},
    )
    world.con.execute(ROWS_OF_SQL)
    return [_plan(moment) for moment in LISTS]


ROWS_OF_SQL = f"""
create table property_row as
select door.*, c, slip, luck, vacant and slip <> 'STALE' or not vacant and slip = 'STALE' and luck % 2 = 0 as empty, coalesce(household.people, 2) + case when slip = 'COUNT' then 1 else 0 end as people
from door join dwelling using (d) left join household using (d) positional join property_dice where kind = 1 and c % {EVERY} = 1 and not gone order by d
"""


def rows_sql(upon: date) -> str:
    """The rows of one list, in the layout of property service."""
    companies = ", ".join(f"'{company}'" for company in COMPANIES)
    seen = f"case when slip = 'STALE' then date '2025-01-10' + (luck % 300)::int else date '{upon}' - (luck % 40)::int end"
    place = "'浙江省温州市鹿城区' || township_name || village_name || basic"
    return f"""
select case slip when 'ADDR1' then {place} || inside(0, building, unit, room) else {place} end as "小区名称", [{companies}][c % {len(COMPANIES)} + 1] as "物业企业",
  null::varchar as "统一社会信用代码", case when slip <> 'ADDR1' then building || '幢' || unit || '单元' end as "楼栋",
  case slip when 'ADDR1' then null when 'ZERO' then '=' || room when 'O0' then replace(room::varchar, '0', 'O') else lpad(room::varchar, 4, '0') end as "房号",
  case when empty then case when slip = 'FITTING' then '装修' else '空置' end else '已入住' end as "入住状态",
  case when slip <> 'NOCOUNT' then case when empty then 0 else people end end as "常住人数",
  '138' || lpad((d * 7919 % 100000000)::varchar, 8, '0') as "联系电话", case when slip = 'XLDATE' then '=' || excel_day({seen}) else ({seen})::varchar end as "更新日期"
from property_row order by d
"""


def _plan(moment: datetime) -> Plan:
    blanks = ", ".join(["null::varchar"] * 5)
    total = f"select '合计', {blanks}, sum(case when slip = 'NOCOUNT' or empty then 0 else people end)::bigint, null::varchar, null::varchar from property_row"
    sheet = Sheet(titles=("鹿城区物业服务月报", f"制表日期:{moment:%Y-%m-%d}"), total=total)
    return Plan(FEED, "snapshot", moment, rows_sql(moment.date()), COUNTY, "xlsx", sheet=sheet)
