"""F01: the police's list of residents. Two lists (the district in February, one township in September), increments, corrections, a withdrawal."""

from __future__ import annotations

from datetime import date, datetime

from cabin.demo.delivery import Mode, Plan
from cabin.demo.dice import Dice
from cabin.demo.world import COUNTY, World
from cabin.demo.writing import SHORT_STYLES, address_sql

FEED = "ps_resident"
LISTED = datetime(2026, 2, 1, 6)
RELISTED = datetime(2026, 9, 1, 6)
RELISTED_TOWNSHIP = "330302006"
INCREMENTS = [datetime(2026, month, 1, 6) for month in range(3, 12)] + [datetime(2026, 11, of_month, 6) for of_month in range(16, 21)]
CORRECTED = datetime(2026, 5, 10, 9)
WITHDRAWN = datetime(2026, 6, 15, 9)
ADDRESS = address_sql()
RESIDENCE_TYPE = "case tenure when 2 then 2 when 3 then 2 when 9 then 3 else 1 end"
RELATION = "case tenure when 1 then case place when 0 then 1 else 2 end when 9 then 5 else case place when 0 then 3 else 4 end end"
FAULTS = {
    "FW": 0.002,
    "PAD": 0.003,
    "ID15": 0.0006,
    "CHK": 0.0004,
    "ZERO": 0.002,
    "NOCODE": 0.02,
    "NAME": 0.006,
    "SEX": 0.0005,
    "WRONG_COLUMN": 0.0002,
    "STATUS": 0.04,
    "NOVILLAGE": 0.001,
}
"""NOCODE: no address code. NAME: another character. SEX: the other sex. WRONG_COLUMN: the number stands in the address. STATUS: the other residence status. NOVILLAGE: an address without village."""


def plans(world: World) -> list[Plan]:
    """All deliveries of the feed; adds the tables police_stay and police_row."""
    con, count = world.con, 0
    con.execute(stays_sql([moment.date() for moment in INCREMENTS]))
    count = world.count("police_stay")
    world.add("police_dice", _slips(world.dice, count))
    con.execute("create table police_row as select * from police_stay positional join police_dice")
    increments = [_plan("increment", moment, f"batch = {nth}") for nth, moment in enumerate(INCREMENTS, 1)]
    lists = [_plan("snapshot", LISTED, "batch = 0", COUNTY), _plan("snapshot", RELISTED, "batch = 90", RELISTED_TOWNSHIP)]
    return [*lists, *increments, _plan("correction", CORRECTED, "batch = 91"), _plan("withdrawal", WITHDRAWN, "batch = 92")]


