"""The index of the desk: one DuckDB file derived from `cabin.quarantine`, `cabin.outcomes` and `cabin.desk`, so that a million rows are asked in milliseconds.

It goes on from the positions it was made up to; where the log was made anew, or the file is gone or another release's, it is made from the beginning. A file is
never written to while others may read it: the next one is made beside it and takes its name, so several processes may ask and refresh at once.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb
import orjson
import pyarrow as pa

from contracts.database import connect
from contracts.ipc import Unreadable, number_of, read_table
from contracts.ports import Log, Message, Stored
from contracts.quarantined import QUARANTINED
from contracts.topics import DESK, OUTCOMES, QUARANTINE
from contracts.transaction import transaction
from quality.desk.fold import DELIVERED, SCHEMA, add_events, apply, settle, with_given
from quality.desk.shapes import shapes
from quality.desk.steps import step_in

NAME = "index.duckdb"
RELEASE = "3"
"""Another one is made from the beginning."""
ROWS_AT_ONCE = 200_000
CELL_SQL = """select source, delivery, "row", chunk, recorded_at, reason, "column", json_extract_string(cells, '$."' || "column" || '"') as cell,
  case when reason = 'unidentified' then json_extract_string(cells, '$."' || "column" || '_check"') end as verdict, part, place from given"""

Positions = dict[str, int]
"""`topic/partition` and the offset of its next message."""


@contextmanager
def opened(folder: Path, log: Log) -> Iterator[duckdb.DuckDBPyConnection]:
    """The index brought up to the log's end, read-only, to be closed with the block."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        writable = os.access(folder, os.W_OK)
    except OSError:
        writable = False
    with _folder(folder if writable else None) as place:
        file = refreshed(place, log)
        con = connect(str(file), read_only=True)
        try:
            yield con
        finally:
            con.close()


def refreshed(folder: Path, log: Log) -> Path:
    """The file, made up to the log's end as it is now."""
    file = folder / NAME
    ends = _ends(log)
    known = _known(file, log.generation)
    if known is not None and all(known.get(name, 0) >= end for name, end in ends.items()):
        return file
    handle, name = tempfile.mkstemp(prefix="index.", suffix=".tmp", dir=folder)
    os.close(handle)
    made = Path(name)
    try:
        made.unlink()
        if known is not None:
            shutil.copyfile(file, made)
            known = _known(made, log.generation)  # another process may have replaced the file since; the copy goes on from where it is itself
            if known is None:
                made.unlink()
        _follow(made, log, known, ends)
        made.replace(file)
    finally:
        for left in (made, made.with_name(made.name + ".wal")):
            left.unlink(missing_ok=True)
    return file


@contextmanager
def _folder(folder: Path | None) -> Iterator[Path]:
    """The folder, or where nothing may be written there a passing one."""
    if folder is not None:
        yield folder
        return
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def _ends(log: Log) -> Positions:
    """Quarantine is asked first: what redrove a row that is quarantined again then lies within the desk's end."""
    ends = {f"{topic}/{partition}": log.end(topic, partition) for topic in (QUARANTINE, OUTCOMES) for partition in range(log.partitions)}
    return ends | {f"{DESK}/0": log.end(DESK, 0)}


def _known(file: Path, generation: str) -> Positions | None:
    """The positions of a file of this log and release; None where it must be made anew."""
    if not file.exists():
        return None
    with suppress(duckdb.Error):
        con = connect(str(file), read_only=True)
        try:
            told = dict(con.execute("select name, value from told").fetchall())
        finally:
            con.close()
        if (told.get("release"), told.get("generation")) == (RELEASE, generation):
            return {name: int(end) for name, end in orjson.loads(told["positions"]).items()}
    return None


