"""What a person calls a column of the lineage: `population.residents`, `ps_resident.doc_no`, or with its part in front `history.claim_person.name`."""

from __future__ import annotations

from difflib import get_close_matches

from warehouse.lineage.graph import Graph
from warehouse.lineage.sources import Column

BACK = ("marts", "history", "golden", "relation", "feed")
"""In which part a table's name is looked for first; the other way round where the walk goes forward."""


def resolved(graph: Graph, text: str, forward: bool = False) -> Column | None:
    """The column that `text` names; None where there is none."""
    table, _, column = text.rpartition(".")
    known = set(graph.datasets)
    parts = reversed(BACK) if forward else BACK
    named = [table, *(f"{part}.{table}" for part in parts)]
    return next(((each, column) for each in named if each in known and column in graph.columns(each)), None)


def near(graph: Graph, text: str) -> list[str]:
    """Up to three names of columns that look like `text`: of the same table where there is one."""
    table, _, column = text.rpartition(".")
    tables = [each for each in graph.datasets if each == table or each.partition(".")[2] == table]
    if not tables:
        tables = [
            each
            for each in graph.datasets
            if each.partition(".")[2] in get_close_matches(table or column, [each.partition(".")[2] for each in graph.datasets], 2)
        ]
    names = [f"{each.partition('.')[2]}.{name}" for each in tables for name in graph.columns(each)]
    return get_close_matches(text, names, 3) or sorted(names)[:3] or ["population.residents", "ps_resident.doc_no"]
