"""What a scorecard says is what the marts say of one department's feeds, month by month; it depends on nobody else, and holds no value of a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.model import Label
from contracts.read import load
from quality.errors import SnapshotOlder, UnknownDepartment
from quality.scorecards.card import Checked, Month, Scorecard
from quality.scorecards.facts import department_named, departments, month_of, months_until, scorecard
from quality.scorecards.lines import tendency
from quality.scorecards.values import MASKED
from tests.quality.scorecards.snapshot_kit import MOMENT, Rows, snapshot

FEED, OTHER = "ps_resident", "rental"
AUGUST, SEPTEMBER = date(2026, 8, 1), date(2026, 9, 1)


def card(rows: Rows, months: tuple[date, ...] = (AUGUST, SEPTEMBER), **looks: Any) -> Scorecard:
    contracts = load()
    with snapshot(rows) as con:
        return scorecard(con, contracts, department_named(contracts, FEED), months, **looks)


def fault(month: date, rule: str, quarantined: int = 0, marked: int = 0, **more: Any) -> dict[str, Any]:
    return {
        "feed": FEED,
        "month": month,
        "field": "address",
        "rule": rule,
        "quarantined": quarantined,
        "marked": marked,
        "examples": [],
        "marked_examples": [],
        **more,
    }


def test_a_month_is_the_sum_of_its_days() -> None:
    """Days of other months and feeds are left out; a month without deliveries is there with zeros."""
    days = [
        {"feed": FEED, "day": date(2026, 8, 31), "deliveries": 1, "delivered": 10, "landed": 7, "reduced": 2, "layout": 1, "wrong_totals": 1},
        {"feed": FEED, "day": date(2026, 8, 1), "deliveries": 2, "delivered": 5, "landed": 4, "refused": 1},
        {"feed": FEED, "day": date(2026, 6, 30), "deliveries": 7, "delivered": 70},
        {"feed": OTHER, "day": date(2026, 8, 2), "deliveries": 7, "delivered": 70},
    ]
    found = card({"feed_health": days, "source_fault": [fault(AUGUST, "padded", 2, 3), fault(AUGUST, "status-unknown", 1)]}, (date(2026, 7, 1), AUGUST))
    assert found.months == (Month(date(2026, 7, 1)), Month(AUGUST, 3, 15, refused=1, reduced=2, layout=1, landed=11, wrong_totals=1, quarantined=3, marked=3))


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
    """Most rows set aside first, then most marked; those of earlier months only are gone; of each feed its own rows are what a trend is a share of."""
    rows = [
        fault(SEPTEMBER, "padded", marked=90),
        fault(SEPTEMBER, "address-unreadable", 4),
        fault(AUGUST, "address-unreadable", 2, 1),
        fault(AUGUST, "name-missing", 1, examples=["d/9"]),
        fault(SEPTEMBER, "undecodable", 40, messages=1, field="*"),
    ]
    days = [{"feed": feed, "day": date(2026, 9, 1), "deliveries": 1, "delivered": n} for feed, n in ((FEED, 100), (OTHER, 900))]
    found = card({"source_fault": rows, "feed_health": days})
    assert [(each.rule, each.trend, each.quarantined, each.marked, each.messages) for each in found.faults] == [
        ("undecodable", (0, 40), 40, 0, 1),
        ("address-unreadable", (3, 4), 4, 0, 0),
        ("padded", (0, 90), 0, 90, 0),
    ]
    assert [(each.rule, each.trend) for each in found.gone] == [("name-missing", (1, 0))] and {each.delivered for each in found.faults} == {(0, 100)}


def test_rows_that_were_marked_are_shown_by_their_number() -> None:
    """After those that wait, three in all; the desk is not asked about them, and knows nothing of them."""
    rows = [
        fault(SEPTEMBER, "padded", 0, 9, marked_examples=["d/1", "d/4", "d/5"]),
        fault(SEPTEMBER, "address-unreadable", 2, 2, examples=["d/2", "d/3"], marked_examples=["d/6", "d/7"]),
    ]
    found = {each.rule: [example.row for example in each.examples] for each in card({"source_fault": rows}, looks=lambda origins: {}).faults}
    assert found == {"padded": ["d/1", "d/4", "d/5"], "address-unreadable": ["d/2", "d/3", "d/6"]}


def test_rows_to_look_at_wait_in_quarantine() -> None:
    """With what the desk knows of them; one that was redriven or rejected is shown no more, one that the desk does not know is; rows of earlier months are not asked for."""
    rows = [fault(SEPTEMBER, "address-unreadable", 3, examples=["d/1", "d/2", "d/3"]), fault(AUGUST, "name-missing", 1, examples=["d/9"])]
    asked: list[str] = []

    def looks(origins: Sequence[str]) -> dict[str, tuple[str | None, str | None, bool]]:
        asked.extend(origins)
        return {"d/2": ("汉x2", None, False), "d/3": (None, "wrong_check", True)}

    (found,) = card({"source_fault": rows}, looks=looks).faults
    assert [(each.row, each.shape, each.verdict) for each in found.examples] == [("d/1", None, None), ("d/3", None, "wrong_check")] and asked == [
        "d/1",
        "d/2",
        "d/3",
    ]


def test_a_layout_without_a_time_is_no_fault_of_its_department() -> None:
    """Rows that are dated by their delivery are told only of feeds that could give a time."""
    contracts = load()
    dated = {feed.name for feed in contracts.feeds.values() if feed.observed_at}
    assert "ho_dwelling" not in dated and {FEED, OTHER} <= dated
    rows = [{**fault(SEPTEMBER, "dated-by-delivery", marked=5), "feed": feed} for feed in ("ho_dwelling", FEED, OTHER)]
    with snapshot({"source_fault": rows}) as con:
        told = {feed: scorecard(con, contracts, department_named(contracts, feed), (SEPTEMBER,)).faults for feed in ("ho_dwelling", FEED, OTHER)}
    assert [len(told[feed]) for feed in ("ho_dwelling", FEED, OTHER)] == [0, 1, 1]


def test_differences_show_no_value_of_a_person_and_no_token() -> None:
    """Personal values are shapes, short ones nothing at all; plain ones stand in words; rows whose record is made of the person's token or of a household with children are left out; the newest three."""
    token = "p0123456789abcdef01234567"
    person = {"kind": "person", "entity": token, "attribute": "birth_year", "source": FEED, "claimed": "1970-01-02", "golden": "1970-01-12", "why": "outranked"}
    plain = {"kind": "dwelling", "entity": "e", "attribute": "use", "source": FEED, "record": "r9", "claimed": "1", "golden": "2", "why": "refuted_by_visit"}
    rows = [
        {**person, "record": token, "since": datetime(2026, 9, 9)},
        *({**person, "entity": f"{token[:-1]}{n}", "record": f"RY{n}", "since": datetime(2026, 9, n)} for n in (1, 2, 3)),
        {**person, "attribute": "sex", "record": "RY4", "claimed": "1", "golden": "2", "since": datetime(2026, 1, 1)},
        {**plain, "since": datetime(2026, 8, 31)},
        {**plain, "source": OTHER, "since": datetime(2026, 8, 31)},
        {
            **plain,
            "attribute": "present",
            "record": "minors:330302001001/某小区/1/-/1/301",
            "claimed": "true",
            "golden": "false",
            "since": datetime(2026, 8, 31),
        },
    ]
    found = card({"discrepancy": rows})
    assert "minors:" not in repr(found.fields)
    told = {each.attribute: each.differences for each in found.fields}
    assert [(each.why, each.count, each.since_month) for each in told["birth_year"]] == [("outranked", 4, 4)]
    looks = Label("9x4 - 9x2 - 9x2", "9x4 - 9x2 - 9x2")
    assert told["birth_year"][0].examples == (("RY3", looks, looks), ("RY2", looks, looks), ("RY1", looks, looks))
    assert told["sex"][0].examples == (("RY4", MASKED, MASKED),) and told["sex"][0].since_month == 0
    use = load().code_lists["dwelling_use"].labels
    assert told["use"][0].examples == (("r9", use["1"], use["2"]),) and (told["use"][0].count, told["use"][0].since_month) == (1, 0)
    assert told["present"][0].examples == () and told["present"][0].count == 1
    assert token[:-1] not in repr(found.fields)


