"""Claims on the log to history, and questions to it: how fast it loads, how small it is, how long the past takes to answer.

What: a synthetic district on an embedded log (`bench_marts`: persons, dwellings, links, every seventh entity claimed by two sources), whose sources can say every attribute. History is loaded
from it in one piece and then in ten small ones, merged, asked about one entity and about whole kinds at a cut of both axes, and made into marts of a moment and into a whole warehouse again.
Beside each figure stands plain DuckDB over the same Parquet: the rows of one entity by a filter, the newest claim of each entity and source by a window over all its columns; no meaning
of ours is in those, so they are the limit. Unit: seconds of wall time, bytes on disk a claim, megabytes of peak memory.
Aims at 1.2 million people: 60 bytes a claim or less, one entity 50 ms, a whole kind of 5 million claims 3 s, the whole warehouse from 20 million claims 60 s, 3 GB.
Back of the envelope: a claim has 20 bytes that nothing compresses (content, entity, row), and about as many more; 5 million rows of 30 columns at 1 million a second and core.
Run: `python -m tests.bench.bench_history [--people 100000]`.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import duckdb

from contracts.facts import claim_schema
from contracts.model import Contracts, Mapped
from streams.log import EmbeddedLog
from tests.bench.bench_marts import SHARES, chunks, claim_columns, close, speaks
from tests.warehouse.samples import contracts, message
from warehouse.history import AsOf, Cut, History, Means, compact, read_manifest, restore
from warehouse.load import Current
from warehouse.publish import Publisher

PARTITIONS = 2
ASKED = 20
CUT = Cut(observed=datetime(2026, 8, 1), recorded=datetime(2026, 9, 1))
MEANS = Means(threads=2, memory_mb=1500, on_disk=True)
ONE = Means(threads=2, memory_mb=1500)


def outspoken(known: Contracts) -> Contracts:
    """Contracts whose feeds can say every attribute of their kinds, so that golden statements have all of their work."""
    feeds = {
        name: replace(
            feed, mappings=tuple(replace(each, columns=tuple(Mapped(one.name, "x") for one in known.kinds[each.target].attributes)) for each in feed.mappings)
        )
        for name, feed in known.feeds.items()
    }
    return replace(known, feeds=feeds)


def fill(log: EmbeddedLog, known: Contracts, numbers: range, of: int, recorded_at: str) -> int:
    """Claims about the entities of a share of `of` people; how many."""
    total = 0
    with duckdb.connect() as engine:
        for name, share in SHARES.items():
            kind, sources = known.kinds[name], known.sources(name)
            start, stop = (max(0, int(number * share)) for number in (numbers.start, numbers.stop))
            for bit, source in enumerate(sources):
                listed = f"(select range from range({start}, {max(stop, start + 1)}) where {speaks(sources, bit).replace('k', 'range')})"
                columns = claim_columns(kind, source, bit, recorded_at) | {"content": f"('0x' || md5('{source}' || k)[1:16])::ubigint"}
                for number, chunk in enumerate(chunks(engine, claim_schema(kind), columns, listed)):
                    log.append("cabin.claims", number % PARTITIONS, [message(f"claim.{name}", chunk)])
                    total += chunk.num_rows
    close(log, known, datetime.fromisoformat(recorded_at))
    return total


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    started = time.perf_counter()
    found = work()
    return round(time.perf_counter() - started, 3), found


def files_of(folder: Path, table: str) -> str:
    return ", ".join(f"'{folder / file.path}'" for file in read_manifest(folder).of(table))


def plain_entity(folder: Path, kind: str, entity: str) -> None:
    with duckdb.connect() as con:
        con.execute(f"select * from read_parquet([{files_of(folder, f'claim_{kind}')}]) where entity = '{entity}'").fetchall()


def plain_kind(folder: Path, kind: str) -> int:
    """The newest claim of each entity and source, kept as a table."""
    with duckdb.connect(str(folder / "plain.duckdb"), config={"memory_limit": f"{MEANS.memory_mb}MB", "threads": "2"}) as con:
        con.execute(
            f"""create or replace table newest as select * from read_parquet([{files_of(folder, f"claim_{kind}")}])
            where recorded_at <= timestamp '2026-09-01' and observed_at <= timestamp '2026-08-01'
            qualify row_number() over (partition by entity, source order by observed_at desc) = 1"""
        )
        rows = con.execute("select count(*) from newest").fetchall()[0][0]
    (folder / "plain.duckdb").unlink()
    return int(rows)


def sample(folder: Path, kind: str) -> list[str]:
    with duckdb.connect() as con:
        rows = con.execute(f"select distinct entity from read_parquet([{files_of(folder, f'claim_{kind}')}]) order by hash(entity) limit {ASKED}").fetchall()
    return [str(row[0]) for row in rows]


def ask_entity(folder: Path, known: Contracts, kind: str, entity: str) -> None:
    with AsOf.open(folder, known, CUT, ONE) as asof:
        asof.entity(kind, entity)


def ask_kind(folder: Path, known: Contracts, kind: str) -> int:
    with AsOf.open(folder, known, CUT, MEANS) as asof:
        return len(asof.kind(kind))


def load(folder: Path, known: Contracts, log: EmbeddedLog) -> None:
    with History.open(folder, known) as history:
        history.append(log)


def merge(folder: Path, known: Contracts) -> int:
    with History.open(folder, known) as history:
        return compact(history, few=1)


def marts(folder: Path, known: Contracts) -> None:
    with AsOf.open(folder, known, Cut(), MEANS) as asof:
        asof.marts(folder / "marts.duckdb", "bench")


def ask(folder: Path, known: Contracts, kind: str) -> dict[str, object]:
    """Some entities one by one, each from opening history on, and the whole kind; beside plain DuckDB."""
    held = sum(file.rows for file in read_manifest(folder).of(f"claim_{kind}"))
    asked = sample(folder, kind)
    ours, plain = [], []
    for entity in asked:
        ours.append(timed(partial(ask_entity, folder, known, kind, entity))[0])
        plain.append(timed(partial(plain_entity, folder, kind, entity))[0])
    milliseconds = {"p50": round(1000 * statistics.median(ours)), "max": round(1000 * max(ours)), "plain_p50": round(1000 * statistics.median(plain))}
    seconds, rows = timed(partial(ask_kind, folder, known, kind))
    whole = {"claims": held, "entities": rows, "seconds": seconds, "plain_seconds": timed(partial(plain_kind, folder, kind))[0]}
    return {f"{kind}_entity_ms": milliseconds, f"{kind}_kind": whole}


def restored(folder: Path, history: Path, known: Contracts, log: EmbeddedLog) -> None:
    """The whole warehouse: the current file from history, and every mart."""
    with Current.open(folder / "warehouse" / "current.duckdb", known) as current:
        restore(current, history, log)
        Publisher(folder / "published", "bench").publish(current)


def measure(people: int, folder: Path) -> dict[str, object]:
    """Seconds per step, sizes, peak memory of this process."""
    known = outspoken(contracts())
    history = folder / "history"
    small = max(10, people // 1000)
    figures: dict[str, object] = {"people": people}
    with EmbeddedLog.open(folder / "log.sqlite", PARTITIONS) as log:
        claims = fill(log, known, range(people), people, "2026-08-31")
        figures["made_peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1000
        seconds, _ = timed(lambda: load(history, known, log))
        figures |= {"claims": claims, "load_seconds": seconds, "load_claims_per_second": round(claims / seconds)}
        more = []
        for number in range(10):
            claims += fill(log, known, range(people + number * small, people + (number + 1) * small), people, "2026-09-01")
            more.append(timed(lambda: load(history, known, log))[0])
        figures |= {"small_load_claims": claims // 1000, "small_load_seconds": statistics.median(more)}
    figures["merge_seconds"], figures["merged_files"] = timed(lambda: merge(history, known))
    files = [file for file in read_manifest(history).files if file.table.startswith("claim_")]
    figures["bytes_per_claim"] = round(sum(file.bytes for file in files) / sum(file.rows for file in files), 1)
    for kind in ("person", "residency", "dwelling"):
        figures |= ask(history, known, kind)
    figures["marts_seconds"], _ = timed(lambda: marts(history, known))
    with EmbeddedLog.open(folder / "log.sqlite", PARTITIONS) as log:
        figures["restore_seconds"], _ = timed(lambda: restored(folder, history, known, log))
    figures["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1000
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=100_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(measure(given.people, Path(folder)), indent=2))


if __name__ == "__main__":
    main()
