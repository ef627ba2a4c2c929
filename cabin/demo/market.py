"""F07: the market registry. One yearly list, monthly increments, a correction; closures it never hears of."""

from __future__ import annotations

from datetime import datetime

from cabin.demo import words
from cabin.demo.delivery import Plan
from cabin.demo.world import COUNTY, World
from cabin.demo.writing import SHORT_STYLES, address_sql

FEED = "mr_business"
LISTED = datetime(2026, 1, 15, 8)
INCREMENTS = [datetime(2026, month, 3, 8) for month in range(3, 12)]
CORRECTED = datetime(2026, 6, 20, 8)
FAULTS = {"O0": 0.003, "CHK": 0.0005, "NOLETTER": 0.02, "PAD": 0.003, "FW": 0.002, "NOADDRESS": 0.004, "INDUSTRY": 0.01}
"""O0: a letter O for a zero in the code. NOLETTER: no industry section. INDUSTRY: another class. NOADDRESS: no place of business."""
ENTITY_KINDS = ("公司", "分支机构", "个体工商户", "农民专业合作社")


def plans(world: World) -> list[Plan]:
    """All deliveries of the feed; adds the table market_row."""
    world.con.execute(stands_sql())
    count = world.count("market_stand")
    world.add("market_dice", {"slip": world.dice.faults("market slips", FAULTS, count), "style": world.dice.choice("market style", SHORT_STYLES, count)})
    world.con.execute("create table market_row as select * from market_stand positional join market_dice")
    increments = [Plan(FEED, "increment", moment, rows_sql(f"batch = {nth}"), None, "csv", "gb18030") for nth, moment in enumerate(INCREMENTS, 1)]
    listed = Plan(FEED, "snapshot", LISTED, rows_sql("batch = 0"), COUNTY, "csv", "gb18030")
    return [listed, *increments, Plan(FEED, "correction", CORRECTED, rows_sql("batch = 91"), None, "csv", "gb18030")]


def stands_sql() -> str:
    """What the registry says of a business as of a day: 0 the list, 1 ... the increments (changes told, newcomers, a few old rows again), 91 corrections."""
    days = ", ".join(f"date '{moment.date()}'" for moment in INCREMENTS)
    batch = f"1 + len(list_filter([{days}], lambda x: x <= upon))"
    return f"""
create table market_stand as
with listed as (select b, 1 as said_status, before as said_at, date '2026-01-03' + (luck % 11)::int as upon, 0 as batch from business where not newcomer
), closed as (select b, status, case when moved_told_on <= status_told_on then operating else before end, status_told_on as upon from business
    where status_told_on is not null
), moved as (select b, case when status_told_on <= moved_told_on then status else 1 end, operating, moved_told_on as upon from business
    where moved_told_on is not null
), fresh as (select b, 1, before, date '2026-02-10' + (luck % 260)::int as upon from business where newcomer
), told as (select *, least({len(INCREMENTS)}, {batch}) as batch from (select * from closed union all select * from moved union all select * from fresh)),
stale as (select * replace ({len(INCREMENTS)} as batch) from listed where b * 7919 % 1000 < 4),
again as (select * from told where b * 104729 % 1000 < 5),
corrected as (select b, 1, before, date '2026-06-19' as upon, 91 as batch from business where status_on is null and moved_on is null and b * 15485863 % 1000 < 4)
select * from (select * from listed union all select * from told union all select * from stale union all select * from again union all select *
    from corrected) order by batch, b, upon
"""


def rows_sql(where: str) -> str:
    """The delivered rows of one delivery, in the registry's layout."""
    letters = ", ".join(f"'{letter}'" for _, letter, _ in words.TRADES)
    classes = ", ".join(f"'{code}'" for _, _, code in words.TRADES)
    kinds = ", ".join(f"'{kind}'" for kind in ENTITY_KINDS)
    at_home, at_work = address_sql(door="home"), address_sql(door="work")
    return f"""
select case slip when 'O0' then uscc[1:8] || replace(uscc[9:], '0', 'O') when 'CHK' then uscc[1:17] || (case uscc[18] when '7' then '3' else '7' end)
    when 'PAD' then uscc || ' ' else uscc end as "统一社会信用代码",
  business.name as "主体名称", [{kinds}][business.kind] as "主体类型", case slip when 'INDUSTRY' then '5299' else [{classes}][trade + 1] end as "行业代码",
  case when slip <> 'NOLETTER' then [{letters}][trade + 1] end as "行业门类", '温州市鹿城区市场监督管理局' as "登记机关", {at_home} as "住所",
  case slip when 'NOADDRESS' then null when 'FW' then full_width({at_work}) else {at_work} end as "经营场所", established_on::varchar as "成立日期",
      said_status::varchar as "经营状态", upon::varchar as "核准日期"
from (select * from market_row where {where}) as row join business using (b) join door as home on home.d = business.registered
    join door as work on work.d = row.said_at order by b, upon
"""
