"""Twelve kinds of incidents planted in ninety simulated days of five feeds: found, and nothing else cried."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, time, timedelta

import pytest

from contracts.read import load
from quality.monitors import Judged, alarms, calendar_of
from tests.quality.monitors.planted import INCIDENTS, history
from tests.quality.monitors.simulated import DAYS, FEEDS

SEEDS = (2, 5, 9, 11)
LEAST_FOUND = 11
MOST_FALSE = 1
"""False alarms of one feed in one month of thirty days."""


@pytest.mark.parametrize("seed", SEEDS)
def test_incidents_are_found_and_quiet_days_are_quiet(seed: int) -> None:
    """At least eleven of twelve incidents alarm on their day, in their field, by a monitor that means them; no feed has more than one other alarm in any month."""
    profiles, incidents, begin = history(seed)
    contracts = load()
    levels = {name: feed.service_level for name, feed in contracts.feeds.items() if feed.service_level is not None}
    asked = Judged(datetime.combine(begin + timedelta(days=DAYS), time()), begin)
    found = alarms(profiles, asked, calendar_of(contracts), levels).to_pylist()
    told = {(row["feed"], row["day"], row["field"], row["monitor"]) for row in found}
    missed = [each for each in incidents if not any((each.feed, each.day, field, name) in told for field in ("", each.field) for name in each.monitors)]
    days = {(each.feed, each.day) for each in incidents}
    false = [row for row in found if (row["feed"], row["day"]) not in days]
    months = Counter((row["feed"], (row["day"] - begin).days // 30) for row in false)
    print(f"seed {seed}: {len(incidents) - len(missed)} of {len(incidents)} found, {len(false)} false alarms in {len(FEEDS) * DAYS // 30} months of a feed")
    assert len({each.kind for each in incidents}) == len(INCIDENTS) == 12
    assert len(incidents) - len(missed) >= LEAST_FOUND, missed
    assert max(months.values(), default=0) <= MOST_FALSE, false
