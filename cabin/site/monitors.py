"""What monitors say, as a site shows it: values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from cabin.monitored import holidays_missing, monitored, reach_told
from cabin.session import Session
from contracts.errors import Unavailable
from contracts.model import Label
from quality.monitors import Judged, watched


@dataclass(frozen=True, slots=True)
class Watched:
    """One series; see `quality.monitors.WATCHED`."""

    feed: str
    mode: str
    field: str
    monitor: str
    item: str
    day: date
    value: float
    lower: float | None
    upper: float | None
    points: int
    history: tuple[float, ...] = ()
    beyond: bool = False


@dataclass(frozen=True, slots=True)
class Alarm:
    """What is out of bounds, as a series is told, and the sentence that says so."""

    at: Watched
    says: Label


@dataclass(frozen=True, slots=True)
class Monitored:
    """All of it at one moment (Beijing time); `told`: how much could be judged, in sentences."""

    at: datetime
    alarms: tuple[Alarm, ...] = ()
    watched: Mapping[str, tuple[Watched, ...]] = field(default_factory=dict)
    told: tuple[Label, ...] = ()


def monitors(session: Session, at: datetime) -> Monitored | None:
    """None where there is no log. Deliveries that were closed are profiled first, as `cabin quality monitor` does; where that cannot be done, it is told why and nothing else."""
    if not session.has_log:
        return None
    asked = Judged(at)
    try:
        found = monitored(session, None, asked)
    except Unavailable as error:
        return Monitored(at, told=(Label(error.render("zh")[0], error.render("en")[0]),))
    by_feed: dict[str, list[Watched]] = {}
    for row in watched(found.profiles, asked, found.calendar).to_pylist():
        by_feed.setdefault(row["feed"], []).append(_series(row, row["beyond"]))
    alarms = tuple(Alarm(_series(row, True), Label(row["zh"], row["en"])) for row in found.judgement.alarms.to_pylist())
    missing = holidays_missing(found.calendar, at)
    told = (*([missing] if missing else []), *reach_told(found.judgement.reach, bool(alarms)))
    return Monitored(at, alarms, {name: tuple(each) for name, each in by_feed.items()}, told)


def _series(row: Mapping[str, Any], beyond: bool) -> Watched:
    shared = {name: row[name] for name in ("feed", "mode", "field", "monitor", "item", "day", "value", "lower", "upper", "points")}
    return Watched(**shared, history=tuple(row["history"]), beyond=beyond)