def _follow(file: Path, log: Log, known: Positions | None, ends: Positions) -> None:
    con = connect(str(file), config={"threads": 2})
    try:
        with transaction(con):
            if known is None:
                con.execute(SCHEMA)
            start = known or {}
            for stored in _messages(log, DESK, 0, start, ends):
                step = step_in(stored.message)
                if step is not None:
                    apply(con, stored.position.offset, step)
            _add_outcomes(con, log, start, ends)
            for table in _quarantined(log, start, ends):
                con.register("given", table)
                cells = con.sql(CELL_SQL).to_arrow_table()
                con.unregister("given")
                add_events(con, cells.append_column("shape", shapes(cells["cell"].combine_chunks())).drop_columns(["cell"]))
            settle(con)
            con.execute("delete from told").fetchall()
            reached = {name: max(end, start.get(name, 0)) for name, end in ends.items()}
            told = [("release", RELEASE), ("generation", log.generation), ("positions", orjson.dumps(reached).decode())]
            con.executemany("insert into told values (?, ?)", told)
    finally:
        con.close()


def _messages(log: Log, topic: str, partition: int, start: Positions, ends: Positions) -> Iterator[Stored]:
    """What was appended since, up to the end that was seen."""
    name = f"{topic}/{partition}"
    offset = start.get(name, 0)
    while offset < ends[name]:
        read = log.read(topic, partition, offset)
        if not read:
            return
        yield from (stored for stored in read if stored.position.offset < ends[name])
        offset = read[-1].position.offset + 1


def _quarantined(log: Log, start: Positions, ends: Positions) -> Iterator[pa.Table]:
    """Quarantined rows with the place of their message, a few hundred thousand at once; what a stranger wrote is left out."""
    waiting: list[pa.Table] = []
    for partition in range(log.partitions):
        for stored in _messages(log, QUARANTINE, partition, start, ends):
            waiting += _rows(stored.message, partition, stored.position.offset)
            if sum(each.num_rows for each in waiting) >= ROWS_AT_ONCE:
                yield pa.concat_tables(waiting).combine_chunks()
                waiting = []
    if waiting:
        yield pa.concat_tables(waiting).combine_chunks()


def _rows(message: Message, partition: int, offset: int) -> list[pa.Table]:
    """The rows of a message with its place; none where it is a stranger's."""
    try:
        table = read_table(message.value)
    except Unreadable:
        return []
    if not table.schema.equals(QUARANTINED):
        return []
    part, place = pa.array([partition] * table.num_rows, pa.int32()), pa.array([offset] * table.num_rows, pa.int64())
    return [table.drop_columns(["subject", "sealed"]).append_column("part", part).append_column("place", place)]


def _add_outcomes(con: duckdb.DuckDBPyConnection, log: Log, start: Positions, ends: Positions) -> None:
    """Where each raw message lies; of copies the first that was told of."""
    found = [
        (headers["delivery"], int(headers["chunk"]), value.get("type"), headers["raw_topic"], part, place, value.get("rows"))
        for partition in range(log.partitions)
        for stored in _messages(log, OUTCOMES, partition, start, ends)
        for headers, value in ((stored.message.headers, _json(stored.message.value)),)
        if headers.get("outcome") != "duplicate" and headers.get("delivery") and isinstance(value.get("rows"), int)
        for part, place in ((number_of(headers.get("raw_partition")), number_of(headers.get("raw_offset"), 1 << 62)),)
        if part is not None and place is not None and number_of(headers.get("chunk")) is not None and "raw_topic" in headers
    ]
    names = (
        ("delivery", pa.string()),
        ("chunk", pa.int32()),
        ("form", pa.string()),
        ("topic", pa.string()),
        ("part", pa.int32()),
        ("place", pa.int64()),
        ("rows", pa.int64()),
    )
    if found:
        table = pa.table([pa.array(column, kind) for column, (_, kind) in zip(zip(*found, strict=True), names, strict=True)], names=[name for name, _ in names])
        with_given(con, table, "insert into message select * from given")
        # what weighs by its message may have been read before its outcome was
        with_given(
            con,
            table,
            f"""insert into touched select distinct e.delivery, e.slot from event as e join given as g on g.delivery = e.delivery and g.chunk = e.chunk
where e."row" <= 0 or g.form <> '{DELIVERED}'""",
        )


def _json(value: bytes) -> dict[str, object]:
    try:
        found = orjson.loads(value)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}
