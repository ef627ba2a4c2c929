"""What a scorecard says is what the marts say of one department's feeds, month by month; it depends on nobody else, and holds no value of a person."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.read import load
from quality.errors import UnknownDepartment
from quality.scorecards.facts import Checked, Fault, Month, Scorecard, department_named, departments, month_of, months_until, scorecard
from quality.scorecards.lines import tendency
from tests.quality.scorecards.snapshot_kit import MOMENT, Rows, snapshot

FEED, OTHER = "ps_resident", "rental"
AUGUST, SEPTEMBER = date(2026, 8, 1), date(2026, 9, 1)


def card(rows: Rows, months: tuple[date, ...] = (AUGUST, SEPTEMBER), **looks: Any) -> Scorecard:
    contracts = load()
    with snapshot(rows) as con:
        return scorecard(con, contracts, department_named(contracts, FEED), months, **looks)


def fault(month: date, rule: str, quarantined: int = 0, mended: int = 0, **more: Any) -> dict[str, Any]:
    return {"feed": FEED, "month": month, "field": "address", "rule": rule, "quarantined": quarantined, "mended": mended, "examples": [], **more}


def test_a_month_is_the_sum_of_its_days() -> None:
    """Days of other months and feeds are left out; a month without deliveries is there with zeros."""
    days = [
        {"feed": FEED, "day": date(2026, 8, 31), "deliveries": 1, "delivered": 10, "accepted": 9, "quarantined": 1},
        {"feed": FEED, "day": date(2026, 8, 1), "deliveries": 2, "delivered": 5, "landed": 4, "refused": 1, "mended": 3},
        {"feed": FEED, "day": date(2026, 6, 30), "deliveries": 7, "delivered": 70},
        {"feed": OTHER, "day": date(2026, 8, 2), "deliveries": 7, "delivered": 70},
    ]
    found = card({"feed_health": days}, (date(2026, 7, 1), AUGUST))
    assert found.months == (Month(date(2026, 7, 1)), Month(AUGUST, 3, 15, refused=1, landed=4, accepted=9, quarantined=1, mended=3))


def test_a_week_belongs_to_the_month_of_its_thursday() -> None:
    """The week from 31 August has four days in September; the one from 27 July lies in July with five."""
    weeks = [
        {"feed": FEED, "kind": "residency", "attribute": "present", "grid": "g", "week": week, "claims": n, "late": 1, "checked": 2 * n, "confirmed": n}
        for week, n in ((date(2026, 8, 31), 5), (date(2026, 8, 24), 3), (date(2026, 7, 27), 100))
    ]
    (field,) = card({"source_quality": weeks}).fields
    assert (field.claims, field.late, field.checks) == (5, 1, (Checked(6, 3), Checked(10, 5))) and field.checks[0].accuracy == 0.5


def test_what_counts_now_is_asked_of_all_weeks() -> None:
    """A value delivered long ago may still be in force: freshness is over all of them, and quarantined rows are no field."""
    weeks = [
        {"feed": FEED, "kind": "person", "attribute": "sex", "grid": "g", "week": date(2025, 1, 6), "in_force": 6, "fresh": 0},
        {"feed": FEED, "kind": "person", "attribute": "sex", "grid": "h", "week": date(2026, 9, 7), "in_force": 2, "fresh": 2},
        {"feed": FEED, "kind": "*", "attribute": "address", "grid": "-", "week": date(2026, 9, 7), "quarantined": 4},
        {"feed": FEED, "kind": "residency", "attribute": "*", "grid": "g", "week": date(2026, 9, 7)},
    ]
    (field,) = card({"source_quality": weeks}).fields
    assert (field.fresh, field.claims, field.reliable) == (0.25, 0, None)


def test_faults_are_told_with_their_months() -> None:
    """Most rows set aside first, then most mended; those of earlier months only are gone; at most three examples, with what the desk knows of them."""
    rows = [
        fault(SEPTEMBER, "padded", mended=90),
        fault(SEPTEMBER, "address-unreadable", 4, examples=["d/1", "d/2", "d/3"]),
        fault(AUGUST, "address-unreadable", 2),
        fault(AUGUST, "name-missing", 1, examples=["d/9"]),
        fault(SEPTEMBER, "undecodable", messages=1, field="*"),
    ]
    found = card({"source_fault": rows}, looks=lambda asked: {"d/2": ("汉x2", None), "d/3": (None, "check_digit")} if "d/9" not in asked else {})
    assert [(each.rule, each.trend, each.rows) for each in found.faults] == [
        ("address-unreadable", (2, 4), 4),
        ("undecodable", (0, 1), 1),
        ("padded", (0, 90), 90),
    ]
    assert [(each.row, each.shape, each.verdict) for each in found.faults[0].examples] == [
        ("d/1", None, None),
        ("d/2", "汉x2", None),
        ("d/3", None, "check_digit"),
    ]
    assert [(each.rule, each.trend) for each in found.gone] == [("name-missing", (1, 0))]


def test_differences_show_no_value_of_a_person_and_no_token() -> None:
    """Personal values are shapes, short ones nothing at all; plain values stand; a record made of the person's token is left out; the newest three."""
    token = "p0123456789abcdef01234567"
    person = {"kind": "person", "entity": token, "attribute": "birth_year", "source": FEED, "claimed": "1970-01-02", "golden": "1970-01-12", "why": "outranked"}
    plain = {"kind": "dwelling", "entity": "e", "attribute": "use", "source": FEED, "record": "r9", "claimed": "1", "golden": "2", "why": "refuted_by_visit"}
    rows = [
        {**person, "record": token, "since": datetime(2026, 9, 9)},
        *({**person, "entity": f"{token[:-1]}{n}", "record": f"RY{n}", "since": datetime(2026, 9, n)} for n in (1, 2, 3)),
        {**person, "attribute": "sex", "record": "RY4", "claimed": "1", "golden": "2", "since": datetime(2026, 1, 1)},
        {**plain, "since": datetime(2026, 8, 31)},
        {**plain, "source": OTHER, "since": datetime(2026, 8, 31)},
    ]
    found = card({"discrepancy": rows})
    told = {each.attribute: each.differences for each in found.fields}
    assert [(each.why, each.count, each.since_month) for each in told["birth_year"]] == [("outranked", 4, 4)]
    assert told["birth_year"][0].examples == (
        (None, "9x4 - 9x2 - 9x2", "9x4 - 9x2 - 9x2"),
        ("RY3", "9x4 - 9x2 - 9x2", "9x4 - 9x2 - 9x2"),
        ("RY2", "9x4 - 9x2 - 9x2", "9x4 - 9x2 - 9x2"),
    )
    assert told["sex"][0].examples == (("RY4", "＊", "＊"),) and told["sex"][0].since_month == 0
    assert told["use"][0].examples == (("r9", "1", "2"),) and (told["use"][0].count, told["use"][0].since_month) == (1, 0)
    assert token[:-1] not in repr(found)


