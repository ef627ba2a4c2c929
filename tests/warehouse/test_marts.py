"""Every mart: its contract, its head, and few rows in with the exact rows out (`cases/<mart>.yaml`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
import yaml

from contracts.model import Contracts
from tests.golden_rows import golden_table
from tests.warehouse.samples import contracts
from warehouse.catalogue import MartFile, mart_file, mart_files, ordered, with_relations
from warehouse.engine import run, speak
from warehouse.errors import MartOrder
from warehouse.promises import with_wide
from warehouse.relations import relations
from warehouse.schema import tables
from warehouse.succession import succession_sql
from warehouse.wide import wide_name, wide_sql

CASES = sorted((Path(__file__).parent / "cases").glob("*.yaml"))
MARTS = mart_files()
BEFORE = datetime(2026, 1, 1)


def filled(known: Contracts, given: dict[str, list[dict[str, Any]]], moment: datetime) -> duckdb.DuckDBPyConnection:
    """A database with every table marts may read, other marts included: `given` rows, nothing else; what a row leaves out is null."""
    connection = duckdb.connect()
    speak(connection, known.rules_sql)
    for name, schema in tables(known).items():
        kind = known.kinds.get(name.removeprefix("golden_")) if name.startswith("golden_") else None
        rows = given.get(name, [])
        put(connection, name, golden_table(kind, known.sources(kind.name), rows) if kind else table(name, rows, schema))
    run(connection, f"create table succession as {succession_sql(known)}")
    for kind in known.kinds.values():
        shape = connection.sql(f"select * from ({wide_sql(known, kind)}) limit 0").to_arrow_table().schema
        put(connection, wide_name(kind.name), table(wide_name(kind.name), given.get(wide_name(kind.name), []), shape))
    for name in sorted({read for file in MARTS.values() for read in file.reads if read in MARTS}):
        columns = ", ".join(f'null::{column.type} as "{column.name}"' for column in known.marts[name].columns)
        put(connection, name, table(name, given.get(name, []), connection.sql(f"select {columns} limit 0").to_arrow_table().schema))
    run(connection, "create table moment as select ?::timestamp_ms as known_at", [moment])
    return connection


def table(name: str, rows: list[dict[str, Any]], schema: pa.Schema) -> pa.Table:
    unknown = {column for row in rows for column in row} - set(schema.names)
    assert not unknown, f"{name} has no {unknown}"
    return pa.Table.from_pylist(rows, schema)


def put(connection: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> None:
    connection.register("given", rows)
    run(connection, f'create table "{name}" as select * from given')
    connection.unregister("given")


def answer(connection: duckdb.DuckDBPyConnection, known: Contracts, file: MartFile, moment: datetime) -> pa.Table:
    return connection.sql(with_relations(file.sql, file.reads, relations(known, moment))).to_arrow_table()


def plain(value: Any) -> Any:
    """Values as a YAML file holds them."""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    return str(value) if isinstance(value, date | Decimal) else value


@pytest.fixture(scope="module")
def empty() -> Iterator[tuple[duckdb.DuckDBPyConnection, Contracts]]:
    known = contracts()
    with filled(known, {}, BEFORE) as connection:
        yield connection, known


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_few_rows_in_exact_rows_out(path: Path) -> None:
    """Each case of the mart gives exactly the rows it names, in grain order, no key twice and none of it null."""
    known, file = contracts(), MARTS[path.stem]
    for name, case in yaml.safe_load(path.read_text(encoding="utf-8")).items():
        with filled(known, case["given"], case["moment"]) as connection:
            made = answer(connection, known, file, case["moment"]).to_pylist()
        grain = known.marts[path.stem].grain
        keys = [tuple(row[column] for column in grain) for row in made]
        assert len(set(keys)) == len(keys) and all(part is not None for key in keys for part in key), name
        found = [{column: plain(value) for column, value in row.items() if value is not None} for row in made]
        expected = [{column: plain(value) for column, value in row.items()} for row in case["expect"]]
        assert sorted(found, key=lambda row: tuple(str(row[column]) for column in grain)) == expected, name


def test_a_dwelling_of_a_township_is_counted_alike_everywhere() -> None:
    """One of which no village is known counts for its township, or its county alone, in coverage by area as in what a grid's report takes for the dwellings of its township."""
    areas = ["330302006071", "330302006071", "330302006072", "330302006", "330302007", "330302", None]
    given = {"dwelling_current": [{"entity": f"h{number}", "area": area} for number, area in enumerate(areas)]}
    known = contracts()
    with filled(known, given, BEFORE) as connection:
        plan, by_area, by_grid = (answer(connection, known, MARTS[name], BEFORE).to_pylist() for name in ("visit_plan", "coverage_area", "coverage"))
    found = {row["area"]: row["known_dwellings"] for row in by_area}
    wanted = Counter(row["area"][:long] for row in plan for long in (12, 9, 6) if row["area"] and len(row["area"]) >= long)
    assert found == wanted == {"330302006071": 2, "330302006072": 1, "330302006": 4, "330302007": 1, "330302": 6}
    assert sum(row["known_dwellings"] for row in by_grid) == len(plan) == len(areas)


