"""What "equal marts" means: the SHA-256 of the canonical text of all rows in grain order."""

from __future__ import annotations

import hashlib
from pathlib import Path

import duckdb

from contracts.model import Contracts
from warehouse.engine import prepare, run
from warehouse.wide import wide_name


def mart_hashes(snapshot: Path, contracts: Contracts) -> dict[str, str]:
    """Per mart and wide table of a snapshot file its hash; equal hashes mean equal rows, whatever the file looks like.

    The text of a row is the JSON object of its columns in contract order, rows are told apart by line breaks, which JSON text cannot hold.
    """
    grains = {name: mart.grain for name, mart in contracts.marts.items()} | {wide_name(kind): ("entity",) for kind in contracts.kinds}
    with duckdb.connect(str(snapshot), read_only=True, config={"memory_limit": "1000MB", "threads": "2"}) as connection:
        prepare(connection)
        made = {str(row[0]) for row in run(connection, "select table_name from information_schema.tables")}
        return {name: _hash(connection, name, grain) for name, grain in sorted(grains.items()) if name in made}


def _hash(connection: duckdb.DuckDBPyConnection, name: str, grain: tuple[str, ...]) -> str:
    order = ", ".join(f'"{column}"' for column in grain)
    digest = hashlib.sha256()
    for batch in connection.sql(f"select to_json(mart)::varchar || chr(10) as line from {name} as mart order by {order}").to_arrow_reader(50_000):
        for line in batch.column(0).to_pylist():
            digest.update(line.encode())
    return digest.hexdigest()