DAYS = st.dates(date(2026, 6, 1), date(2026, 9, 9))
FEEDS = st.sampled_from([FEED, OTHER, "visit"])
HEALTH = st.lists(st.tuples(FEEDS, DAYS, st.integers(0, 50)), max_size=20, unique_by=lambda each: each[:2])
WEEKS = st.lists(st.tuples(FEEDS, st.integers(0, 14), st.sampled_from(["present", "from_on"]), st.integers(0, 9)), max_size=20, unique_by=lambda each: each[:3])
FAULTS = st.lists(
    st.tuples(FEEDS, st.sampled_from([AUGUST, SEPTEMBER]), st.sampled_from(["padded", "unidentified"]), st.integers(1, 9)),
    max_size=12,
    unique_by=lambda each: each[:3],
)


def drawn(health: list[Any], weeks: list[Any], faults: list[Any]) -> dict[str, list[dict[str, Any]]]:
    return {
        "feed_health": [{"feed": feed, "day": day, "deliveries": 1, "delivered": n} for feed, day, n in health],
        "source_quality": [
            {
                "feed": feed,
                "kind": "residency",
                "attribute": attribute,
                "grid": "g",
                "week": date(2026, 6, 1) + timedelta(weeks=at),
                "claims": n,
                "checked": n,
                "confirmed": n // 2,
            }
            for feed, at, attribute, n in weeks
        ],
        "source_fault": [{"feed": feed, "month": month, "field": "*", "rule": rule, "quarantined": n, "examples": []} for feed, month, rule, n in faults],
    }


