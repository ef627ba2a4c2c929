"""Counts of departments from file to mart: sessions, hotline, bank counters, patrols, programmes, bulletins."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cabin.kit import done
from tests.golden.harness import SAMPLES

FEEDS = ("session", "hotline_count", "bank_counter", "patrol", "programme", "bulletin", "thing_device")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cabin with the sample of every feed that counts, run once."""
    folder = tmp_path_factory.mktemp("counts") / "data"
    for feed in FEEDS:
        (file,) = (path for path in (SAMPLES / feed).glob("sample.*") if not path.name.endswith(".manifest.json"))
        done(folder, "land", feed, str(file), *(() if (SAMPLES / feed / f"{file.name}.manifest.json").exists() else ("--mode", "increment")))
    done(folder, "run")
    return folder


def asked(data: Path, sql: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = done(data, "--json", "sql", sql).document["rows"]
    return rows


def test_a_bounded_number_stays_one_up_to_the_mart(data: Path) -> None:
    """4000余人 in 80 sessions, fewer than 200 in another and about 15,000 in two more: the month has 4000 or more, and the text's own number beside it."""
    (month,) = asked(
        data,
        "select attendance, attendance_bound, attendance_least, attendance_most, leaflets_bound from activity where kind = 'session' and township = '330302006'",
    )
    assert (float(month["attendance"]), month["attendance_bound"], float(month["attendance_least"]), month["attendance_most"]) == (
        19_200,
        "between",
        4_000,
        None,
    )
    assert month["leaflets_bound"] == "ge"
    (patrols,) = asked(
        data, "select activities, officers, helpers, helpers_bound from activity where kind = 'patrol' and township = '330302006' and officers > 0"
    )
    assert (patrols["activities"], float(patrols["officers"]), float(patrols["helpers"]), patrols["helpers_bound"]) == (3, 3, 36, "ge")


def test_the_hotline_and_a_bulletin_speak_of_one_number(data: Path) -> None:
    """What both tell is one entity, agreed; the stated base makes the change; a base of 0 makes none."""
    made = {
        row["indicator"]: row
        for row in asked(data, "select indicator, current, base, change, source from indicator_yoy where area = '330302006' and from_on = date '2026-03-01'")
    }
    assert {name: None if row["change"] is None else round(float(row["change"]), 4) for name, row in made.items()} == {
        "incidents": -0.3775,
        "robbery": None,
        "ebike_theft": None,
    }
    (told,) = asked(
        data, "select quantity__status as status, before__status as base from event_current where entity = 'count:330302006:incidents:2026-03-01:2026-03-31'"
    )
    assert told == {"status": "agreed", "base": "single"}


def test_branches_and_programmes(data: Path) -> None:
    """A day left blank leaves the branch's sum open; 元 and 万元 are one unit; two phases of a programme drift."""
    (branch,) = asked(data, "select warned, warned_bound, saved_yuan, saved_yuan_bound from counter_warning where branch = 'WD0001'")
    assert (float(branch["warned"]), branch["warned_bound"], float(branch["saved_yuan"]), branch["saved_yuan_bound"]) == (12, "ge", 390_000, "eq")
    (cores,) = asked(data, "select phases, drift_bound, drift_flagged from programme_progress where programme = '一元换锁芯'")
    assert (cores["phases"], cores["drift_bound"], cores["drift_flagged"]) == (2, "gt", True)


def test_the_stock_is_what_the_inventory_lists(data: Path) -> None:
    """Every owner class of the inventory stands in the stock, and its total is their sum."""
    made = asked(data, "select ownership, things, total from thing_stock where kind = 'camera'")
    assert {row["ownership"]: row["things"] for row in made} == {"public": 1, "unit": 1, "private": 1}
    assert {row["total"] for row in made} == {3}