DAYS = st.dates(date(2026, 6, 1), date(2026, 9, 9))
FEEDS = st.sampled_from([FEED, OTHER, "visit"])
HEALTH = st.lists(st.tuples(FEEDS, DAYS, st.integers(0, 50)), max_size=20, unique_by=lambda each: each[:2])
WEEKS = st.lists(st.tuples(FEEDS, st.integers(0, 14), st.sampled_from(["present", "from_on"]), st.integers(0, 9)), max_size=20, unique_by=lambda each: each[:3])
FAULTS = st.lists(
    st.tuples(FEEDS, st.sampled_from([AUGUST, SEPTEMBER]), st.sampled_from(["padded", "unidentified"]), st.integers(1, 9)),
    max_size=12,
    unique_by=lambda each: each[:3],
)


OTHERS = st.lists(st.tuples(FEEDS, st.sampled_from(["outranked", "not_claimed"]), DAYS, st.integers(0, 99)), max_size=12)


def test_a_group_of_attributes_is_told_in_words() -> None:
    """Its JSON is for machines: the values in their order, codes and yes and no in words, numbers without zeros behind the point."""
    value = '{"amount":2.000000,"bound":"approx","unit":"cases"}'
    rows = [
        {
            "kind": "event",
            "entity": "e",
            "attribute": "quantity",
            "source": FEED,
            "record": "r",
            "claimed": value,
            "golden": None,
            "why": "outranked",
            "since": datetime(2026, 9, 1),
        }
    ]
    (field,) = card({"discrepancy": rows}).fields
    ((_, claimed, golden),) = field.differences[0].examples
    bound, unit = (load().code_lists[name].labels[code] for name, code in (("quantity_bound", "approx"), ("quantity_unit", "cases")))
    assert (claimed.zh, claimed.en) == (f"2 {bound.zh} {unit.zh}", f"2 {bound.en} {unit.en}") and golden == Label("-", "-")