@given(HEALTH, WEEKS, FAULTS)
def test_a_card_is_the_same_whatever_others_deliver(health: list[Any], weeks: list[Any], faults: list[Any]) -> None:
    """Rank-free: all rows of other feeds taken away, the card is equal. Its months add up to the days of its feed, counted here once more."""
    rows = drawn(health, weeks, faults)
    found = card(rows)
    assert found == card({mart: [row for row in listed if row["feed"] == FEED] for mart, listed in rows.items()})
    days: Counter[date] = Counter()
    for feed, day, n in health:
        days[day.replace(day=1)] += n * (feed == FEED)
    assert [each.delivered for each in found.months] == [days[AUGUST], days[SEPTEMBER]]
    claims: Counter[str] = Counter()
    for feed, at, attribute, n in weeks:
        thursday = date(2026, 6, 4) + timedelta(weeks=at)
        claims[attribute] += n * (feed == FEED and (thursday.year, thursday.month) == (2026, 9))
    assert {each.attribute: each.claims for each in found.fields}.items() <= {**claims}.items()
    assert sum(each.quarantined for each in found.faults) == sum(n for feed, month, _, n in faults if feed == FEED and month == SEPTEMBER)


def test_the_newest_whole_month_with_deliveries() -> None:
    """Not the month that still runs, unless nothing came before it."""
    feeds = department_named(load(), FEED)
    for days, expected in (([date(2026, 7, 3), date(2026, 9, 1)], date(2026, 7, 1)), ([date(2026, 9, 1)], SEPTEMBER), ([], SEPTEMBER)):
        with snapshot({"feed_health": [{"feed": FEED, "day": day, "deliveries": 1} for day in days]}) as con:
            assert month_of(con, feeds) == expected
    assert months_until(date(2026, 2, 1), 3) == (date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1)) and MOMENT.date() > SEPTEMBER


def test_departments_are_listed_by_name_and_found_in_either_language() -> None:
    """Every feed belongs to one; by the Chinese name, the English one or a feed's; another name is told."""
    contracts = load()
    listed = departments(contracts)
    assert list(listed) == sorted(listed) and sorted(feed.name for feeds in listed.values() for feed in feeds) == sorted(contracts.feeds)
    wanted = contracts.feeds[FEED]
    assert {department_named(contracts, name) for name in (FEED, wanted.department.zh, wanted.department.en)} == {(wanted,)}
    with pytest.raises(UnknownDepartment):
        department_named(contracts, "nobody")


@pytest.mark.parametrize(
    ("trend", "delivered", "word"),
    [
        ((0, 5), (10, 10), "new"),
        ((0, 5), (0, 10), "-"),
        ((5, 0), (10, 10), "gone"),
        ((5, 0), (10, 0), "-"),
        ((5, 10), (10, 20), "the same"),
        ((5, 10), (10, 10), "more"),
        ((5, 4), (10, 10), "fewer"),
        ((5,), (9,), "-"),
    ],
)
def test_a_trend_is_one_of_shares(trend: tuple[int, ...], delivered: tuple[int, ...], word: str) -> None:
    """Twice the faults of twice the rows are the same; nothing is new where nothing came before, and nothing gone where nothing came."""
    assert tendency(trend, delivered).en == word and Fault("f", "*", "r", 0, 0, 0, trend).rows == trend[-1]
