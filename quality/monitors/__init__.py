"""Monitors that need no configuration: what each delivery looks like, and what is unlike it was before.

Read `closings` and `store` (profiles: `contracts.profiling` makes them), `calendar` (kinds of days), `points` (one value a day of everything watched), `bounds` (what is usual),
`arrivals`, `novelties` (what no bound tells), `words` (every monitor in both languages) and `alarms`. Imports `contracts` only; no clock: the moment is handed in.
"""

from quality.monitors.alarms import ALARM, alarms
from quality.monitors.calendar import Calendar, DayKind, calendar_of
from quality.monitors.closings import closing_profile
from quality.monitors.points import Judged
from quality.monitors.store import Place, ProfileStore, profile_store
from quality.monitors.words import MONITORS, NAMED, Monitor, shown

__all__ = [
    "ALARM",
    "MONITORS",
    "NAMED",
    "Calendar",
    "DayKind",
    "Judged",
    "Monitor",
    "Place",
    "ProfileStore",
    "alarms",
    "calendar_of",
    "closing_profile",
    "profile_store",
    "shown",
]