def stays_sql(moments: list[date]) -> str:
    """Who the police say lives where, as of which day, in which delivery: 0 the first list, 1 ... the increments, 90 the second list, 91 corrections, 92 withdrawals.

    Moves the police hear of come as updates of the same record; of the others they keep the former dwelling. A few old rows are sent again, a few rows twice.
    """
    days = ", ".join(f"date '{moment}'" for moment in moments)
    confirmed_on = "(date '2026-03-02' + (luck // 11 % 255)::int)"
    return f"""
create table police_stay as
with first_list as (
  select p, p as record, coalesce(former, home) as d, from_on as registered_on, date '2026-01-02' + (luck % 28)::int as upon, 'I' as operation, 0 as batch,
      '' as part from person where not newcomer
), elsewhere as (
  select p, p + 50000000 as record, luck // 100 % (select count(*) from dwelling) as d, registered_on, upon, operation, batch, 'elsewhere' as part
      from first_list join person using (p) where registered_here and luck // 7 % 1000 < 25
), told as (
  select p, p as record, coalesce(home, former) as d, changed_on as registered_on, told_on as upon,
    case when state <> 0 then 'D' when newcomer then 'I' else 'U' end as operation, 1 + len(list_filter([{days}], lambda x: x <= told_on)) as batch, '' as part
  from person where told_on is not null
), confirmed as (
  select p, p as record, home as d, from_on as registered_on, {confirmed_on} as upon, 'U' as operation, 1 + len(list_filter([{days}],
      lambda x: x <= {confirmed_on})) as batch, '' as part
  from person where changed_on is null and luck // 13 % 1000 < 45
), sent as (select * from told union all select * from confirmed),
again as (select * from sent where p * 7919 % 1000 < 2),
stale as (select first_list.* replace (least({len(moments)}, told.batch + 1) as batch) from first_list join told using (p) where told.operation = 'U'
    and p * 104729 % 1000 < 8),
believed as (
  select * from (select * from first_list union all select * from told
      where upon < date '2026-08-28') qualify row_number() over (partition by record order by upon desc) = 1
), relisted as (
  select believed.* exclude (home, changed_on, luck, state, found) replace (
    case when found then home else d end as d, case when found then changed_on else registered_on end as registered_on,
    case when found then date '2026-08-20' + (luck % 9)::int else upon end as upon, 'U' as operation, 90 as batch)
  from (select believed.*, home, changed_on, luck, state, changed_on < date '2026-08-15' and told_on is null and luck // 17 % 10 < 6 as found
      from believed join person using (p)) as believed
  where operation <> 'D' and (not coalesce(found, false) or home is not null)
), corrected as (select first_list.* replace (date '2026-05-09' as upon, 'U' as operation, 91 as batch, 'corrected' as part) from first_list
    join person using (p) where changed_on is null and p * 15485863 % 1000 < 3),
withdrawn as (select elsewhere.* replace (date '2026-06-14' as upon, 'D' as operation, 92 as batch) from elsewhere where p * 32452843 % 100 < 4)
select * from (
  select * from first_list union all select * from elsewhere union all select * from sent union all select * from again union all select * from stale
  union all select relisted.* from relisted join door using (d) where township = '{RELISTED_TOWNSHIP}' union all select *
      from corrected union all select * from withdrawn
) order by batch, record, upon, part
"""


def _slips(dice: Dice, count: int) -> dict[str, object]:
    return {
        "slip": dice.faults("police slips", FAULTS, count),
        "style": dice.choice("police style", SHORT_STYLES, count),
        "second": dice.ints("police second", 0, 86400, count),
    }


def _plan(mode: Mode, moment: datetime, where: str, area: str | None = None) -> Plan:
    return Plan(FEED, mode, moment, rows_sql(where), area, "csv", "gb18030")


def rows_sql(where: str) -> str:
    """The delivered rows of one delivery, in the police's layout."""
    number = "case when doc_type = 30 then 'E' || lpad((p * 7919 % 100000000)::varchar, 8, '0') else person.number end"
    no_village = "'浙江省温州市鹿城区' || township_name || entry(kind, basic, door.number) || inside(0, building, unit, door.room)"
    return f"""
select 'RY' || lpad(record::varchar, 8, '0') as "人员编号", doc_type::varchar as "证件类型",
  case slip when 'FW' then full_width(person.number) when 'ID15' then case when born < date '2000-01-01' then fifteen(person.number) else person.number end
    when 'CHK' then wrong_check(person.number) when 'PAD' then {number} || '  ' else {number} end as "证件号码",
  case slip when 'NAME' then name[1] || case name[2] when '小' then '晓' else '小' end || name[3:] when 'PAD' then name || '　' else name end as "姓名",
  case when male = (slip <> 'SEX') then '1' else '2' end as "性别", born::varchar as "出生日期", division::varchar as "户籍区划",
  case slip when 'WRONG_COLUMN' then person.number when 'NOVILLAGE' then {no_village} when 'FW' then full_width({ADDRESS}) else {ADDRESS} end as "现住地址",
  case when slip <> 'NOCODE' then address_code end as "地址编码",
  case when slip = 'ZERO' then '' else '0' end || {RESIDENCE_TYPE} as "居住类型",
  case when part = 'elsewhere' then '3' when registered_here = (slip <> 'STATUS') then '1' else '2' end as "居住状态",
  ({RELATION})::varchar as "与产权人关系", (registered_on + case when tenure = 2 and luck // 23 % 4 = 0 then 3 + (luck % 25)::int else 0 end)::varchar as "登记日期",
  strftime(upon::timestamp + to_seconds(second), '%Y-%m-%d %H:%M:%S') as "更新时间", operation as "操作标志"
from (select * from police_row where {where}) as row join person using (p) join door using (d) join dwelling using (d) order by record, upon, part, operation
"""
