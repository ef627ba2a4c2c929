"""Publishers and readers as processes of their own, over a district in which every household is one delivery, so that a snapshot can be checked against itself.

`python -m tests.warehouse.publishing publish FOLDER` adds a household, loads and publishes, again and again, a line each; `read FOLDER` asks until its standard input ends.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb

from streams.log import EmbeddedLog
from tests.warehouse.samples import AT, NAME_KEY, add_households, contracts, log_at
from warehouse.catalogue import MartFile, mart_files
from warehouse.engine import run
from warehouse.load import Current
from warehouse.publish import Publisher
from warehouse.retention import Retention
from warehouse.snapshots import open_published

COUNTS_SQL = "select (select count(*) from household), (select count(*) from person_current), (select sum(accepted) from feed_health)::bigint"
MESSAGES = 3
"""A household's messages on `cabin.changes`."""


def marts() -> Mapping[str, MartFile]:
    """Two are enough: one kept by what changed, one made anew each time."""
    return {name: file for name, file in mart_files().items() if name in ("household", "feed_health")}


def publisher(folder: Path) -> Publisher:
    """Keeps one snapshot only, so that readers meet retirement at every publish."""
    return Publisher(folder / "published", NAME_KEY, marts(), retention=Retention(count=1))


def households(log: EmbeddedLog) -> int:
    return sum(log.end("cabin.changes", part) for part in range(log.partitions)) // MESSAGES


def one_more(log: EmbeddedLog, current: Current) -> None:
    """A household and the outcome of its delivery, loaded."""
    number = households(log)
    add_households(log, current.contracts, [number], at=AT + timedelta(days=number))
    current.load(log)


def households_of(snapshot: duckdb.DuckDBPyConnection) -> int:
    """How many households a snapshot holds: by the positions it says it was loaded up to, and by every table. Fails where they disagree."""
    about = dict(run(snapshot, "select name, value from about"))
    ends = json.loads(about["positions"])
    told = sum(ends["cabin.changes"]) // MESSAGES
    assert (sum(ends["cabin.changes"]) % MESSAGES, sum(ends["cabin.outcomes"])) == (0, told), ends
    assert run(snapshot, COUNTS_SQL) == [(told, told, told)], about
    moment = AT + timedelta(days=told - 1, hours=1)
    assert (about["moment"], run(snapshot, "select known_at from moment")) == (moment.isoformat(timespec="milliseconds"), [(moment,)])
    return told


def started(what: str, folder: Path) -> subprocess.Popen[str]:
    """One of the two processes; its first line says that it has begun."""
    line = [sys.executable, "-m", "tests.warehouse.publishing", what, str(folder)]
    process = subprocess.Popen(
        line, cwd=Path(__file__).parents[2], env=os.environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n", process.communicate()
    return process


def publish_on(folder: Path) -> None:
    with log_at(folder) as log, Current.open(folder / "current.duckdb", contracts()) as current:
        print("begun", flush=True)
        while True:
            one_more(log, current)
            print(publisher(folder).publish(current).snapshot, flush=True)


def read_on(folder: Path) -> dict[str, Any]:
    """What a reader saw that opens the published snapshot again and again, and keeps the first one open and asks it again each time."""
    first = open_published(folder / "published", {"threads": "1"})
    held, reads, seen = households_of(first.connection), 0, [int(first.name)]
    print("begun", flush=True)
    ended = False
    while not ended:
        ended = bool(select.select([sys.stdin], [], [], 0)[0])  # before the look, so that the last one comes after the end
        opened = open_published(folder / "published", {"threads": "1"})
        with opened.connection as snapshot:
            assert households_of(snapshot) == int(opened.name), opened.name
        assert households_of(first.connection) == held
        assert int(opened.name) >= seen[-1]
        reads, seen = reads + 1, seen if seen[-1] == int(opened.name) else [*seen, int(opened.name)]
    return {"reads": reads, "seen": seen}


if __name__ == "__main__":
    if sys.argv[1] == "publish":
        publish_on(Path(sys.argv[2]))
    else:
        print(json.dumps(read_on(Path(sys.argv[2]))))
