"""Monitors that need no configuration: what each delivery looks like, and what is unlike it was before.

Read `closings` and `store` (profiles: `contracts.profiling` makes them), `calendar` (kinds of days), `points` (one value a day of everything watched), `bounds` (what is usual),
`measured` (what is beyond), `arrivals`, `novelties` (what no bound tells), `words` (every monitor in both languages), `reach` (how much can be judged), `alarms` and
`watched` (everything with its bounds). Imports `contracts` only; no clock: the moment is handed in.
"""

from quality.monitors.alarms import ALARM, Judgement, alarms, judgement
from quality.monitors.bounds import LEAST_POINTS
from quality.monitors.calendar import Calendar, DayKind, calendar_of
from quality.monitors.closings import closing_profile
from quality.monitors.points import Judged
from quality.monitors.reach import Counted, Reach
from quality.monitors.store import Place, ProfileStore, profile_store
from quality.monitors.watched import WATCHED, watched
from quality.monitors.words import MONITORS, NAMED, Monitor, shown

__all__ = [
    "ALARM",
    "LEAST_POINTS",
    "MONITORS",
    "NAMED",
    "WATCHED",
    "Calendar",
    "Counted",
    "DayKind",
    "Judged",
    "Judgement",
    "Monitor",
    "Place",
    "ProfileStore",
    "Reach",
    "alarms",
    "calendar_of",
    "closing_profile",
    "judgement",
    "profile_store",
    "shown",
    "watched",
]
