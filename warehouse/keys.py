"""Whether marts keep what their contracts promise of the grain, and the tables of kinds that an entity is in them once: no key twice, no part of it null."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import duckdb

from contracts.model import Contracts, Label
from warehouse.catalogue import Follows, MartFile
from warehouse.engine import run
from warehouse.errors import EntityTwice, MartBreaksContract
from warehouse.wide import wide_name

FAULTS = {"null": Label("键为空", "a key is null"), "twice": Label("键重复", "a key stands twice")}


def check_entities(connection: duckdb.DuckDBPyConnection, rows: Mapping[str, str]) -> None:
    """Looks at rows of the current tables of kinds, given by kind: all of them, or those of the entities that changed. Views, which show them, rest on it. Raises: `EntityTwice`."""
    for kind, relation in rows.items():
        for _ in run(connection, broken_sql(("entity",), relation)):
            raise EntityTwice(kind=kind)


def all_entities(contracts: Contracts) -> dict[str, str]:
    """Every row of every kind, as `check_entities` takes them."""
    return {kind: f"snap.{wide_name(kind)}" for kind in contracts.kinds}


def check_keys(connection: duckdb.DuckDBPyConnection, files: Iterable[MartFile], contracts: Contracts) -> None:
    """Looks at every row of these marts of `snap` that are kept as a table; views show rows of tables. Raises: `MartBreaksContract`."""
    for file in files:
        grain = contracts.marts[file.name].grain
        if grain and not file.view:
            _refuse(connection, file.name, broken_sql(grain, f"snap.{file.name}"))


def check_reached_keys(connection: duckdb.DuckDBPyConnection, files: Iterable[MartFile], contracts: Contracts) -> None:
    """Looks at the rows of the entities in `reached`, and at all that have a key of theirs, in marts that follow entities. Raises: `MartBreaksContract`."""
    for file in files:
        grain = contracts.marts[file.name].grain
        if grain and file.follows is not None:
            _refuse(connection, file.name, broken_sql(grain, f"({_reached_sql(file.name, file.follows, grain)})"))


def _refuse(connection: duckdb.DuckDBPyConnection, mart: str, asked: str) -> None:
    for (fault,) in run(connection, asked):
        raise MartBreaksContract(mart=mart, detail=FAULTS[fault])


def _reached_sql(mart: str, follows: Follows, grain: tuple[str, ...]) -> str:
    """Rows with a key of a reached entity, and those with a null in it, which no join finds: what is said of a column's blocks tells quickly that there are none."""
    listed = ", ".join(f'"{column}"' for column in grain)
    touched = f"select {listed} from snap.{mart} where ({follows.kind}, {follows.mart_entity}) in (select kind, entity from reached)"
    return f"select {listed} from snap.{mart} semi join (select distinct * from ({touched})) using ({listed}) union all select {listed} from snap.{mart} where {_missing(grain)}"


def broken_sql(grain: tuple[str, ...], rows: str) -> str:
    """One row that says what is wrong with a key, none where all are sound."""
    listed = ", ".join(f'"{column}"' for column in grain)
    return f"select case when {_missing(grain)} then 'null' else 'twice' end from {rows} group by {listed} having count(*) > 1 or {_missing(grain)} limit 1"


def _missing(grain: tuple[str, ...]) -> str:
    return " or ".join(f'"{column}" is null' for column in grain)
