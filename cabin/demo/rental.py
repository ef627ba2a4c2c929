"""F06: the rental platform's pushes, out of order and now and then twice; contracts nobody ended, lets nobody registered."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from cabin.demo.delivery import Plan
from cabin.demo.world import World
from cabin.demo.writing import SHORT_STYLES, address_sql

FEED = "rental"
PUSHES = [datetime(2026, 1, 25, 23), *(datetime(2026, month, 26, 23) for month in (3, 5, 7, 8, 9, 10)), datetime(2026, 11, 18, 23)]
RESENT, RESENT_AT = 4, datetime(2026, 8, 30, 9)
"""The push that comes a second time, byte for byte, and when."""
VOIDED = datetime(2026, 9, 15, 9)
FAULTS = {"FW": 0.004, "ID15": 0.0005, "CHK": 0.0005, "PHONE": 0.003, "NOPHONE": 0.02, "NOVILLAGE": 0.001}
"""PHONE: written with blanks and country code."""


def plans(world: World) -> list[Plan]:
    """All deliveries of the feed; adds the tables contract and rental_row."""
    world.con.execute(CONTRACTS_SQL)
    world.con.execute(pushes_sql())
    count = world.count("rental_push")
    world.add("rental_dice", {"slip": world.dice.faults("rental slips", FAULTS, count), "style": world.dice.choice("rental style", SHORT_STYLES, count)})
    world.con.execute("create table rental_row as select * from rental_push positional join rental_dice")
    pushes = [Plan(FEED, "increment", moment, rows_sql(f"batch = {nth}"), None, "jsonl") for nth, moment in enumerate(PUSHES)]
    return [*pushes, replace(pushes[RESENT], sent=RESENT_AT), Plan(FEED, "withdrawal", VOIDED, rows_sql("batch = 91"), None, "jsonl")]


CONTRACTS_SQL = """
create table landlord as select row_number() over (order by p) - 1 as l, person.number from person join dwelling on d = home where place = 0 and tenure = 1
    and state = 0 and doc_type = 10;
create table contract as
with lettings as (select dwelling.d, landlord.number as landlord from (select d, (d * 31 + 7) % (select count(*) from landlord) as l
    from dwelling) as dwelling join landlord using (l)
), homes as (
  select p, home as d, luck, changed_on, from_on, place, 'now' as which from person join dwelling on d = home where tenure in (2, 3) and doc_type = 10
      and born < date '2008-01-01'
    and (place = 0 or place = 1 and luck % 100 < 40) and home * 7919 % 100 >= 14
), former as (
  select p, former as d, luck, changed_on, from_on, place, 'before' as which from person join dwelling on d = former where tenure = 2 and doc_type = 10
      and born < date '2008-01-01' and place = 0
), void as (select p, (luck // 3 + p) % (select count(*) from dwelling) as d, luck, changed_on, from_on, place, 'void' as which from person
    where luck % 10000 < 12 and born < date '2006-01-01' and state = 0 and doc_type = 10)
select row_number() over (order by which, p) as n, *,
  coalesce(case when which = 'now' then changed_on end, from_on) + case when luck // 19 % 10 = 0 then (luck % 12)::int else 0 end as start_on,
      date '2027-01-01' + (luck % 700)::int as end_on
from (select * from homes union all select * from former union all select * from void) join lettings using (d) order by n
"""


def pushes_sql() -> str:
    """Every push: 1 signed, 2 changed, 3 ended, 4 void. Contracts from before 2026 were pushed in January; every thirtieth push comes with the next file."""
    moments = ", ".join(f"timestamp '{moment}'" for moment in PUSHES)
    batch = f"least({len(PUSHES) - 1}, len(list_filter([{moments}], lambda x: x <= pushed_at)) + (n * 31 + status) % 30 // 29)"
    return f"""
create table rental_push as
with pushes as (
  select n, 1 as status, greatest(start_on::timestamp, timestamp '2026-01-03' + to_days((luck % 20)::int)) + to_seconds(luck % 80000) as pushed_at,
      0 as more from contract where start_on < date '2026-11-15'
  union all select n, 2, timestamp '2026-02-20' + to_days((luck // 5 % 250)::int) + to_seconds(luck // 3 % 80000), 1 from contract where which = 'now'
      and luck // 7 % 100 < 80 and (changed_on is null or changed_on < date '2026-02-01' + (luck // 5 % 250)::int)
  union all select n, 3, changed_on::timestamp + to_days((luck % 9)::int) + to_seconds(luck // 11 % 80000), 0 from contract where which = 'before'
      and luck // 13 % 100 < 70
  union all select n, 4, timestamp '2026-03-01' + to_days((luck // 17 % 150)::int) + to_seconds(luck % 70000), 0 from contract where which = 'void'
      and luck // 13 % 100 < 60
), filed as (select *, {batch} as batch from pushes)
select * from (
  select * from filed union all select * from filed where (n * 104729 + status) % 250 = 0
  union all select n, 4, timestamp '2026-09-14 10:00:00' + to_seconds(n % 20000), 0, 91 from contract where which = 'void' and luck // 13 % 100 >= 80
) order by batch, n, status, pushed_at
"""


def rows_sql(where: str) -> str:
    """The delivered rows of one push file, in the platform's layout, in no order of time."""
    tenant = "case slip when 'FW' then full_width(person.number) when 'ID15' then case when born < date '2000-01-01' then fifteen(person.number) else person.number end"
    return f"""
select 'HT' || lpad(row.n::varchar, 8, '0') as "合同编号",
  case slip when 'NOVILLAGE' then '浙江省温州市鹿城区' || township_name || entry(kind, basic, door.number) || inside(0, building, unit, room) else {address_sql()}
      end as "房屋地址",
  landlord as "出租人证件号", {tenant} when 'CHK' then wrong_check(person.number) else person.number end as "承租人证件号",
  case slip when 'NOPHONE' then null when 'PHONE' then '+86 ' || mobile[1:3] || ' ' || mobile[4:7] || ' ' || mobile[8:11] when 'FW'
      then full_width(mobile) else mobile end as "承租人电话",
  coalesce(household.people, 1) - 1 + more * (row.n % 9 // 8) as "同住人数", start_on::varchar as "起租日期", end_on::varchar as "终止日期", status::varchar as "状态",
  strftime(pushed_at, '%Y-%m-%d %H:%M:%S') as "推送时间"
from (select * from rental_row where {where}) as row join contract using (n) join person using (p) join door using (d) left join household using (d)
order by row.n * 2654435761 % 4294967296, row.n, status, pushed_at
"""
