"""F18: Lucheng's real division table (edition 2023) as the statistical office's yearly list; each village has one grid."""

from __future__ import annotations

from datetime import datetime

from cabin.demo.delivery import Plan
from cabin.demo.divisions import COUNTY, divisions
from cabin.demo.world import World

FEED = "division"
LISTED = datetime(2026, 1, 5, 8)


def plans(world: World) -> list[Plan]:
    """The one list."""
    found = divisions()
    values = ", ".join(f"({place}, '{each.code}', '{each.name}')" for place, each in enumerate(found))
    world.con.execute(f"create table division as select * from (values {values}) as given(n, code, name)")
    return [Plan(FEED, "snapshot", LISTED, ROWS_SQL, COUNTY, "csv")]


ROWS_SQL = """
select code as "统计用区划代码", name as "名称", case length(code) when 6 then '3303' when 9 then code[1:6] else code[1:9] end as "上级代码",
  case when length(code) < 12 then null when code[10:12]::int < 200 then '111' when code[7:9]::int < 100 then '112' else '220' end as "城乡分类代码",
  case when length(code) = 12 then code || '001' end as "网格编码", case when length(code) = 12 then name || '第一网格' end as "网格名称", '2023-06-30' as "启用日期",
      null::varchar as "停用日期"
from division order by n
"""
