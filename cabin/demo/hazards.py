"""F12: fire inspections of dwellings, businesses and venues, and what became of the hazards."""

from __future__ import annotations

from datetime import datetime

import numpy as np

from cabin.demo.delivery import Plan
from cabin.demo.world import World, day, offset
from cabin.demo.writing import SHORT_STYLES, address_sql

FEED = "fire_hazard"
PER_PERSON = 0.17
INCREMENTS = [datetime(2026, month, 20, 18) for month in (2, 4, 6, 8, 10)] + [datetime(2026, 11, 20, 8)]
CORRECTED = datetime(2026, 7, 5, 9)
SORTS = ("电气线路", "疏散通道", "消防设施", "违规充电", "易燃堆放", "防盗窗", "燃气")
FAULTS = {"XLDATE": 0.005, "PAD": 0.003, "NOCODE": 0.02, "FW": 0.002}


def plans(world: World) -> list[Plan]:
    """All deliveries of the feed; adds the tables inspection and hazard_row."""
    dice, count = world.dice, max(60, round(world.people * PER_PERSON))
    world.add(
        "inspection",
        {
            "i": np.arange(count),
            "object": dice.choice("inspected", {1: 0.35, 2: 0.25, 3: 0.4}, count),
            "place": dice.ints("inspected which", 0, 10**9, count),
            "day": dice.ints("inspected on", offset(day(1, 3)), offset(day(11, 12)), count),
            "sort": dice.ints("hazard sort", 0, len(SORTS), count),
            "found": dice.choice("hazards found", {0: 0.25, 1: 0.35, 2: 0.22, 3: 0.12, 5: 0.06}, count),
            "mended": dice.choice("mended", {0: 0.22, 1: 0.78}, count),
            "luck": dice.ints("inspection luck", 0, 2**40, count),
        },
    )
    world.con.execute(INSPECTED_SQL)
    world.con.execute(pushes_sql())
    pushed = world.count("hazard_push")
    world.add("hazard_dice", {"slip": dice.faults("hazard slips", FAULTS, pushed), "style": dice.choice("hazard style", SHORT_STYLES, pushed)})
    world.con.execute("create table hazard_row as select * from hazard_push positional join hazard_dice")
    files = [Plan(FEED, "increment", moment, rows_sql(f"batch = {nth}"), None, "csv") for nth, moment in enumerate(INCREMENTS)]
    return [*files, Plan(FEED, "correction", CORRECTED, rows_sql("batch = 91"), None, "csv")]


INSPECTED_SQL = """
create table inspected as
with numbered as (select *, place % (select count(*) from business) as b, place % (select count(*) from venue) as n, place % (select count(*)
    from dwelling) as dwelling from inspection)
select * exclude (b, n, dwelling) from (
  select numbered.*, dwelling as d, null as code, null as name from numbered where object = 1
  union all select numbered.*, operating, uscc, business.name from numbered join business using (b) where object = 2
  union all select numbered.*, venue.d, licence, venue.name from numbered join venue using (n) where object = 3
) order by i
"""


def pushes_sql() -> str:
    """A row when inspected and, for hazards, one when looked at again; a few old rows come again."""
    moments = ", ".join(f"date '{moment.date()}'" for moment in INCREMENTS)
    batch = f"least({len(INCREMENTS) - 1}, len(list_filter([{moments}], lambda x: x <= upon)))"
    return f"""
create table hazard_push as
with pushes as (
  select i, 0 as result, date '2026-01-02' + day::int as upon, luck from inspection
  union all select i, case mended when 1 then 1 else 2 end, date '2026-01-02' + day::int + 7, luck from inspection where found > 0 and luck % 100 < 20
), filed as (select *, {batch} as batch from pushes)
select i, result, upon, batch from (
  select * from filed union all select * replace (least({len(INCREMENTS) - 1}, batch + 1) as batch) from filed where luck // 7 % 400 = 0
  union all select * replace (91 as batch) from filed where luck // 11 % 500 = 0 and upon < date '2026-07-01' and result = 0
) order by batch, upon, i, result
"""


def rows_sql(where: str) -> str:
    """The delivered rows of one delivery, in the brigade's layout."""
    sorts = ", ".join(f"'{sort}'" for sort in SORTS)
    return f"""
select 'XF' || lpad(i::varchar, 7, '0') as "检查编号", case when slip = 'XLDATE' then excel_day(upon) else upon::varchar end as "检查日期", object::varchar as "对象类型",
  case when slip <> 'NOCODE' then coalesce(inspected.code, address_code) end as "对象代码", coalesce(name, estate) || case when slip = 'PAD' then '　' else ''
      end as "对象名称",
  case when slip = 'FW' then full_width({address_sql("row.style")}) else {address_sql("row.style")} end as "地址", [{sorts}][sort + 1] as "隐患类别", found as "隐患数",
  case when found > 0 then (date '2026-01-02' + day::int + 14)::varchar end as "整改期限", case when found = 0 then '无隐患' else ['未整改', '已整改',
      '逾期未改'][result + 1] end as "整改结果"
from (select * from hazard_row where {where}) as row join inspected using (i) join door using (d)
order by upon, i, result
"""
