"""A withdrawn division code resolves to its successor, at the right time on both axes, in every mart."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from contracts.facts import CLOSED, SWITCH
from contracts.model import Contracts
from streams.log import EmbeddedLog
from tests.warehouse.samples import AT, NAME_KEY, add, claims, contracts, facts, golden, message, outcome, spoken, value
from warehouse.engine import run
from warehouse.hashes import mart_hashes
from warehouse.history import AsOf, Cut, History, Means
from warehouse.load import Current
from warehouse.publish import Publisher
from warehouse.succession import succession_sql

OLD, NEW, NEXT = "320903102216", "320903102222", "320903102230"
TOWN = "320903102"
D = date(2026, 3, 1)
Row = Mapping[str, Any]


def told(code: str, name: str = "南港村", *, begun: date | None = None, ended: date | None = None, parent: str = TOWN, **more: Any) -> Row:
    """A row of the division table, as a claim."""
    at = ended or begun or date(2020, 1, 1)
    head = {
        "entity": code,
        "source": "division",
        "delivery": "d1",
        "row": int(code[-3:]),
        "record": code,
        "observed_at": datetime.combine(at, datetime.min.time()),
    }
    head |= {"recorded_at": AT, "withdraws": ended is not None, "area": code, "present": True, "level": "village", "kind": "division"}
    return {**head, "name": name, "parent_id": parent, "from_on": begun, "to_on": ended, **more}


HANDED_OVER = (told(OLD, ended=D), told(NEW, begun=D))


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (HANDED_OVER, [(OLD, NEW, None, None)]),
        ((told(OLD, ended=D), told(NEW, begun=D + timedelta(days=1))), []),  # another day
        ((told(OLD, ended=D), told(NEW, "北港村", begun=D)), []),  # another name
        ((told(OLD, ended=D), told(NEW, begun=D, parent="320903103")), []),  # elsewhere: a name alone never resolves
        ((told(OLD, ended=D), told(NEW, begun=D), told(NEXT, begun=D)), []),  # nobody can tell which
        ((told(OLD), told(NEW, begun=D)), []),  # still in use
        (
            (*HANDED_OVER, told(NEW, begun=D, ended=date(2026, 6, 1), delivery="d2"), told(NEXT, begun=date(2026, 6, 1))),
            [(OLD, NEXT, None, None), (NEW, NEXT, None, None)],
        ),
        ((*HANDED_OVER, told(OLD, "新桥村", begun=date(2027, 1, 1), delivery="d2")), [(OLD, NEW, None, date(2027, 1, 1))]),  # given to another village later
        (
            (*HANDED_OVER, told(OLD, "新桥村", begun=date(2027, 1, 1), ended=date(2028, 1, 1), delivery="d2"), told(NEXT, "新桥村", begun=date(2028, 1, 1))),
            [(OLD, NEW, None, date(2027, 1, 1)), (OLD, NEXT, date(2027, 1, 1), None)],
        ),
        ((told(OLD, ended=D), told(NEW, begun=D, delivery="void")), []),  # its delivery was recalled
        ((told(OLD, ended=D), told(NEW, begun=D, repair=0), told(NEW, "北港村", begun=D, repair=1)), []),  # repaired since
    ],
)
def test_the_successor_is_the_one_division_that_took_over(rows: tuple[Row, ...], expected: list[tuple[Any, ...]]) -> None:
    """Same name, same parent, the same day, and only one; chains are followed to their end, and a code that is used again speaks of its first division only for what was observed before."""
    with duckdb.connect() as con:
        recall = {"switch": "recall", "target": "void", "on": True, "sequence": 1, "actor": "a", "reason": "r", "recorded_at": AT}
        given = {"claim_place": claims(contracts(), "place", rows), "closed": CLOSED.empty_table(), "switch": pa.Table.from_pylist([recall], SWITCH)}
        for name, table in given.items():
            con.register(name, table)
        assert con.execute(succession_sql(contracts())).fetchall() == expected


def test_areas_are_called_by_the_successor_as_soon_as_it_is_known(tmp_path: Path, log: EmbeddedLog, current: Current) -> None:
    """Who lives under the old code lives under the new one from the publish on that learns of it, which renews every area; later publishes go on from there, and are what a whole build gives."""
    known, publisher = current.contracts, Publisher(tmp_path / "published", NAME_KEY)
    _reside(log, known, [1, 2])
    current.load(log)
    first = publisher.publish(current)
    assert _areas(first.path) == {(OLD, 2)}
    _divide(log, known)
    _reside(log, known, [3])
    current.load(log)
    second = publisher.publish(current)
    assert second.whole and _areas(second.path) == {(NEW, 3)}
    _reside(log, known, [4])
    current.load(log)
    third = publisher.publish(current)
    assert not third.whole and _areas(third.path) == {(NEW, 4)}
    whole = Publisher(tmp_path / "again", NAME_KEY).publish(current, whole=True)
    assert mart_hashes(third.path, known) == mart_hashes(whole.path, known)


def test_beliefs_about_areas_follow_both_axes(tmp_path: Path, log: EmbeddedLog) -> None:
    """Asked about a day before the change, or as known before it was recorded, a person lives under the old code; about a later day as known later, under the new one."""
    known = contracts()
    _reside(log, known, [1])
    _divide(log, known)
    with History.open(tmp_path / "history", known, memory_mb=500) as history:
        history.append(log)
    before, after = datetime(2026, 2, 1), datetime(2026, 9, 30)
    expected = {(None, None): NEW, (after, after): NEW, (before, after): OLD, (after, AT): OLD, (None, AT): OLD, (before, None): OLD}
    for (observed, recorded), area in expected.items():
        with AsOf.open(tmp_path / "history", known, Cut(observed, recorded), Means(threads=1, memory_mb=500)) as asof:
            row = asof.entity("person", "p1")
        assert row is not None and row["area"] == area, (observed, recorded)


def _divide(log: EmbeddedLog, known: Contracts) -> None:
    """The division table that withdraws the old code, recorded a day later."""
    recorded = AT + timedelta(days=1)
    rows = [{**each, "recorded_at": recorded} for each in HANDED_OVER]
    current = {"entity": NEW, "present": True, "kind": "division", "name": "南港村", "level": "village", "parent_id": TOWN, "area": NEW, "observed_at": AT}
    add(log, "cabin.claims", message("claim.place", claims(known, "place", rows)))
    add(log, "cabin.changes", message("golden.place", golden(known, "place", [{**current, **spoken("division", "d1", 1), **value("name", "division", 0)}])))
    add(log, "cabin.outcomes", outcome("division", "d1", 0, recorded))


def _reside(log: EmbeddedLog, known: Contracts, numbers: list[int]) -> None:
    """Persons under the old code."""
    head = {"area": OLD, "observed_at": datetime(2026, 1, 15), "present": True}
    for number in numbers:
        delivery = f"r{number}"
        claim = {"entity": f"p{number}", "source": "ps_resident", "delivery": delivery, "row": number, "record": f"r{number}", "recorded_at": AT, **head}
        made = {"entity": f"p{number}", **head, **spoken("ps_resident", delivery, number), **value("present", "ps_resident", 1)}
        add(log, "cabin.claims", message("claim.person", claims(known, "person", [claim])))
        add(log, "cabin.changes", message("golden.person", golden(known, "person", [made])))
        add(
            log,
            "cabin.claims",
            message(
                "chunk",
                facts("chunk", [{"source": "ps_resident", "delivery": delivery, "chunk": 0, "rows": 1, "accepted": 1, "unkeyed": 0, "recorded_at": AT}]),
            ),
        )
        add(log, "cabin.outcomes", outcome("ps_resident", delivery, 0, AT))


def _areas(snapshot: Path) -> set[tuple[str, int]]:
    """Areas with the persons in them, told alike by the wide table, entities and claims counted."""
    with duckdb.connect(str(snapshot), read_only=True) as con:
        asked = ("person_current", "entity_current where kind = 'person'")
        found = [{(str(area), int(count)) for area, count in run(con, f"select area, count(*) from {rows} group by area")} for rows in asked]
        counted = {
            (str(area), int(count))
            for area, count in run(con, "select area, sum(claims) from claim_count where kind = 'person' and attribute = 'present' group by area")
        }
    assert found[0] == found[1] == counted
    return found[0]
