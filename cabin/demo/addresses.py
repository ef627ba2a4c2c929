"""F02: the address office's hourly pushes, here as a first load and monthly files; points in other datums, some without saying so."""

from __future__ import annotations

from datetime import datetime

from cabin.demo.delivery import Plan
from cabin.demo.world import World

FEED = "std_address"
LOADED = datetime(2026, 1, 10, 2)
INCREMENTS = [datetime(2026, month, 9, 2) for month in (4, 7, 10)]
CORRECTED = datetime(2026, 8, 12, 2)
FAULTS = {"DATUM": 0.003, "GCJ02": 0.03, "LLSWAP": 0.001, "NOCRS": 0.01, "NOPOINT": 0.01, "BLD": 0.05, "UNKNOWN": 0.006}
"""DATUM: a GCJ-02 point labelled CGCS2000. GCJ02: one that says so. NOCRS: a point without datum. UNKNOWN: an address only the other lists know."""
GCJ_LON, GCJ_LAT = 0.0039637, -0.0033734
"""The shift of GCJ-02 in the middle of the district (domain facts, 7.6); it differs by some metres at the edges."""


def plans(world: World) -> list[Plan]:
    """All deliveries of the feed; adds the table address_row."""
    world.con.execute(STANDS_SQL)
    count = world.count("address_stand")
    world.add("address_dice", {"slip": world.dice.faults("address slips", FAULTS, count), "luck": world.dice.ints("address luck", 0, 10**9, count)})
    world.con.execute("create table address_row as select * from address_stand positional join address_dice where slip <> 'UNKNOWN'")
    increments = [Plan(FEED, "increment", moment, rows_sql(f"(level = 'room' and batch = {nth})"), None, "jsonl") for nth, moment in enumerate(INCREMENTS, 1)]
    return [
        Plan(FEED, "increment", LOADED, rows_sql("batch = 0"), None, "jsonl"),
        *increments,
        Plan(FEED, "correction", CORRECTED, rows_sql("batch = 91"), None, "jsonl"),
    ]


STANDS_SQL = """
create table address_stand as
with rooms as (
  select d, c, 'room' as level, case when d * 7919 % 100 < 96 then 0 else 1 + d % 3 end as batch from dwelling
), buildings as (
  select min(d) as d, c, 'building' as level, 0 as batch from door join dwelling using (d) where building is not null group by c, building
), complexes as (select min(d) as d, c, 'complex' as level, 0 as batch from dwelling group by c)
select * from (
  select * from complexes union all select * from buildings union all select * from rooms
  union all select d, c, 'room', 1 + d % 3 from dwelling where gone and d % 2 = 0
  union all select d, c, 'room', 91 from dwelling where d * 104729 % 1000 < 4
) order by batch, c, level, d
"""


def rows_sql(where: str) -> str:
    """The delivered rows of one delivery, in the office's layout. 状态 2: out of use, once the office knows."""
    moments = ", ".join(f"timestamp '{moment}'" for moment in (LOADED, *INCREMENTS))
    upon = f"case batch when 91 then timestamp '{CORRECTED}' else [{moments}][batch + 1] end - to_seconds(3600 + luck % 500000)"
    return f"""
select case level when 'complex' then complex_code when 'building' then building_code else address_code end as "地址编码",
  case level when 'complex' then code when 'building' then complex_code else case when building is null then complex_code else building_code end end as "上级编码",
  '浙江省' as "省", '温州市' as "市", '鹿城区' as "县", township_name as "乡镇街道", village_name as "社区村",
  case when kind = 0 then basic end as "街路巷", case when kind <> 0 then basic end as "小区",
  case when number is not null and (kind = 0 or level = 'room') then number || '号' end as "门牌号",
  case when level <> 'complex' then building || case when slip = 'BLD' then '栋' else '幢' end end as "楼栋",
  case when level = 'room' then unit || '单元' end as "单元", case when level = 'room' then floor::varchar end as "楼层", case when level = 'room'
      then room || '室' end as "房号",
  case slip when 'NOPOINT' then null when 'LLSWAP' then y else x end as "经度", case slip when 'NOPOINT' then null when 'LLSWAP' then x else y end as "纬度",
  case when slip in ('NOCRS', 'NOPOINT') then null when slip = 'GCJ02' then 'GCJ02' else 'CGCS2000' end as "坐标系",
  case when gone and batch between 1 and 9 and d % 2 = 0 then '2' else '1' end as "状态", strftime({upon}, '%Y-%m-%d %H:%M:%S') as "生效时间"
from (
  select door.*, row.c, dwelling.gone, row.level, row.batch, row.slip, row.luck, 'DZ-' || code[4:] || '-C' || lpad(c::varchar, 5, '0') as complex_code,
    'DZ-' || code[4:] || '-C' || lpad(c::varchar, 5, '0') || '-' || lpad(building::varchar, 3, '0') as building_code,
    (lon + case when slip in ('DATUM', 'GCJ02') then {GCJ_LON} else 0 end)::decimal(10, 6) as x, (lat + case when slip in ('DATUM', 'GCJ02')
        then {GCJ_LAT} else 0 end)::decimal(10, 6) as y
  from (select * from address_row where {where}) as row join door using (d) join dwelling using (d, c)
) order by c, level, d, batch
"""
