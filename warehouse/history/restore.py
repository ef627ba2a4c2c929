"""The whole warehouse from history: the current file filled with what history holds, golden rows by the golden statement over it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from contracts.golden import Relations, golden_sql, known_sql
from contracts.planning import planned_for
from contracts.ports import Log
from warehouse.engine import number, run
from warehouse.errors import HistoryOfAnotherLog
from warehouse.history.layout import history_tables, quoted
from warehouse.history.read import Cut, Reading, reading
from warehouse.history.write import History, same_log
from warehouse.load import TOPICS, Current, Place
from warehouse.slices import alias_version

CHANGES = "cabin.changes"


def restore(current: Current, folder: Path, log: Log, *, memory_mb: int = 700) -> dict[str, int]:
    """Fills the current file anew; gives the rows by table. History is brought up to the log first, so nothing that is there is left out, and loading goes on from there.

    Golden rows have version 0: a later change of an entity takes their place. Changes told up to now are left out, because what they came from is in history.
    Raises: `HistoryInUse`, `HistoryBehindLog`, `HistoryOfAnotherLog`, `HistoryFileFault`; then the current file is as it was.
    """
    told = _ends(log)
    with History.open(folder, current.contracts, memory_mb=memory_mb) as history:
        if history.append(log).moved:
            raise HistoryOfAnotherLog()
    with reading(folder, current.contracts) as read:
        same_log(read.manifest, log, alias_version(log))
        places = [(each.topic, each.partition, each.next, each.digest) for each in read.manifest.positions if each.topic in TOPICS]
        with _shown(current, read), current.anew(log, [*places, *told]):
            return _filled(current)


def _ends(log: Log) -> list[Place]:
    """Where the changes end: whatever claims came before them are on the log by now."""
    found: list[Place] = []
    for partition in range(log.partitions):
        end = log.end(CHANGES, partition)
        last = log.read(CHANGES, partition, end - 1, 1) if end else ()
        if last:
            found.append((CHANGES, partition, last[-1].position.offset + 1, sha256(last[-1].message.value).hexdigest()))
    return found


@contextmanager
def _shown(current: Current, read: Reading) -> Iterator[None]:
    """History's tables as views in a database of their own, `past`."""
    main = current.database
    run(current.connection, "attach ':memory:' as past")
    try:
        run(current.connection, "use past")
        read.show(current.connection, Cut())
        run(current.connection, f"use {main}")
        yield
    finally:
        run(current.connection, f"use {main}")
        run(current.connection, "detach past")


def _filled(current: Current) -> dict[str, int]:
    connection, contracts, main = current.connection, current.contracts, current.database
    rows: dict[str, int] = {}
    for name in history_tables(contracts):
        held = ", ".join(map(quoted, _columns(current, main, name)))
        if held:
            rows[name] = number(connection, f"insert into {main}.main.{quoted(name)} by name select {held} from past.main.{quoted(name)}")
    run(connection, f"set search_path = 'past.main,{main}.main'")  # so that statements mean history by a table's name
    try:
        for kind in contracts.kinds.values():
            run(connection, f"create or replace temp table touched_{kind.name} as {known_sql(kind, Relations.of(kind.name))}")
            with planned_for(connection, number(connection, f"select count(*) from touched_{kind.name}")):
                made = golden_sql(kind, contracts, Relations.of(kind.name))
                rows[f"golden_{kind.name}"] = number(connection, f"insert into {main}.main.golden_{kind.name} by name {made}")
            run(connection, f"drop table temp.touched_{kind.name}")
    finally:
        run(connection, f"use {main}")
    return rows


def _columns(current: Current, main: str, table: str) -> Sequence[str]:
    """The columns that the current file keeps of a table of history; none where it keeps no such table."""
    asked = "select column_name from duckdb_columns() where database_name = ? and schema_name = 'main' and table_name = ? order by column_index"
    return [str(name) for (name,) in run(current.connection, asked, [main, table])]
