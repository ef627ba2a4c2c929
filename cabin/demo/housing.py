"""F04: the housing office's building register in workbooks: merged titles, merged estate names, subtotals, rooms that lost their zeros."""

from __future__ import annotations

from datetime import datetime

from cabin.demo.delivery import Plan
from cabin.demo.world import COUNTY, World
from cabin.demo.xlsx import Sheet

FEED = "ho_dwelling"
LISTED = datetime(2026, 1, 20, 9)
RELISTED = datetime(2026, 7, 20, 9)
RELISTED_TOWNSHIP = "330302026"
SPLIT_ROWS = 100_000
STALE_USE_SHARE = 45
"""Of 100 dwellings that are shared lets or dormitories, how many the office still lists as housing."""
FAULTS = {"ZERO": 0.03, "BLD": 0.15, "XLDATE": 0.002, "USE": 0.02, "NOAREA": 0.005, "MISSING": 0.01, "NOVILLAGE": 0.001}
"""ZERO: the room is a number. XLDATE: the year as a day number. USE: another use. MISSING: the dwelling is in no list."""


def plans(world: World) -> list[Plan]:
    """The district's list of January (by township where it is long), one township's list of July."""
    count = world.count("dwelling")
    world.add("housing_dice", {"slip": world.dice.faults("housing slips", FAULTS, count), "luck": world.dice.ints("housing luck", 0, 10_000, count)})
    world.con.execute("create table housing_row as select * from door positional join housing_dice")
    areas = [COUNTY] if count <= SPLIT_ROWS else [code for (code,) in world.con.sql("select distinct township from village order by 1").fetchall()]
    return [*(_plan(area, LISTED) for area in areas), _plan(RELISTED_TOWNSHIP, RELISTED)]


def rows_sql(area: str, relisted: bool) -> str:
    """The register's rows of one area. In a merged block only the first row names the estate."""
    use = (
        "case when luck % 100 < 8 then '商住' else '住宅' end"
        if not relisted
        else "case use when 2 then '商住' when 5 then '商业' when 9 then '其他' else '住宅' end"
    )
    return f"""
select case when merged and nth > 1 then null else estate end as "楼盘名称",
  building || case when slip = 'BLD' then '号楼' else '幢' end as "楼幢号", unit || '单元' as "单元号",
  case when slip = 'ZERO' then '=' || room else lpad(room::varchar, 4, '0') end as "房号",
  case when slip <> 'NOAREA' then (area_cm2 / 100)::decimal(9, 2) end as "建筑面积(㎡)",
  case slip when 'USE' then {use} else case use when 2 then '商住' when 5 then case luck % 2 when 0 then '商业' else '办公' end when 9 then '其他' else '住宅' end
      end as "房屋用途",
  case tenure when 3 then '公租' when 9 then '单位自管' else '私有' end as "产权性质", floors as "总层数", floor as "所在层",
  case slip when 'XLDATE' then '=' || excel_day(make_date(built_year, 6, 1)) else '=' || built_year end as "竣工年份",
  '浙江省温州市鹿城区' || township_name || case when slip <> 'NOVILLAGE' then village_name else '' end || entry(kind, basic, number) as "坐落"
from ({_listed_sql(area)}) order by d
"""


def _listed_sql(area: str) -> str:
    """The area's dwellings but a few that no list has; every fortieth complex shows its name once, in a merged cell."""
    return f"""
select *, row_number() over (partition by c order by d) as nth, c % 40 = 3 as merged
from housing_row join (select d, c, area_cm2, use, tenure from dwelling) using (d)
where starts_with(code, '{area}') and slip <> 'MISSING'
"""


def _plan(area: str, moment: datetime) -> Plan:
    columns = "null::varchar, null::varchar, null::varchar, sum(area_cm2 / 100)::decimal(14, 2), " + ", ".join(
        ["null::varchar"] * 2 + ["null::bigint"] * 2 + ["null::varchar"] * 2
    )
    sheet = Sheet(
        titles=("鹿城区房屋楼盘表", f"制表日期:{moment:%Y-%m-%d}"),
        total=f"select '合计', {columns} from ({_listed_sql(area)}) where slip <> 'NOAREA'",
        merged=f"""select 'A' || min(place) || ':A' || max(place) from (select *, row_number() over (order by d) + 3 as place from ({_listed_sql(area)})) where merged group by c having count(*) > 1 order by min(place)""",
    )
    return Plan(FEED, "snapshot", moment, rows_sql(area, moment == RELISTED), area, "xlsx", sheet=sheet)
