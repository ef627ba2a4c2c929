"""What the published snapshot holds of each mart: how many rows, and a few of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import pyarrow as pa

from warehouse.engine import run
from warehouse.errors import NoSnapshot
from warehouse.query import opened

MADE_SQL = "select table_name from duckdb_tables() union select view_name from duckdb_views() where not internal"


def rows_of(folder: Path, marts: Iterable[str]) -> Mapping[str, int]:
    """Rows of each mart in the published snapshot; without those it does not have, nothing where none is published."""
    try:
        with opened(folder) as snapshot:
            made = {str(name) for (name,) in run(snapshot, MADE_SQL)}
            return {name: int(run(snapshot, f'select count(*) from "{name}"')[0][0]) for name in marts if name in made}
    except NoSnapshot:
        return {}


def some_rows(folder: Path, mart: str, count: int) -> pa.Table:
    """The first rows of a mart as they lie in the published snapshot. Raises: `NoSnapshot`."""
    with opened(folder) as snapshot:
        return snapshot.table(mart).limit(count).to_arrow_table()
