"""What was believed, as functions of SQL: `select * from person_asof('2026-06-30', '2026-07-15')`, one for each kind, by the one golden statement over the files of history."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import duckdb

from contracts.golden import Relations, golden_sql, known_sql
from contracts.model import Contracts, Kind
from warehouse.engine import run, speak
from warehouse.history.layout import history_tables
from warehouse.history.parquet import rows_sql
from warehouse.history.read import FACTS_READ, Moments, Reading, reading
from warehouse.snapshots import open_published
from warehouse.succession import succession_reads, succession_sql
from warehouse.wide import wide_sql

PARAMETERS = ("observed", "recorded")


def with_past(published: Path, history: Path, contracts: Contracts, *, memory_mb: int = 2000) -> duckdb.DuckDBPyConnection:
    """The published snapshot, read-only, with the functions of `define`; SQL reaches no file but those of history. What it shows stays the same, and no file it needs is removed while it lives.

    Raises: `NoSnapshot`, `SnapshotUnreadable`, `NoHistory`, `HistoryUnreadable`, `HistoryFileFault`.
    """
    with ExitStack() as undone:
        lease = undone.enter_context(ExitStack())
        read = lease.enter_context(reading(history, contracts))
        limits = {"memory_limit": f"{memory_mb}MB", "threads": "2", "autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
        connection = open_published(published, limits).connection
        undone.callback(connection.close)
        define(connection, read)
        run(connection, f"set allowed_directories = [{_text(str(history.absolute()))}]")
        run(connection, "set enable_external_access = false")
        run(connection, "set lock_configuration = true")
        undone.pop_all()
    weakref.finalize(connection, lease.close)
    return connection


def define(connection: duckdb.DuckDBPyConnection, read: Reading) -> None:
    """Makes `<kind>_asof(observed, recorded)` for every kind, temporary like the connection: a table like `<kind>_current`. Both may be left out, null, a date (its end) or a moment."""
    speak(connection, read.contracts.rules_sql)
    for kind in read.contracts.kinds.values():
        run(connection, f"create or replace temp macro {kind.name}_asof(observed := null, recorded := null) as table {asof_sql(read, kind)}")


def asof_sql(read: Reading, kind: Kind) -> str:
    """The wide table of a kind over history cut at the parameters `observed` and `recorded`."""
    steps = [*_tables(read, kind), (f"touched_{kind.name}", known_sql(kind, Relations.of(kind.name)))]
    steps += [(f"golden_{kind.name}", golden_sql(kind, read.contracts, Relations.of(kind.name))), ("succession", succession_sql(read.contracts))]
    listed = ",\n".join(f"{name} as ({sql})" for name, sql in steps)
    return f"with {listed}\nselect * from ({wide_sql(read.contracts, kind)})"


def _tables(read: Reading, kind: Kind) -> Iterator[tuple[str, str]]:
    """History's tables that the statements read, cut."""
    known = history_tables(read.contracts)
    moments = Moments(*map(_moment, PARAMETERS))
    for name in dict.fromkeys([f"claim_{kind.name}", *FACTS_READ, *succession_reads(read.contracts)]):
        yield name, moments.rows(known[name], rows_sql(read.folder, read.manifest.of(name), known[name]))


def _moment(parameter: str) -> str:
    """A parameter as a moment: of a date its end, for null the end of time."""
    text = f"({parameter})::varchar"
    end = f"({parameter})::timestamp + interval 1 day - interval 1 millisecond"
    return f"coalesce(case when length({text}) <= 10 then {end} else ({parameter})::timestamp end, timestamp 'infinity')"


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
