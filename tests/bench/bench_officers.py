"""What officers ask all day, from a warm reader: the card of a person or a dwelling, who lives where, a grid's list, search by part of a name or an address, and the page of a grid.

What: the synthetic district of `bench_marts` (or a data folder that exists), published; every question for another person, grid, name or door each time, so that no answer is the one before.
Each is asked twice over: through the process that answers typed SQL (saved queries) and, as the limit, by plain DuckDB on a connection that stays open (search has no process of its own).
Unit: milliseconds, p50 and p99, and the mean of processor time; also the start of the process. Aim at 1.2 million people: p50 20 ms, p99 150 ms; a page is no such question. Twice that is too slow.
Back of the envelope: rows lie in the order of their keys, so a card reads one block of 10,000 rows of each column it needs, 75 of 250 KB at most: 5 ms, and planning its text takes as long;
a search reads a few blocks of sorted parts and of texts in three statements of 2 to 4 ms, most of it planning, whatever the number of people.
Of 1.2 million people on 2 busy cores (p50, p99 in ms): person's card 15, 47; homes 12, 20; dwelling's card 18, 31; its residents 6, 7; list 8, 10; name 5, 37; address 12, 33.
When every row was looked at, on 2 idle ones: person's card 39, 45; homes 25, 26; list 14, 18; name 103, 149; address 322, 398.
Run: `python -m tests.bench.bench_officers [--people 20000] [--rounds 100] [--data FOLDER]`.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import quantiles
from typing import Any

import duckdb
import psutil

from streams.log import EmbeddedLog
from tests.bench.bench_marts import PARTITIONS, fill
from tests.warehouse.samples import contracts
from warehouse.ask import Asker, Limits
from warehouse.find import find_in
from warehouse.load import Current
from warehouse.publish import Publisher
from warehouse.query import connected
from warehouse.report import Span, report_on
from warehouse.saved import SavedQuery, bound, saved_queries

KEY = "bench"
CHOSEN = {
    "person": "select distinct resident from household order by hash(resident) limit $n",
    "dwelling": "select distinct dwelling from household order by hash(dwelling) limit $n",
    "grid": "select distinct grid from visit_plan order by hash(grid) limit $n",
    "address": "select split_part(dwelling, '/', 2) || split_part(dwelling, '/', 3) from visit_plan order by hash(dwelling) limit $n",
}
ASKED = (
    ("person_card", "person"),
    ("person_homes", "person"),
    ("dwelling_card", "dwelling"),
    ("dwelling_residents", "dwelling"),
    ("grid_worklist", "grid"),
    ("grid_weeks", "grid"),
)
"""Saved queries with what they are asked about."""
NAMES = ("王一", "李丁", "张七", "刘万", "陈丈", "杨三", "黄上", "赵下", "周丌", "吴不")


def published(people: int, folder: Path) -> Path:
    """The synthetic district, published."""
    known = contracts()
    with EmbeddedLog.open(folder / "log.sqlite", PARTITIONS) as log:
        fill(log, known, people)
        with Current.open(folder / "warehouse" / "current.duckdb", known) as current:
            current.load(log)
            Publisher(folder / "published", KEY).publish(current)
    return folder / "published"


def spent_seconds(child: int | None) -> float:
    """Processor time of this process and of the child."""
    times = psutil.Process(child).cpu_times() if child else None
    return time.process_time() + (times.user + times.system if times else 0)


def timed(ask: Callable[[str], object], given: Sequence[str], rounds: int, child: int | None = None) -> dict[str, float]:
    """Milliseconds of `rounds` questions after three that warm the reader; `cpu_ms` is the mean of processor time, which others on the machine do not lengthen."""
    for text in given[:3]:
        ask(text)
    taken, before = [], spent_seconds(child)
    for number in range(rounds):
        began = time.perf_counter()
        ask(given[number % len(given)])
        taken.append((time.perf_counter() - began) * 1000)
    cut = quantiles(taken, n=100)
    return {"p50_ms": round(cut[49], 1), "p99_ms": round(cut[98], 1), "cpu_ms": round((spent_seconds(child) - before) / rounds * 1000, 1)}


def chosen(snapshot: duckdb.DuckDBPyConnection, rounds: int) -> dict[str, list[str]]:
    """What to ask about."""
    return {what: [str(value) for (value,) in snapshot.execute(sql, {"n": rounds}).fetchall()] for what, sql in CHOSEN.items()} | {"name": list(NAMES)}


def measure(folder: Path, rounds: int) -> Iterator[tuple[str, dict[str, float]]]:
    """Each question with its figures."""
    queries, known = saved_queries(), contracts()
    with connected(folder, memory_mb=1500) as plain, Asker(folder, Limits(seconds=60, memory_mb=1500)) as asker:
        began = time.perf_counter()
        asker.ask("select 1")
        yield "process begun", {"ms": round((time.perf_counter() - began) * 1000, 1)}
        about = chosen(plain, rounds)
        for name, what in ASKED:
            yield f"{name}, process", timed(_process(asker, queries[name], what), about[what], rounds, asker.pid)
            yield f"{name}, plain", timed(_plain(plain, queries[name], what), about[what], rounds)
        for what in ("name", "address"):
            yield f"search by part of {what}, plain", timed(lambda text: find_in(plain, text, name_key=KEY), about[what], rounds)
        yield "page of a grid, plain", timed(lambda grid: report_on(plain, known, grid, Span()), about["grid"], max(5, rounds // 10))


def _process(asker: Asker, query: SavedQuery, what: str) -> Callable[[str], object]:
    return lambda text: asker.ask(query.sql, bound(query, {what: text}), rows=1000)


def _plain(connection: duckdb.DuckDBPyConnection, query: SavedQuery, what: str) -> Callable[[str], object]:
    return lambda text: connection.sql(query.sql, params=bound(query, {what: text})).to_arrow_table()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--data", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures: dict[str, Any] = {"people": given.people if given.data is None else str(given.data)}
        figures |= dict(measure(given.data / "published" if given.data else published(given.people, Path(folder)), given.rounds))
    print(json.dumps(figures, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
