"""Indicators by area: what the two marts show together, attacked as one: months, longer periods, and bases a year later are the same numbers again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.warehouse.attacker import Attacker
from tests.warehouse.samples import contracts
from warehouse.catalogue import mart_files
from warehouse.engine import run, speak
from warehouse.suppress import Released, Shape, suppressed
from warehouse.suppress.rule import LEAST_SHOWN, WIDEST_HIDDEN
from warehouse.suppress.turns import Turns

COUNT, YOY = (mart_files()[name] for name in ("indicator_count", "indicator_yoy"))
COUNTY = "331022"
MONTHS = (date(2025, 1, 1), date(2025, 2, 1), date(2026, 1, 1), date(2026, 2, 1))
PERIODS = {str(month): (month, date(month.year, month.month + 1, 1) - timedelta(days=1)) for month in MONTHS}
WHOLE = {str(year): tuple(str(month) for month in MONTHS if month.year == year) for year in (2025, 2026)}
ALL = {**PERIODS, **{str(year): (date(year, 1, 1), date(year, 2, 28)) for year in (2025, 2026)}}
SCHEMA = (
    "entity varchar, kind varchar, measure varchar, place_id varchar, from_on date, to_on date, amount decimal(18, 6), bound varchar, unit varchar, base decimal(18, 6),"
    " base_bound varchar, present boolean, quantity__seen_at timestamp_ms, quantity__source varchar"
)
Leaves = dict[str, dict[str, int]]
"""By area that has no smaller ones and by month how many."""
Told = dict[tuple[str, str], bool]
"""Area and period of which a number is told; whether the one of the year before stands beside it."""


@pytest.fixture(scope="module")
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        speak(connection, contracts().rules_sql)
        run(connection, f"create table event_current ({SCHEMA})")
        run(connection, "create table residency_current (area varchar, present boolean, main boolean)")
        run(connection, f"insert into residency_current select '{COUNTY}100200', true, true from range(60)")
        yield connection


def number_of(leaves: Leaves, area: str, period: str) -> int:
    return sum(months[part] for leaf, months in leaves.items() if leaf.startswith(area) for part in WHOLE.get(period, (period,)))


def year_before(period: str) -> str | None:
    earlier = period.replace("2026", "2025")
    return earlier if earlier != period else None


def areas_of(leaves: Leaves) -> list[str]:
    """With the areas they lie in."""
    return sorted({area[:digits] for area in leaves for digits in (6, 9, 12)})


def published(engine: duckdb.DuckDBPyConnection, leaves: Leaves, told: Told, released: Released) -> dict[tuple[str, str], int]:
    """Every number that a reader finds in either mart, by area and period; asserts that no two tell different ones."""
    run(engine, "delete from event_current")
    rows = []
    for (area, period), based in told.items():
        before = year_before(period) if based else None
        base = number_of(leaves, area, before) if before else None
        amount = number_of(leaves, area, period)
        rows.append(
            (
                f"{area}:{period}",
                "incident_count",
                "calls",
                area,
                *ALL[period],
                amount,
                "eq",
                "cases",
                base,
                "eq" if before else None,
                True,
                None,
                "hotline_count",
            )
        )
    engine.executemany(f"insert into event_current values ({', '.join('?' * 14)})", rows)
    assert COUNT.suppress is not None
    made = suppressed(engine.sql(COUNT.sql).to_arrow_table(), Shape(COUNT.name, COUNT.grain, COUNT.suppress), released)
    run(engine, "drop table if exists indicator_count")
    engine.register("releasing", made)
    run(engine, "create table indicator_count as select * from releasing")
    engine.unregister("releasing")
    return seen_in(made, engine.sql(YOY.sql).to_arrow_table())


def seen_in(counts: pa.Table, yoy: pa.Table) -> dict[tuple[str, str], int]:
    names = {period: name for name, period in ALL.items()}
    seen: dict[tuple[str, str], int] = {}

    def see(area: str, period: str | None, value: Any) -> None:
        if value is not None:
            assert period is not None and seen.setdefault((area, period), int(value)) == int(value)

    for row in (row for row in counts.to_pylist() if row["area"] == COUNTY or not row["area"].endswith("000")):  # those are differences of the others
        name = names[row["from_on"], row["to_on"]]
        see(row["area"], name, row["told"])
        see(row["area"], name, row["stated"])
    for row in yoy.to_pylist():
        name = names[row["from_on"], row["to_on"]]
        see(row["area"], name, row["current"])
        see(row["area"], year_before(name), row["base"])
        if row["change"] is not None:
            assert row["current"] is not None and row["base"] >= 20
    return seen


@st.composite
def district(draw: st.DrawFn) -> Leaves:
    """Townships told as a whole or by village; many numbers are small."""
    number = st.one_of(st.just(0), st.integers(1, 9), st.integers(10, 40), st.integers(100, 900))
    townships = [f"{COUNTY}{100 + nth}" for nth in range(draw(st.integers(1, 3)))]
    leaves = [
        area for township in townships for area in ([township] if draw(st.booleans()) else [f"{township}{200 + nth}" for nth in range(draw(st.integers(1, 2)))])
    ]
    return {leaf: {month: draw(number) for month in PERIODS} for leaf in leaves}


@st.composite
def telling(draw: st.DrawFn, leaves: Leaves) -> Told:
    """Of which areas and periods a number is told, of most and at least of one; with or without a base."""
    asked = [(area, period) for area in areas_of(leaves) for period in ALL]
    left_out = draw(st.sets(st.sampled_from(asked), max_size=len(asked) // 2))
    return {each: draw(st.booleans()) for each in asked if each not in left_out}


def narrow(found: Iterable[tuple[Any, float, float]]) -> list[Any]:
    """Those that may be 1 to 9; what was never told but adds up to more, of other numbers, tells nothing small."""
    return [each for each in found if each[1] < LEAST_SHOWN and each[2] > 0]


def learn(attacker: Attacker, leaves: Leaves, seen: dict[tuple[str, str], int], before: list[dict[str, Any]] | None) -> list[dict[str, Any]]:
    """The attacker knows whatever either mart shows; gives the true rows."""
    areas = areas_of(leaves)
    true = [{"area": area, **{period: number_of(leaves, area, period) for period in ALL}} for area in areas]
    shown = [{"area": row["area"], **{period: seen.get((str(row["area"]), period)) for period in ALL}} for row in true]
    attacker.learn(true, shown, before)
    return true


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_no_hidden_number_of_an_indicator_is_narrower_than_one_to_nine(engine: duckdb.DuckDBPyConnection, data: st.DataObject) -> None:
    """Solved from all numbers, bases, changes and longer periods of both marts, what is not shown and small may hold ten values or more; nothing shown is 1 to 9."""
    leaves = data.draw(district())
    attacker = Attacker(tuple(ALL), (), WHOLE)
    seen = published(engine, leaves, data.draw(telling(leaves)), Released())
    learn(attacker, leaves, seen, None)
    assert all(value == 0 or value >= LEAST_SHOWN for value in seen.values())
    assert narrow(attacker.narrow(WIDEST_HIDDEN)) == []


@settings(max_examples=10, deadline=None)
@given(st.data())
def test_no_hidden_number_of_any_release_of_an_indicator_is_narrower(engine: duckdb.DuckDBPyConnection, data: st.DataObject) -> None:
    """A second release with more told and a few numbers changed, solved together with the first."""
    leaves, released, attacker = data.draw(district()), Released(), Attacker(tuple(ALL), (), WHOLE)
    told = data.draw(telling(leaves))
    before = learn(attacker, leaves, published(engine, leaves, told, released), None)
    changed = {leaf: dict(months) for leaf, months in leaves.items()}
    for leaf in data.draw(st.lists(st.sampled_from(sorted(leaves)), unique=True, max_size=2)):
        changed[leaf][data.draw(st.sampled_from(sorted(PERIODS)))] = data.draw(st.integers(0, 60))
    learn(attacker, changed, published(engine, changed, {**data.draw(telling(changed)), **told}, released), before)
    assert narrow(attacker.told(WIDEST_HIDDEN)) == []


def test_what_is_large_is_shown(engine: duckdb.DuckDBPyConnection) -> None:
    """Townships with hundreds: every number told stands in the mart, of months, of a year, and of bases; so hiding everything would fail."""
    leaves = {f"{COUNTY}{100 + nth}": dict.fromkeys(PERIODS, 100 + nth) for nth in range(3)}
    told = {(area, period): True for area in areas_of(leaves) for period in ALL}
    seen = published(engine, leaves, told, Released())
    assert seen == {(area, period): number_of(leaves, area, period) for area, period in told}


def test_a_year_is_hidden_where_one_of_its_months_is(engine: duckdb.DuckDBPyConnection) -> None:
    """January is shown and February has 3: the two months together would tell February; so it is in a larger area only where both are shown."""
    leaves = {
        f"{COUNTY}100": {**dict.fromkeys(PERIODS, 50), "2026-02-01": 3},
        f"{COUNTY}101": dict.fromkeys(PERIODS, 80),
        f"{COUNTY}102": dict.fromkeys(PERIODS, 90),
    }
    told = {(area, period): False for area in areas_of(leaves) for period in ("2026-01-01", "2026-02-01", "2026")}
    seen = published(engine, leaves, told, Released())
    assert {area for area, period in told if (area, period) not in seen and period == "2026"} == {f"{COUNTY}100", f"{COUNTY}101"}
    assert seen[COUNTY, "2026"] == 3 + 50 + 160 + 180


def test_a_base_is_hidden_where_its_own_month_is(engine: duckdb.DuckDBPyConnection) -> None:
    """A base of 4 beside a number of 40: neither it nor the change is shown, nor another township's base that would tell it."""
    leaves = {f"{COUNTY}{100 + nth}": {**dict.fromkeys(PERIODS, 40), "2025-01-01": base} for nth, base in enumerate((4, 60, 90))}
    seen = published(engine, leaves, {(area, "2026-01-01"): True for area in areas_of(leaves)}, Released())
    assert {area for area in areas_of(leaves) if (area, "2025-01-01") not in seen} == {f"{COUNTY}100", f"{COUNTY}101"}
    assert all((area, "2026-01-01") in seen for area in areas_of(leaves))


def test_of_periods_that_overlap_the_released_one_keeps_its_place() -> None:
    """Released before, then shortest, then earliest; what overlaps it is never free, other indicators are."""
    turns = Turns.of((1, 2), ["calls|2025-01-01|2025-12-31|331022"])
    names = [
        "calls|2025-03-01|2025-03-31|331022",
        "calls|2025-01-01|2025-12-31|331022",
        "fraud|2025-03-01|2025-03-31|331022",
        "calls|2026-01-01|2026-01-31|331022",
    ]
    assert sorted(names, key=turns.order)[0] == names[1]
    assert [turns.free(name) for name in names] == [False, True, True, True]
    turns.take(names[3])
    assert not turns.free("calls|2026-01-01|2026-12-31|331022") and turns.free("calls|2026-02-01|2026-02-28|331022")
