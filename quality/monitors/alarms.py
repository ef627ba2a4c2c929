"""All monitors over the profiles of an installation: `alarms`. Pure: the moment is handed in, and rows in any order give the same answer."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from contracts.database import connect
from contracts.facts import MOMENT
from contracts.model import ServiceLevel
from quality.monitors.arrivals import arrival_alarms
from quality.monitors.bounds import Series
from quality.monitors.calendar import Calendar
from quality.monitors.measured import measured, series_of
from quality.monitors.novelties import code_alarms, delivery_alarms
from quality.monitors.points import QUARTILES, SERIES, Judged, Points, points_of
from quality.monitors.raised import Raised, history_before
from quality.monitors.reach import Reach, reach_of
from quality.monitors.words import told

ALARM = pa.schema(
    [
        *SERIES,
        ("zh", pa.string()),
        ("en", pa.string()),
        ("moment", MOMENT),
    ]
)
"""One alarm: where, what, on which day; the value with its bounds (null: none on that side), the points they rest on, the last of them (oldest first), and a sentence in both languages.
`mode` is empty for what concerns all deliveries of a feed, `field` for what concerns a delivery as a whole; `item` is a code or a column's name. `moment`: that of the question."""


SPEAKS_FOR = {**dict.fromkeys(QUARTILES, "quartiles"), "share": "shares"}
"""Monitors of which one alarm a field and day is enough."""
EXPLAINED_BY = {"distinct": ("volume",), "share": ("new-code", "vanished-code", "top")}
"""Monitors whose alarm tells the same better: of the delivery as a whole where it is `volume`, else of the field."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """`alarms`, in the shape of `ALARM`, and how much could be judged at all."""

    alarms: pa.Table
    reach: Reach


def alarms(profiles: pa.Table, asked: Judged, calendar: Calendar, levels: Mapping[str, ServiceLevel]) -> pa.Table:
    """What is out of bounds, in the shape of `ALARM`, by feed, day, mode, field, monitor and item.

    `profiles` is in the shape of `contracts.profiling.PROFILE`; `levels` are the feeds' service levels. Nothing alarms before `LEAST_POINTS` points.
    """
    return judgement(profiles, asked, calendar, levels).alarms


def judgement(profiles: pa.Table, asked: Judged, calendar: Calendar, levels: Mapping[str, ServiceLevel], feeds: Collection[str] = ()) -> Judgement:
    """The same with how much of the profiles, and of these `feeds`, could be judged."""
    with connect(config={"threads": 2}) as engine:
        engine.register("profile", profiles)
        points = points_of(engine, asked)
        series = series_of(points, calendar)
        found = [*_beyond(points, series), *code_alarms(points, series), *delivery_alarms(engine, asked), *arrival_alarms(engine, asked, calendar, levels)]
        reach = reach_of(engine, points, asked, feeds)
    return Judgement(_table(_explained(found), asked), reach)


def _beyond(points: Points, series: Series) -> list[Raised]:
    """Points beyond their bounds."""
    found = measured(points, series)
    return [
        replace(Raised.at(points, points.judged[each], found.told(int(each)), int(found.points[each])), excess=float(found.excess[each]))
        for each in np.flatnonzero(found.beyond)
        if not found.share[each] or np.any(history_before(points, points.judged[each]) > 0) or points.table["item"][int(points.judged[each])].as_py() == ""
    ]


def _explained(found: list[Raised]) -> list[Raised]:
    """Without what another alarm of the day tells already: fewer rows have fewer different values, a code that came or went moves the shares of the others,
    and of several quartiles or shares of a field the one farthest out speaks for all."""
    said = {(each.feed, each.mode, each.field, each.monitor, each.day) for each in found}
    farthest: dict[tuple[object, ...], Raised] = {}
    for each in found:
        key = (each.feed, each.mode, each.field, each.day, SPEAKS_FOR.get(each.monitor, (each.monitor, each.item)))
        farthest[key] = max(farthest.get(key, each), each, key=lambda one: one.excess)
    return [
        each
        for each in farthest.values()
        if not any((each.feed, each.mode, "" if other == "volume" else each.field, other, each.day) in said for other in EXPLAINED_BY.get(each.monitor, ()))
    ]


def _table(found: list[Raised], asked: Judged) -> pa.Table:
    ordered = sorted(found, key=lambda each: (each.feed, each.day, each.mode, each.field, each.monitor, each.item))
    words = [told(each.monitor, each.item, each.value, each.lower, each.upper) for each in ordered]
    columns: dict[str, list[object]] = {name: [getattr(each, name) for each in ordered] for name in ALARM.names[:-3]}
    columns |= {"zh": [each.zh for each in words], "en": [each.en for each in words], "moment": [asked.moment] * len(ordered)}
    return pa.table({field.name: pa.array(columns[field.name], field.type) for field in ALARM}, schema=ALARM)
