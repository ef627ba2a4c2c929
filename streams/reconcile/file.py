"""The file of a state: opened by one process only, made anew where it cannot be used."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb

from contracts.database import connect
from contracts.engine import prepare_golden
from contracts.golden.plan import text
from contracts.model import Contracts
from streams.reconcile.errors import StateInUse
from streams.state_files import wal_of

HOLDER = re.compile(r"\(PID (\d+)\)")
DAMAGED = ("not a valid duckdb", "corrupt", "could not read enough", "storage version")
"""What DuckDB says of a file that cannot be used any more; only then is it made anew."""


def holder(said: str) -> str:
    """The process that holds the file, as DuckDB names it; `-` where it does not."""
    found = HOLDER.search(said)
    return found[1] if found else "-"


def connected(path: Path, contracts: Contracts, partition: int, memory_limit: str) -> duckdb.DuckDBPyConnection:
    """A connection with the contracts' macros and the file attached; an unreadable file is made anew, because the log has everything."""
    con = connect()
    prepare_golden(con, contracts, threads=1, memory_limit=memory_limit)
    con.execute("set checkpoint_threshold = '512MB'")
    if path.name != ":memory:":
        con.execute(f"set temp_directory = {text(str(path.with_suffix('.spill')))}")
    try:
        con.execute(f"attach {text(str(path))} as state")
    except duckdb.Error as error:
        said = str(error).lower()
        if "conflicting lock" in said or "already attached" in said:
            con.close()
            raise StateInUse(partition=partition, holder=holder(str(error))) from error
        if not any(sign in said for sign in DAMAGED):
            raise
        for file in (path, wal_of(path)):
            file.unlink(missing_ok=True)
        con.execute(f"attach {text(str(path))} as state")
    con.execute("set search_path = 'state.main,memory.main'")
    return con
