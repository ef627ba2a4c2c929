"""F03: civil affairs' deregistrations. A number, a day, an office; never a cause."""

from __future__ import annotations

from datetime import datetime

from cabin.demo.delivery import Plan
from cabin.demo.world import World

FEED = "ca_deregister"
INCREMENTS = [datetime(2026, month, 6, 7) for month in (3, 4, 5, 6, 7, 8, 9, 10, 11)]
CORRECTED = datetime(2026, 10, 20, 7)
FAULTS = {"ID15": 0.01, "CHK": 0.004, "XLDATE": 0.02, "PAD": 0.01}


def plans(world: World) -> list[Plan]:
    """All deliveries of the feed; adds the table deregistered."""
    count = world.count("person")
    world.add("deregister_dice", {"slip": world.dice.faults("deregister slips", FAULTS, count)})
    world.con.execute("create table deregistered as select * from (select * from person positional join deregister_dice) where state = 2 order by p")
    moments = [datetime(2026, 1, 1), *INCREMENTS]
    files = [
        Plan(FEED, "increment", upon, rows_sql(f"date '{since.date()}'", f"date '{upon.date()}'"), None, "csv", "gb18030")
        for since, upon in zip(moments, INCREMENTS, strict=False)
    ]
    return [*files, Plan(FEED, "correction", CORRECTED, rows_sql("date '2026-09-01'", "date '2026-10-01'", "slip = 'CHK'"), None, "csv", "gb18030")]


def rows_sql(since: str, until: str, where: str = "true") -> str:
    """Deregistrations of a period, in the layout of civil affairs."""
    mended = "true" if where != "true" else "false"
    return f"""
select case when {mended} then deregistered.number else case slip when 'ID15' then case when born < date '2000-01-01' then fifteen(deregistered.number)
    else deregistered.number end when 'CHK' then wrong_check(deregistered.number) when 'PAD' then deregistered.number || ' ' else deregistered.number end
        end as "证件号码",
  case slip when 'XLDATE' then excel_day(changed_on) else changed_on::varchar end as "注销日期", code[1:9] as "登记单位区划"
from deregistered join door on d = former where changed_on >= {since} and changed_on < {until} and {where} order by changed_on, p
"""
