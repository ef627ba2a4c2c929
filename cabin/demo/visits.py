"""F20: household visits of the last weeks: officers who are right most of the time, rosters, verifications by others, amendments, late uploads."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np

from cabin.demo.delivery import Plan
from cabin.demo.dice import Flags, Ints
from cabin.demo.world import World, day, offset
from cabin.demo.writing import SHORT_STYLES, address_sql

FEED = "visit"
VISITED_SHARE = 0.04
MOST_VISITS = 8_392
"""Households visited in the largest campaign reported (Shiquan)."""
FROM, UNTIL = day(9, 1), day(11, 15)
UPLOADS = [datetime(2026, 9, 6, 20) + timedelta(weeks=week) for week in range(11)]
CORRECTED = datetime(2026, 11, 19, 20)
OFFICERS_PER_TOWNSHIP = 6
DONE, NOBODY, DECLINED, NOT_FOUND = 0, 1, 2, 3
CLOSED = {DONE: 0.85, NOBODY: 0.09, DECLINED: 0.04, NOT_FOUND: 0.02}


def plans(world: World) -> list[Plan]:
    """Weekly uploads and one late file of corrections; adds the tables visit and visit_row."""
    _add_visits(world)
    world.con.execute(ASKED_SQL)
    world.con.execute(ROWS_SQL)
    uploads = [Plan(FEED, "increment", moment, rows_sql(f"upload = {week}"), None, "jsonl") for week, moment in enumerate(UPLOADS)]
    return [*uploads, Plan(FEED, "correction", CORRECTED, rows_sql("upload = 99"), None, "jsonl")]


def _add_visits(world: World) -> None:
    """Who goes where, and how it ends. A dwelling whose people changed in 2026 is twice as likely to be visited."""
    dwellings = world.count("dwelling")
    count = min(MOST_VISITS, max(40, round(dwellings * VISITED_SHARE)))
    dice = world.dice
    changed = np.zeros(dwellings, dtype=bool)
    changed[world.column("changed", "d").astype(np.int64)] = True
    chance = dice.of("visited")
    order = np.argsort(chance.exponential(1.0, dwellings) / np.where(changed, 2.0, 1.0), kind="stable")[:count]
    chosen = order.astype(np.int64)
    day_of = np.sort(dice.ints("visit day", offset(FROM), offset(UNTIL), count))
    world.add(
        "visit",
        {
            "n": np.arange(count),
            "d": chosen,
            "day": day_of,
            "second": dice.ints("visit second", 8 * 3600, 20 * 3600, count),
            "closed": dice.choice("visit closed", CLOSED, count),
            "officer": dice.ints("officer", 0, OFFICERS_PER_TOWNSHIP, count),
            "reason": dice.ints("visit reason", 0, 5, count),
            "complete": dice.flags("roster complete", 0.78, count),
            "unidentified": dice.choice("unidentified", {0: 0.96, 1: 0.04}, count),
            "upload": _uploads(day_of, dice.flags("late upload", 0.06, count)),
            "luck": dice.ints("visit luck", 0, 2**40, count),
            "style": dice.choice("visit style", SHORT_STYLES, count),
        },
    )


def _uploads(days: Ints, late: Flags) -> Ints:
    """The first upload after the visit; the next one for devices that were offline."""
    ends = np.array([offset(moment.date()) for moment in UPLOADS])
    uploads: Ints = np.minimum(np.searchsorted(ends, days, side="right") + late, len(UPLOADS) - 1)
    return uploads


ASKED_SQL = """
create table asked as
with fields as (
  select n, d, luck, 'use' as field, 1 as place, use::varchar as truth, case use when 2 then '2' when 5 then '5' when 9 then '9' else '1' end as listed, ['1',
      '2', '3', '5'] as others, '房屋' as object, null as object_id from visit join dwelling using (d)
  union all select n, d, luck, 'tenure', 2, tenure::varchar, case tenure when 3 then '3' when 9 then '9' else '1' end, ['1', '2', '3', '9'], '房屋', null
      from visit join dwelling using (d)
  union all select n, d, luck, 'occupancy', 3, case when vacant then 'vacant' else 'occupied' end, null, ['occupied', 'vacant'], '房屋', null from visit
      join dwelling using (d)
  union all select n, d, luck, 'people_band', 4, case when coalesce(people, 0) < 3 then coalesce(people, 0)::varchar when people < 6 then '3-5' else '6+' end,
      null, ['0', '1', '2', '3-5'], '房屋', null
    from visit left join household using (d)
  union all select n, d, visit.luck, 'open_status', 6, ['open', 'closed', 'gone'][state + 1], 'open', ['open', 'closed', 'gone'], '场所', licence from visit
      join (select d, state, licence from venue where licensed qualify row_number() over (partition by d order by n) = 1) using (d)
  union all select n, d, visit.luck, 'residence_status', 5, case when registered_here then '1' else '2' end, null, ['1', '2'], '人房关系', number
    from visit join person on home = d where place < 2 and person.luck % 3 = 0 and born < date '2008-01-01' and doc_type = 10
)
select fields.*, (fields.luck // place % 99991 * 31 + place * 7919) % 1000 as chance,
  case when chance < 14 then 'wrong' when chance < 40 then 'unseen' when chance < 56 then 'declined' else 'right' end as found,
  case when found = 'wrong' then list_filter(others, lambda x: x <> truth)[1 + fields.luck % (len(others) - 1)] when found = 'right' then truth end as value,
  case when found = 'unseen' then '无法核实' when found = 'declined' then '拒绝' when value = coalesce(listed, value) then '属实' else '更正' end as outcome
from fields join visit using (n, d, luck) where visit.closed = 0 and not (field in ('use', 'tenure') and luck // 13 % 4 = 0)
"""
ROWS_SQL = """
create table visit_row as
with base as (
  select visit.*, 'ZF' || lpad((2600000000 + n)::varchar, 10, '0') as visit_no, 'W' || township[6:] || lpad(officer::varchar, 2, '0') as badge,
      township[6:] as office,
    timestamp '2026-01-02' + to_days(day::int) + to_seconds(second) as seen_at, coalesce(gone, false) as gone
  from visit join door using (d) join dwelling using (d)
), rows as (
  select n, d, visit_no, seen_at - interval 3 day as seen_at, badge, '计划' as event, '房屋' as object, null as object_id, null as field, null as outcome,
    ['coverage', 'expected_gain', 'freshness', 'task', 'care_visit'][reason + 1] as value, null as evidence, null as roster, null as unidentified,
        null as seen, seen_at - interval 3 day as device, 1 as step, upload, 0 as sub from base
  union all select n, d, visit_no, seen_at, badge, '开始', '房屋', null, null, null, null, null, null, null, null, seen_at, 2, upload, 0 from base
  union all select n, asked.d, visit_no, seen_at + to_minutes(place), badge, '核实', object, asked.object_id, field, outcome, value, ['口述', '证件',
      '现场'][1 + chance % 3], null, null, null,
    seen_at + to_minutes(place + case when chance % 50 = 3 then 180 else 0 end), 3, base.upload, place * 10 from base join asked using (n) where not gone
  union all select n, base.d, visit_no, seen_at + interval 8 minute, badge, '名册', '人房关系', number, null, null, null, '口述', case when complete then '完整'
      else '部分' end, unidentified, null, seen_at + interval 8 minute, 4, upload, coalesce(place, 0)
    from base left join (select home, number, place, luck from person where home is not null and born < date '2012-11-20'
        and doc_type = 10) as found on home = base.d and (complete or place < 2) and (found.luck + n) % 100 >= 3
    where closed = 0 and not gone
  union all select n, d, visit_no, seen_at + interval 10 minute, badge, '结束', '房屋', null, null, null, case when gone then '已不存在' else ['完成', '无人', '拒访',
      '未找到'][closed + 1] end, null, null, null, null, seen_at + interval 10 minute, 5, upload, 0 from base
), judged as (
  select n, asked.d, visit_no, seen_at, office, badge, object, asked.object_id, field, value, truth, found, chance, place, base.upload, base.officer
      from base join asked using (n)
  where value is not null and not gone and (found = 'wrong' and chance % 2 = 0 or outcome = '更正' and chance % 5 = 1 or chance % 19 = 0)
), later as (
  select n, d, visit_no, seen_at + interval 2 day as seen_at, 'W' || office || lpad(((officer + 1) % 6)::varchar, 2, '0') as badge, '复核', object, object_id, field,
    case when (value = truth) = (chance % 29 <> 3) then '属实' else '更正' end, null, '现场', null, null, '0', seen_at + interval 2 day, 6, least(upload + 1, 10),
        place from judged where chance % 7 <> 2
  union all select n, d, visit_no, seen_at + to_minutes(place), badge, '更正', object, object_id, field, '更正', truth, '证件', null, null, '0',
      seen_at + interval 3 day, 7, case when chance % 2 = 0 then 99 else least(upload + 1, 10) end, place from judged where chance % 7 = 2
          or found = 'wrong' and chance % 3 = 0
  union all select n, d, visit_no, seen_at + interval 2 day, 'W' || township[6:] || lpad(((officer + 2) % 6)::varchar, 2, '0'), '复核', '房屋', null, 'roster',
      case when luck % 11 = 0 then '更正' else '属实' end, null, '现场', null, null, '0', seen_at + interval 2 day, 8, least(upload + 1, 10), 0
    from base join (select d, township from door) using (d) where closed = 0 and not gone and luck % 16 = 0
), all_rows as (select * from rows union all select * from later)
select * from all_rows union all select * from all_rows where (n * 37 + step * 11 + sub) % 250 = 0
"""


def rows_sql(where: str) -> str:
    """The rows of one upload, in the app's layout."""
    return f"""
select visit_no as "走访编号", {address_sql("visit.style")} as "房屋地址", strftime(seen_at, '%Y-%m-%d %H:%M:%S') as "走访时间", badge as "走访人工号", event as "事件",
    object as "对象类型", object_id as "对象编号",
  field as "字段", outcome as "结果", value as "核实值", evidence as "依据", roster as "名册类型", unidentified as "未识别人数", seen as "已见版本", strftime(device,
      '%Y-%m-%d %H:%M:%S') as "设备时钟"
from (select * from visit_row where {where}) as row join door using (d) join (select n, style from visit) as visit using (n) order by seen_at, visit_no, step,
    sub, object_id
"""
