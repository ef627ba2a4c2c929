"""The reports' figures through the marts that people read: as many things as were counted, the rates and costs as they were stated."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from tests.oracles.kit import REPORTS, read
from tests.warehouse.samples import contracts
from tests.warehouse.test_marts import MARTS, answer
from warehouse.suppress import Released, Shape, suppressed

OWNERS = ("public", "unit", "private", "rural")


def rows(tables: duckdb.DuckDBPyConnection, mart: str) -> list[dict[str, Any]]:
    return answer(tables, contracts(), MARTS[mart], datetime(2026, 9, 1)).to_pylist()


def say(tables: duckdb.DuckDBPyConnection, kind: str, text: str, **columns: str) -> None:
    """One golden event whose number a report gives as `text`."""
    number = read(text)
    given = {
        "entity": f"{kind}:{text}:{sorted(columns.items())}",
        "kind": kind,
        "amount": str(number.value),
        "bound": number.bound,
        "unit": number.unit,
        **columns,
    }
    names, values = ", ".join(given), list(given.values())
    tables.execute(f"insert into event_current ({names}) values ({', '.join('?' * len(values))})", values)


def stock(tables: duckdb.DuckDBPyConnection, counts: list[int]) -> list[dict[str, Any]]:
    tables.execute("delete from thing_current")
    for owner, count in zip(OWNERS, counts, strict=True):
        tables.execute(
            "insert into thing_current (entity, area, kind, ownership, status) select ? || ':' || i, '610922', 'camera', ?, 'working' from range(?) as r(i)",
            [owner, owner, count],
        )
    return rows(tables, "thing_stock")


def test_o1_the_stock_adds_up_to_its_total(tables: duckdb.DuckDBPyConnection) -> None:
    """O1: 966 + 3065 + 6961 + 4958 cameras are 15950 in the mart; one more or one less of any owner class is another total."""
    parts, total = [int(read(text).value) for text in REPORTS["O1"]["parts"]], int(read(REPORTS["O1"]["total"]).value)
    made = stock(tables, parts)
    assert {row["ownership"]: row["things"] for row in made} == dict(zip(OWNERS, parts, strict=True))
    assert {row["total"] for row in made} == {sum(row["things"] for row in made)} == {total}
    for place in range(len(parts)):
        for off in (-1, 1):
            moved = [part + off * (number == place) for number, part in enumerate(parts)]
            assert {row["total"] for row in stock(tables, moved)} == {total + off}


def indicators(tables: duckdb.DuckDBPyConnection) -> dict[str, dict[str, Any]]:
    """The year on year of each indicator as it is published where 60 people live."""
    tables.execute("insert into residency_current (entity, area, present, main) select 'p' || i || '@d', '330302006071', true, true from range(60) as r(i)")
    count = MARTS["indicator_count"]
    assert count.suppress is not None
    made = suppressed(answer(tables, contracts(), count, datetime(2026, 9, 1)), Shape(count.name, count.grain, count.suppress), Released())
    tables.register("releasing", made)
    tables.execute("delete from indicator_count")
    tables.execute("insert into indicator_count by name select * from releasing")
    tables.unregister("releasing")
    return {row["indicator"]: row for row in rows(tables, "indicator_yoy")}


def test_o9_and_o20_changes_of_indicators(tables: duckdb.DuckDBPyConnection) -> None:
    """O9, O20: from 204 to 127 is -37.7 %; to 0 is -100 %; a base of 0 has no change. Both periods are kept, but of 3 before and of 2 now neither number nor change is published."""
    where = {"place_id": "330302", "from_on": "2022-01-01", "to_on": "2022-12-31"}
    for measure, now, before in (
        ("incidents", REPORTS["O20"]["now"], REPORTS["O20"]["before"]),
        ("theft", "0起", "30起"),
        ("escalated", "0起", REPORTS["O9"]["before"]),
        ("fires", "20起", "0起"),
        ("robbery", "2起", "0起"),
    ):
        say(tables, "incident_count", now, measure=measure, base=str(read(before).value), base_bound="eq", **where)
    made = indicators(tables)
    assert {name: None if row["change"] is None else f"{row['change'] * 100:.1f}" for name, row in made.items()} == {
        "incidents": REPORTS["O20"]["change"],
        "theft": "-100.0",
        "escalated": None,
        "fires": None,
        "robbery": None,
    }
    assert (int(made["incidents"]["current"]), int(made["incidents"]["base"])) == (127, 204)
    assert (made["escalated"]["base"], made["robbery"]["current"]) == (None, None)
    assert {name for name, row in made.items() if row["suppressed"]} == {"escalated", "robbery"}


def test_o12_costs_of_one_household(tables: duckdb.DuckDBPyConnection) -> None:
    """O12: phases of 66.67 yuan and less than 25 yuan a household drift by more than 2.67, which is flagged."""
    report = REPORTS["O12"]
    for phase, last in (("first", "2021-12-31"), ("second", "2022-12-31")):
        for measure, text in (("planned", report[phase]["households"]), ("subsidy", report[phase]["yuan"])):
            say(tables, "programme", text, measure=measure, object_id="一元换锁芯", place_id="610922100", to_on=last)
    (made,) = rows(tables, "programme_progress")
    assert (made["phases"], str(made["drift"]), made["drift_bound"], made["drift_flagged"]) == (2, report["drift"], "gt", True)


@pytest.mark.parametrize(("phase", "bound"), [("first", "eq"), ("second", "lt")])
def test_o12_each_phase_by_itself(phase: str, bound: str, tables: duckdb.DuckDBPyConnection) -> None:
    """O12: 80,000 yuan over 1200 households are 66.67 each; just under 200,000 over 8000 are less than 25."""
    report = REPORTS["O12"]
    for measure, text in (("planned", report[phase]["households"]), ("subsidy", report[phase]["yuan"])):
        say(tables, "programme", text, measure=measure, object_id="一元换锁芯", place_id="610922100", to_on="2022-12-31")
    (made,) = rows(tables, "programme_progress")
    assert (made["unit_cost_yuan"], made["unit_cost_yuan_bound"]) == (Decimal(report[f"{phase}_each"]), bound)


def test_o16_people_per_session(tables: duckdb.DuckDBPyConnection) -> None:
    """O16: 4000余 people in 80 sessions are at least 50 each."""
    for measure in ("people", "sessions"):
        say(
            tables,
            "session",
            REPORTS["O16"][measure],
            measure={"people": "attendance"}.get(measure, measure),
            object_id="a",
            place_id="331022100",
            from_on="2019-05-01",
        )
    (made,) = rows(tables, "activity")
    assert (int(made["attendance_per_session"]), made["attendance_per_session_bound"]) == (50, "ge")
