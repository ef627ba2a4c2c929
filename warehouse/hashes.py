"""What "equal marts" means: the SHA-256 of the rows' canonical texts in grain order."""

from __future__ import annotations

import hashlib
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from contracts.database import connect
from contracts.model import Contracts
from warehouse.catalogue import mart_files
from warehouse.engine import prepare, run
from warehouse.wide import wide_name

MEMORY_MB = 1500
BATCH_ROWS = 50_000
SHOWN_AGAIN = frozenset({"entity_value"})
"""Views that show the cells of wide tables a second time, one a row: the wide tables' hashes answer for them, and reading a district's values row by row takes minutes."""


def mart_hashes(snapshot: Path, contracts: Contracts) -> dict[str, str]:
    """Per mart and wide table of a snapshot file its hash; equal hashes mean equal rows, whatever the file looks like.

    The text of a row is the JSON object of its columns in contract order; it is digested on its own (SHA-256) before rows are ordered, so that a district's
    widest table is sorted in little memory, and the mart's hash is that of all the digests in grain order. Marts that hide small cells, or read one that does, have none: what they show depends on
    what was published before, too; the wide tables they count answer for the counts.
    """
    grains = {name: mart.grain for name, mart in contracts.marts.items()} | {wide_name(kind): ("entity",) for kind in contracts.kinds}
    hiding: set[str] = set()
    for name, file in mart_files().items():
        if file.suppress or not hiding.isdisjoint(file.reads):
            hiding.add(name)
    with (
        TemporaryDirectory() as spill,
        connect(str(snapshot), read_only=True, config={"memory_limit": f"{MEMORY_MB}MB", "temp_directory": spill}) as connection,
    ):
        prepare(connection)
        made = {str(row[0]) for row in run(connection, "select table_name from information_schema.tables")}
        return {name: _hash(connection, name, grain) for name, grain in sorted(grains.items()) if name in made - SHOWN_AGAIN - hiding}


def _hash(connection: duckdb.DuckDBPyConnection, name: str, grain: tuple[str, ...]) -> str:
    order = ", ".join(f'"{column}"' for column in grain)
    digest = hashlib.sha256()
    digests = connection.sql(f"select sha256(to_json(mart)::varchar) as row_digest from {name} as mart order by {order}")
    for batch in digests.to_arrow_reader(BATCH_ROWS):
        digest.update("".join(batch.column(0).to_pylist()).encode())
    return digest.hexdigest()
