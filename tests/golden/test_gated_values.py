"""What gates a publish is never an ordinary row's doing: feeds refuse, blank or translate what is no code of a list and what is below nothing, before it is a claim."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from contracts import Contracts, load
from contracts.conditions import condition
from contracts.engine import prepare
from contracts.model import Kind, Promise
from contracts.normalising import normalising_sql
from contracts.promised import of_kind
from streams.normalise.rows import Normalised, normalise
from tests.golden.harness import rows_of, sample_files

WRONG = ("zz", "-3", "约-5人", "999999")
"""No code of any list, numbers below nothing, more than anything."""
SAMPLED = 5


@pytest.mark.parametrize("file", sample_files(), ids=lambda file: file.parent.name)
def test_no_cell_of_a_delivery_breaks_what_gates_a_publish(file: Path) -> None:
    """Each text cell of a sample's rows holds wrong values in turn: no claim, and no finding of a visit, breaks a gating promise about its kind that rests on the row alone."""
    known = load()
    with duckdb.connect() as engine:
        prepare(engine, known, threads=1)
        made = of_wrong_rows(engine, known, file)
        assert made.facts
        for name, facts in made.facts.items():
            for kind, values in golden_like(known, name, facts):
                engine.register("told", values)
                for promise in of_kind(kind, known).gates:
                    if set(asked_of(promise)) <= set(values.column_names):
                        ask = f"select count(*) from (select ({condition(promise.check, promise.arguments, 'told').broken}) as broken from told) where broken"
                        assert engine.execute(ask).fetchall() == [(0,)], (kind.name, promise.name)


def of_wrong_rows(engine: duckdb.DuckDBPyConnection, known: Contracts, file: Path) -> Normalised:
    feed = known.feeds[file.parent.name]
    statements = normalising_sql(feed, known)
    rows = rows_of(known, feed.name, file).select(statements.schema.names)
    cells = [column.name for column in feed.columns if column.name in rows.column_names and rows.schema.field(column.name).type == pa.string()]
    wrong = [{**row, cell: value} for row in rows.slice(0, SAMPLED).to_pylist() for cell in cells for value in WRONG]
    told = [{**row, "row": number, "delivery": f"d{number}"} for number, row in enumerate(wrong, 1)]
    return normalise(engine, statements, pa.Table.from_pylist(told, statements.schema))


def golden_like(known: Contracts, name: str, facts: pa.Table) -> Iterator[tuple[Kind, pa.Table]]:
    """The values that golden records may take over: claims as they are, findings by attribute in its type."""
    if name.startswith("claim."):
        yield known.kinds[name.removeprefix("claim.")], facts
    for row in facts.to_pylist() if name == "finding" else []:
        value: Any = row["value"]
        yield known.kinds[row["kind"]], pa.table({row["attribute"]: pa.array([value], pa.string())})


def asked_of(promise: Promise) -> list[str]:
    """The columns that a promise of the shipped kinds is about."""
    given: Any = promise.arguments
    return [given["column"]] if "column" in given else list(given["column_list"])
