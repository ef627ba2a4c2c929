"""F10 and F19: what happened in each township and month, counted by the command centre and stated again, with other words, by bulletins."""

from __future__ import annotations

from datetime import date, datetime

import numpy as np

from cabin.demo.delivery import Plan
from cabin.demo.dice import Ints
from cabin.demo.divisions import COUNTY
from cabin.demo.world import World

HOTLINE, BULLETIN = "hotline_count", "bulletin"
MEASURES = {
    "有效警情": ("警情", 0.011),
    "电信网络诈骗": ("电诈", 0.0014),
    "盗窃": ("盗窃警情", 0.0012),
    "两抢": ("抢劫抢夺", 0.00002),
    "电动车盗窃": ("电动自行车盗窃", 0.0005),
    "矛盾纠纷": ("纠纷警情", 0.003),
    "热线诉求": ("12345热线", 0.022),
}
"""Words of the command centre, words of bulletins for the same, and how many of it a person and month."""
MONTHS = tuple(date(2025 + month // 12, month % 12 + 1, 1) for month in range(22))
"""From January 2025 to October 2026."""
KEPT = datetime(2026, 1, 8, 9)
"""When the command centre delivers the months of 2025, without the year before."""
SINCE = 12
CHANGED_YEARLY = 0.9
BULLETINS = (datetime(2026, 2, 10, 15), datetime(2026, 5, 11, 15), datetime(2026, 8, 10, 15), datetime(2026, 11, 10, 15))
FAULTS = {"PERCENT": 0.006, "XLDATE": 0.01, "NOYEAR": 0.004, "WINDOW": 0.01, "BASE": 0.02, "NOBASE": 0.03, "ROUND": 0.04, "BLANK": 0.01}
"""PERCENT: a percentage without its base. WINDOW: twelve months instead of one. BASE: another number of the year before than was kept. ROUND: so many tens and more."""
SLIPS = {"PERCENT": 0.04, "NOYEAR": 0.03, "NAME": 0.3, "UNKNOWN": 0.02, "ABOUT": 0.08, "OTHER": 0.06}
"""NAME: another name for the measure. UNKNOWN: a measure that nobody declared. OTHER: not the command centre's number."""


def plans(world: World) -> list[Plan]:
    """All deliveries of both feeds; adds the tables happened, count_row and bulletin_row."""
    world.con.execute(TOWNSHIPS_SQL)
    townships = world.count("township_people")
    size = townships * len(MEASURES) * len(MONTHS)
    place, rest = np.divmod(np.arange(size), len(MEASURES) * len(MONTHS))
    measure, month = np.divmod(rest, len(MONTHS))
    slips = world.dice.faults("hotline slips", FAULTS, size)
    world.add("happened", {"t": place, "m": measure, "month": month, "number": _numbers(world, place, measure, month), "slip": slips})
    world.con.execute(counted_sql())
    hotline = [Plan(HOTLINE, "increment", moment, hotline_sql(where)) for moment, where in _monthly()]
    return [*hotline, *_bulletins(world)]


def _numbers(world: World, place: Ints, measure: Ints, month: Ints) -> Ints:
    """Poisson numbers by people, measure, season and year."""
    people = world.column("township_people", "people")[place]
    rate = np.array([rate for _, rate in MEASURES.values()])[measure]
    season = 1 + 0.15 * np.sin(month / 6 * np.pi)
    numbers: Ints = world.dice.of("hotline").poisson(people * rate * season * CHANGED_YEARLY ** (month // SINCE))
    return numbers


def _monthly() -> list[tuple[datetime, str]]:
    """When each list of the command centre is delivered, and its months: those of 2025 at once, then on the third of the next month."""
    later = [(datetime(2026, month.month + 1, 3, 9), f"month = {place}") for place, month in enumerate(MONTHS) if place >= SINCE]
    return [(KEPT, f"month < {SINCE}"), *later]


def _bulletins(world: World) -> list[Plan]:
    dice, count = world.dice, world.count("stated")
    world.add("bulletin_dice", {"slip": dice.faults("bulletin slips", SLIPS, count), "luck": dice.ints("bulletin luck", 0, 1000, count)})
    world.con.execute("create table bulletin_row as select * from stated positional join bulletin_dice")
    return [Plan(BULLETIN, "increment", moment, bulletin_sql(nth, moment), None, "jsonl") for nth, moment in enumerate(BULLETINS)]


TOWNSHIPS_SQL = """
create table township_people as
select row_number() over (order by township) - 1 as t, township, any_value(township_name order by township_name) as name, coalesce(sum(people), 0)::bigint as people
from door left join household using (d) group by township order by township
"""
_NAMES = ", ".join(f"'{name}'" for name in MEASURES)
_OTHERS = ", ".join(f"'{other}'" for other, _ in MEASURES.values())


def counted_sql() -> str:
    """What the command centre says (with the number a year before, and that of twelve months), and what bulletins state: the county's months and its year 2025, and of two measures the townships' months."""
    return f"""
create table count_row as
select * replace (case when slip = 'WINDOW' and month < {SINCE - 1} then '' else slip end as slip), lag(number, {SINCE}) over years as before, sum(number) over (years rows {SINCE - 1} preceding) as twelve from happened window years as (partition by t, m order by month);
create table stated as
select row_number() over (order by month, months, m, t) - 1 as n, * from (
  select (month - {SINCE} + 2) // 3 as nth, m, month, 1 as months, -1 as t, sum(number)::bigint as number from happened where month >= {SINCE} group by all
  union all select (month - {SINCE} + 2) // 3, m, month, 1, t, number from happened where month >= {SINCE} and m in (0, 6)
  union all select 0, m, 0, 12, -1, sum(number)::bigint from happened where month < {SINCE} group by all
) order by n
"""


def hotline_sql(where: str) -> str:
    """The delivered rows of one list, in the command centre's layout; a number that was lost is blank."""
    first = f"(date '{MONTHS[0]}' + to_months(month::int))::date"
    return f"""
select case slip when 'XLDATE' then excel_day({first}) when 'NOYEAR' then month({first}) || '月' else strftime({first}, '%Y-%m') end as "统计月", township as "乡镇街道代码",
  [{_NAMES}][m + 1] as "类别",
  case slip when 'PERCENT' then '-12.5%' when 'BLANK' then null else (case when slip = 'ROUND' and number >= 20 then number // 10 * 10 when slip = 'WINDOW' then twelve
    else number end)::bigint::varchar end as "本期数",
  case when slip in ('PERCENT', 'NOBASE', 'WINDOW') then null when slip = 'BASE' then before + 3 else before end as "上年同期数",
  case when slip = 'ROUND' and number >= 20 then '余' end as "限定词", case when slip = 'WINDOW' then '一年来' end as "口径说明"
from count_row join township_people using (t) where {where} order by month, t, m
"""


def bulletin_sql(nth: int, moment: datetime) -> str:
    """The statements of one bulletin: of the county by its code, of townships by name."""
    first = f"(date '{MONTHS[0]}' + to_months(month::int))::date"
    return f"""
select case when slip = 'UNKNOWN' then '平安指数' when slip = 'NAME' then [{_OTHERS}][m + 1] else [{_NAMES}][m + 1] end as "指标",
  case when t < 0 then '{COUNTY}' else '浙江省温州市鹿城区' || name end as "地区",
  case slip when 'PERCENT' then '-12.5' when 'OTHER' then (number + 1 + luck % 5)::varchar else number::varchar end as "数值",
  case when slip = 'ABOUT' then '约' else '' end as "限定词", case when slip = 'PERCENT' then '%' else '起' end as "单位",
  case when slip = 'NOYEAR' then month({first}) || '月1日' else {first}::varchar end as "统计期起", last_day({first} + to_months(months - 1))::varchar as "统计期止",
  '{moment.date()}' as "截至日", '通报2026第{nth + 1}期' as "出处"
from bulletin_row left join township_people using (t) where nth = {nth} order by n
"""
