"""F13: warnings at bank counters, a day and branch a row; no customer in any of it."""

from __future__ import annotations

from datetime import date, datetime

import numpy as np

from cabin.demo.delivery import Plan
from cabin.demo.world import World, day, offset

FEED = "bank_counter"
BRANCHES = 8
PUSHES = [datetime(2026, month, 1, 20) for month in (3, 5, 7, 9, 11)]
"""A push holds the days of the two months before."""
FAULTS = {"YUAN": 0.03, "MIXED": 0.02, "BLANK": 0.03, "EXCHANGED": 0.01, "NODATE": 0.004}
"""YUAN: the amount written in 元 with its unit. MIXED: written in 元 under the heading of 万元. BLANK: a zero left blank. EXCHANGED: more dissuaded than warned."""


def plans(world: World) -> list[Plan]:
    """All deliveries of the feed; adds the table warning."""
    days = offset(day(11, 1))
    count, dice = days * BRANCHES, world.dice
    warned = dice.of("warned").poisson(1.4, count)
    world.add(
        "warning",
        {
            "day": np.repeat(np.arange(days), BRANCHES),
            "branch": np.tile(np.arange(BRANCHES), days) + 1,
            "warned": warned,
            "dissuaded": dice.of("dissuaded").binomial(warned, 0.7),
            "hundreds": dice.ints("saved", 3, 600, count),
            "slip": dice.faults("counter slips", FAULTS, count),
        },
    )
    return [Plan(FEED, "increment", moment, rows_sql(_begin(moment), moment.date()), None, "jsonl") for moment in PUSHES]


def rows_sql(since: date, until: date) -> str:
    """The days of one push, in the banks' layout: 万元 unless the cell says otherwise."""
    yuan = "dissuaded * hundreds * 100"
    plain = f"({yuan} / 10000)::decimal(18, 2)::varchar"
    return f"""
select case slip when 'NODATE' then strftime(counted_on, '%m月%d日') else counted_on::varchar end as "日期", 'WD' || lpad(branch::varchar, 4, '0') as "网点代码",
  case when slip = 'BLANK' and warned = 0 then '' else (case when slip = 'EXCHANGED' then dissuaded else warned end)::varchar end as "预警数",
  case when slip = 'BLANK' and dissuaded = 0 then '' else (case when slip = 'EXCHANGED' then warned else dissuaded end)::varchar end as "劝阻数",
  case slip when 'YUAN' then {yuan} || '元' when 'MIXED' then ({yuan})::varchar else {plain} end as "止损金额(万元)"
from (select *, (date '2026-01-02' + day::int)::date as counted_on from warning) where counted_on >= date '{since}' and counted_on < date '{until}' order by counted_on, branch
"""


def _begin(moment: datetime) -> date:
    return date(moment.year, moment.month - 2, 1)
