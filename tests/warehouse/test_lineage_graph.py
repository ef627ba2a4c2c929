"""The lineage of columns walked both ways: complete, without cycles, and right where a person can say what is right."""

from __future__ import annotations

import pytest

from contracts.read import load
from warehouse.catalogue import mart_file, mart_files
from warehouse.lineage import Graph, near, resolved
from warehouse.lineage.sources import ROWS, Column


@pytest.fixture(scope="module")
def graph() -> Graph:
    return Graph(load(), mart_files())


def back(graph: Graph, text: str) -> set[Column]:
    column = resolved(graph, text)
    assert column is not None
    return {step.column for step in graph.back(column)}


def forward(graph: Graph, text: str) -> set[Column]:
    column = resolved(graph, text, forward=True)
    assert column is not None
    return {step.column for step in graph.forward(column)}


def test_due_time_of_a_task_comes_from_the_dispatch(graph: Graph) -> None:
    """`officer_today.due_at` goes through two marts and the claims of events to two columns of the dispatching desk, and to nothing else."""
    assert back(graph, "officer_today.due_at") == {
        ("marts.task_loop", "due_at"),
        ("marts.event_current", "due_at"),
        ("history.claim_event", "due_at"),
        ("feed.task_exchange", "dispatched_at"),
        ("feed.task_exchange", "due"),
    }


def test_count_comes_from_the_rows_of_what_is_counted(graph: Graph) -> None:
    """Residents are counted: they come from how many links there are and which of them count, not from any person's attribute."""
    found = back(graph, "population.residents")
    assert {("marts.residency_current", ROWS), ("marts.residency_current", "main"), ("feed.ps_resident", "residence_status"), ("feed.rental", ROWS)} <= found
    assert not {column for column in found if column[0] == "history.claim_person" and column[1] != ROWS}


def test_column_of_a_feed_reaches_its_readers(graph: Graph) -> None:
    """What rests on the occupancy that property companies tell: the dwelling's value, its status and what is disputed, in marts that officers read."""
    found = forward(graph, "ho_property.state")
    assert {("history.claim_dwelling", "occupancy"), ("marts.dwelling_current", "occupancy__status"), ("marts.entity_value", "value")} <= found
    assert ("marts.household", "name") not in found and ("history.claim_person", "name") not in found


def test_number_of_a_person_reaches_no_value(graph: Graph) -> None:
    """The column of identity numbers makes persons' keys and what the check says of them, and no other attribute of a person."""
    claims = {name for table, name in forward(graph, "ps_resident.doc_no") if table == "history.claim_person"}
    assert claims and claims <= {"entity", "doc_check", "record"}


@pytest.mark.parametrize("mart", sorted(mart_files()))
def test_every_column_ends_at_departments(graph: Graph, mart: str) -> None:
    """Each column of a mart leads back to a feed's column or rows, or to what the cabin tells itself; no step comes twice, and steps only grow."""
    for name in graph.columns(f"marts.{mart}"):
        steps = graph.back((f"marts.{mart}", name))
        assert len({step.column for step in steps}) == len(steps)
        assert [step.depth for step in steps] == sorted(step.depth for step in steps)
        ends = {step.column[0].partition(".")[0] for step in steps if not graph.made_from(step.column)}
        assert ends <= {"feed", "history", "relation", "marts", "golden"}


def test_both_ways_tell_the_same(graph: Graph) -> None:
    """Whatever a column of a mart is made from leads forward to it again."""
    for text in ("officer_today.due_at", "household.people_band", "visit_plan.floor_share"):
        column = resolved(graph, text)
        for step in graph.back(column):  # type: ignore[arg-type]
            if step.column[1] not in (ROWS, "*"):
                assert column in {each.column for each in graph.forward(step.column)}, step


def test_sql_beyond_the_parser_is_walked_by_its_tables() -> None:
    """A mart whose SQL cannot be read comes from any column of what it reads, and is reached from each of them."""
    broken = mart_file("visit_plan", "-- A mart.\n-- Grain: a. Reads: visit. Consumers: all.\nselect ((( from")
    graph = Graph(load(), {"visit_plan": broken})
    assert {("history.visit", "*"), ("feed.visit", "*")} <= {step.column for step in graph.back(("marts.visit_plan", "grid"))}
    assert ("marts.visit_plan", "grid") in {step.column for step in graph.forward(("history.visit", "outcome"))}


def test_unknown_name_is_answered_with_near_ones(graph: Graph) -> None:
    """What no table has is nothing; near names are of the table that was meant, or of one that looks like it."""
    assert resolved(graph, "population.resident") is None and resolved(graph, "nonsense") is None
    assert near(graph, "population.resident")[0] == "population.residents"
    assert all(name.startswith(("population.", "programme")) for name in near(graph, "populaton.residents"))
    assert near(graph, "zzz")


def test_same_name_is_a_mart_backward_and_a_feed_forward(graph: Graph) -> None:
    """`rental` is a feed and a mart: a walk back begins at the mart, a walk forward at the feed; with its part in front either is meant."""
    assert resolved(graph, "rental.area") == ("marts.rental", "area")
    assert resolved(graph, "feed.rental.address") == ("feed.rental", "address") == resolved(graph, "rental.address", forward=True)
