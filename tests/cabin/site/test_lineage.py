"""Graphs of lineage: what is drawn is what `cabin lineage show` walks, and it can be read."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from cabin.site.flows import Flows, Net
from cabin.site.layout import BELOW, HEIGHT, WIDTH, laid_out
from contracts.read import load
from warehouse.catalogue import mart_files
from warehouse.lineage import Graph

FLOWS = Flows(Graph(load(), mart_files()))


def test_a_marts_graph_holds_every_table_that_its_columns_come_from() -> None:
    """Whatever a walk back from a column of the mart meets is a node, and each step of the walk an edge."""
    for name in ("population", "officer_today", "person_current"):
        net = FLOWS.behind(f"marts.{name}")
        for column in FLOWS.graph.columns(f"marts.{name}"):
            for step in FLOWS.graph.back((f"marts.{name}", column)):
                table = step.column[0]
                assert table in net.layers
                assert {(table, over[0]) for over in step.over if over[0] != table} <= set(net.edges)


def test_edges_lead_to_the_right_from_departments_to_the_mart() -> None:
    """Every edge goes to a later layer; departments stand first, feeds second, claims and facts third; of a mart's graph the mart is last."""
    for name in FLOWS.graph.marts:
        net = FLOWS.behind(f"marts.{name}")
        assert all(net.layers[source] < net.layers[made] for source, made in net.edges)
        assert {net.layers[each] for each in net.layers if each.startswith("feed.")} <= {1}
        assert {net.layers[each] for each in net.layers if each.startswith("history.")} <= {2}
        assert net.layers[f"marts.{name}"] == max(net.layers.values())


def test_a_feeds_graph_holds_what_rests_on_it() -> None:
    """Its department, and every table that a walk forward from one of its columns meets."""
    net = FLOWS.ahead("feed.ps_resident")
    met = {step.column[0] for column in FLOWS.graph.columns("feed.ps_resident") for step in FLOWS.graph.forward(("feed.ps_resident", column))}
    assert met <= set(net.layers) and "department.police station" in net.layers


def test_the_graph_of_all_joins_every_feed_to_what_it_feeds() -> None:
    """Every department, feed, kind and mart is a node; a feed has an edge to each kind it speaks of, a mart one from each kind it rests on."""
    net, contracts = FLOWS.whole(), FLOWS.contracts
    assert {each.partition(".")[0] for each in net.layers} == {"department", "feed", "history", "marts"}
    assert {f"feed.{name}" for name in contracts.feeds} | {f"marts.{name}" for name in FLOWS.graph.marts} <= set(net.layers)
    for kind in contracts.kinds:
        assert {source for source, made in net.edges if made == f"history.claim_{kind}"} == {f"feed.{name}" for name in contracts.sources(kind)}
    assert ("history.claim_dwelling", "marts.visit_plan") in net.edges


@st.composite
def nets(draw: st.DrawFn) -> Net:
    """Small layered graphs."""
    layers = draw(st.dictionaries(st.text("abcdef", min_size=1, max_size=3), st.integers(0, 4), min_size=1, max_size=12))
    names = sorted(layers)
    edges = draw(st.sets(st.tuples(st.sampled_from(names), st.sampled_from(names))))
    return Net(layers, tuple(sorted((source, made) for source, made in edges if layers[source] < layers[made])))


@given(nets())
def test_no_two_nodes_overlap_and_all_stand_inside(net: Net) -> None:
    """Nodes of a layer stand below each other with room between, layers beside each other, all within the drawing; edges go to the right."""
    laid = laid_out(net)
    assert set(laid.corners) == set(net.layers)
    for layer in set(net.layers.values()):
        rows = sorted(laid.corners[name] for name in net.layers if net.layers[name] == layer)
        assert len({x for x, _ in rows}) == 1
        assert all(below[1] - above[1] >= HEIGHT + BELOW - 0.001 for above, below in pairwise(rows))
    assert all(0 <= x <= laid.width - WIDTH and 0 <= y <= laid.height - HEIGHT for x, y in laid.corners.values())
    assert all(laid.corners[source][0] + WIDTH < laid.corners[made][0] for source, made in net.edges)


@given(nets(), st.randoms(use_true_random=False))
def test_equal_graphs_stand_equally(net: Net, chance: object) -> None:
    """In whatever order nodes and edges were found."""
    items, edges = list(net.layers.items()), list(net.edges)
    chance.shuffle(items)  # type: ignore[attr-defined]
    chance.shuffle(edges)  # type: ignore[attr-defined]
    assert laid_out(Net(dict(items), tuple(edges))).corners == laid_out(net).corners