def drawn(health: list[Any], weeks: list[Any], faults: list[Any], differing: list[Any]) -> dict[str, list[dict[str, Any]]]:
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
        "source_fault": [
            {"feed": feed, "month": month, "field": "*", "rule": rule, "quarantined": n, "examples": [], "marked_examples": []}
            for feed, month, rule, n in faults
        ],
        "discrepancy": [
            {
                "kind": "residency",
                "entity": "e@d",
                "attribute": "from_on",
                "source": feed,
                "record": f"r{n}",
                "claimed": "2026-01-02",
                "golden": "2026-01-03",
                "why": why,
                "since": datetime.combine(day, time()),
            }
            for feed, why, day, n in differing
        ],
        "source_reliability": [
            {"feed": feed, "kind": "residency", "attribute": "present", "checked": 3, "mean": 0.5, "least": 0.1, "most": 0.9} for feed in (OTHER, "visit")
        ],
    }


@given(HEALTH, WEEKS, FAULTS, OTHERS)
def test_a_card_is_the_same_whatever_others_deliver(health: list[Any], weeks: list[Any], faults: list[Any], differing: list[Any]) -> None:
    """Rank-free: all rows of other feeds taken away, the card is equal. Its months add up to the days of its feed, counted here once more."""
    rows = drawn(health, weeks, faults, differing)
    found = card(rows)
    assert found == card({mart: [row for row in listed if row.get("feed", row.get("source")) == FEED] for mart, listed in rows.items()})
    days: Counter[date] = Counter()
    for feed, day, n in health:
        days[day.replace(day=1)] += n * (feed == FEED)
    assert [each.delivered for each in found.months] == [days[AUGUST], days[SEPTEMBER]]
    claims = dict.fromkeys([attribute for feed, at, attribute, _ in weeks if feed == FEED], 0)
    for feed, at, attribute, n in weeks:
        thursday = date(2026, 6, 4) + timedelta(weeks=at)
        if feed == FEED and thursday.month == 9:
            claims[attribute] += n
    assert {each.attribute: each.claims for each in found.fields if each.claims} == {attribute: n for attribute, n in claims.items() if n}
    assert sum(each.differing for each in found.fields) == sum(feed == FEED for feed, *_ in differing)
    assert found.month.quarantined == sum(n for feed, month, _, n in faults if feed == FEED and month == SEPTEMBER)


def test_the_newest_whole_month_with_deliveries() -> None:
    """Not the month that still runs, unless nothing came before it."""
    feeds = department_named(load(), FEED)
    for days, expected in (([date(2026, 7, 3), date(2026, 9, 1)], date(2026, 7, 1)), ([date(2026, 9, 1)], SEPTEMBER), ([], SEPTEMBER)):
        with snapshot({"feed_health": [{"feed": FEED, "day": day, "deliveries": 1} for day in days]}) as con:
            assert month_of(con, feeds) == expected
    assert months_until(date(2026, 2, 1), 3) == (date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1)) and MOMENT.date() > SEPTEMBER


def test_a_snapshot_of_an_earlier_release_is_told() -> None:
    """One that has no such mart, or not all of its columns: what to do is said, nothing is shown as zero."""
    contracts = load()
    for change in ("drop table source_fault", "alter table source_fault drop marked"):
        with snapshot({}) as con:
            con.execute(change)
            with pytest.raises(SnapshotOlder):
                scorecard(con, contracts, department_named(contracts, FEED), (SEPTEMBER,))


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
    assert tendency(trend, delivered).en == word
