"""Whether marts keep what their contracts promise of the grain: no key twice, no part of it null."""

from __future__ import annotations

from collections.abc import Iterable

import duckdb

from contracts.model import Contracts, Label
from warehouse.catalogue import MartFile
from warehouse.engine import run
from warehouse.errors import MartBreaksContract

FAULTS = {"null": Label("键为空", "a key is null"), "twice": Label("键重复", "a key stands twice")}


def check_keys(connection: duckdb.DuckDBPyConnection, files: Iterable[MartFile], contracts: Contracts) -> None:
    """Looks at every mart of `snap` that is kept as a table; views show rows of tables. Raises: `MartBreaksContract`."""
    for file in files:
        grain = contracts.marts[file.name].grain
        found = [] if file.view or not grain else run(connection, broken_sql(file.name, grain))
        if found:
            raise MartBreaksContract(mart=file.name, detail=FAULTS[found[0][0]])


def broken_sql(mart: str, grain: tuple[str, ...]) -> str:
    """One row that says what is wrong with a key, none where all are sound."""
    listed = ", ".join(f'"{column}"' for column in grain)
    missing = " or ".join(f'"{column}" is null' for column in grain)
    return f"select case when {missing} then 'null' else 'twice' end from snap.{mart} group by {listed} having count(*) > 1 or {missing} limit 1"