def test_every_mart_has_a_case() -> None:
    """A mart without a case file is not tested."""
    assert {path.stem for path in CASES} == set(MARTS)


@pytest.mark.parametrize("name", MARTS)
def test_columns_are_those_of_the_contract(name: str, empty: tuple[duckdb.DuckDBPyConnection, Contracts]) -> None:
    """Names, order and types of the select equal the contract's."""
    connection, known = empty
    select = with_relations(MARTS[name].sql, MARTS[name].reads, relations(known, BEFORE))
    made = [(row[0], row[1]) for row in run(connection, f"describe {select}")]
    assert made == [(column.name, column.type) for column in known.marts[name].columns]


@pytest.mark.parametrize("kind", contracts().kinds)
def test_wide_tables_are_what_their_generated_contract_promises(kind: str, empty: tuple[duckdb.DuckDBPyConnection, Contracts]) -> None:
    """Names, order and types of `<kind>_current` equal the contract generated from the kind; every column has both labels and a description."""
    connection, known = empty
    promised = with_wide(known).marts[wide_name(kind)].columns
    assert [(row[0], row[1]) for row in run(connection, f"describe {wide_name(kind)}")] == [(column.name, column.type) for column in promised]
    assert all(column.label.zh and column.label.en and column.description for column in promised)


@pytest.mark.parametrize("name", MARTS)
def test_the_head_agrees_with_the_contract(name: str) -> None:
    """Sentence, grain and consumers stand in both, equal; every column has labels in both languages and a description."""
    file, mart = MARTS[name], contracts().marts[name]
    assert (file.sentence, file.grain, file.consumers) == (mart.description, mart.grain, mart.consumers)
    for column in mart.columns:
        assert column.label.zh != column.name and column.label.en and column.description, column.name


@pytest.mark.parametrize("name", MARTS)
def test_the_head_names_everything_the_select_reads(name: str, empty: tuple[duckdb.DuckDBPyConnection, Contracts]) -> None:
    """Tables found by the engine's own parser are those of the line `Reads`, apart from steps."""
    connection, _ = empty
    found = connection.get_table_names(MARTS[name].sql)
    assert found == set(MARTS[name].reads)


def test_marts_are_built_after_what_they_read() -> None:
    """Dependency order comes from `Reads`; a ring is refused by name."""
    files = {
        name: mart_file(name, f"-- One.\n-- Grain: a. Reads: {reads}. Consumers: x.\nselect 1") for name, reads in {"a": "b", "b": "c", "c": "visit"}.items()
    }
    assert ordered(files) == ["c", "b", "a"]
    files["c"] = mart_file("c", "-- One.\n-- Grain: a. Reads: a. Consumers: x.\nselect 1")
    with pytest.raises(MartOrder):
        ordered(files)
