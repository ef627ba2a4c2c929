"""Claims and golden changes to published marts: load, whole publish, and a delivery of 1,000 rows afterwards.

What: a synthetic district on an embedded log (per person 1 person, 0.4 dwellings, 1.05 links; every seventh entity claimed by two sources, every twenty-first disputed),
loaded into the current file and published. Unit: seconds of wall time, megabytes of files and of peak memory. Aim at 1.2 million people, about 3.2 million golden rows and 5 million claims:
load 15 s, marts 15 s, a further 1,000 rows 10 s, 3 GB; at 20,000 people 3 s for the further rows. Twice that is too slow.
Back of the envelope: 8 million rows of 40 columns at 1 million rows a second and core.
Run: `python -m tests.bench.bench_marts [--people 1200000]`.
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from contracts.facts import CLOSED, claim_schema, golden_schema
from contracts.golden.basis import AGREED, DISPUTED, SINGLE, packed_sql
from contracts.model import Contracts, Kind
from streams.log import EmbeddedLog
from tests.warehouse.samples import contracts, message, outcome
from warehouse.load import Current
from warehouse.publish import Publisher

CHUNK_ROWS = 20_000
PARTITIONS = 2
VILLAGE = "'330302' || lpad(((k % 171) + 1)::varchar, 6, '0')"
HOME = f"{VILLAGE} || '/解放街' || (k % 97) || '/' || (k // 40) || '/' || (k % 40 // 12 + 1) || '/' || (k % 3 + 1) || '/' || (k % 40 + 101)"
PERSON = "'p' || md5('e' || k)[1:24]"
SURNAMES = "王李张刘陈杨黄赵周吴"
VALUES = {
    "text": "'v' || (k % 5000)",
    "code": "(k % 4 + 1)::varchar",
    "address": HOME,
    "date": "date '2020-01-01' + (k % 2000)::integer",
    "timestamp": "(timestamp '2026-01-01' + to_hours((k % 5000)::bigint))::timestamp_ms",
    "integer": "k % 30",
    "decimal": "(k % 12000 / 100)::decimal(18, 6)",
    "boolean": "true",
}
NAME = f"'{SURNAMES}'[(k % 10 + 1)::integer] || chr((19968 + k % 3000)::integer) || chr((20000 + k % 700)::integer)"
ENTITY = {"person": PERSON, "dwelling": HOME, "residency": f"{PERSON} || '@' || {HOME.replace('k', '(k * 2 // 5)')}"}
SHARES = {"person": 1.0, "dwelling": 0.4, "residency": 1.05, "business": 0.06, "place": 0.0002}


def observed(bit: int) -> str:
    return f"(timestamp '2025-11-01' + to_hours(((k * 31 + {bit} * 700) % 7000)::bigint))::timestamp_ms"


def speaks(sources: tuple[str, ...], bit: int) -> str:
    """Whether a source speaks about entity k: one always, the others about every seventh."""
    always = sources.index("ps_resident") if "ps_resident" in sources else 0
    return "true" if bit == always else f"k % 7 = {bit}"


def golden_columns(kind: Kind, sources: tuple[str, ...]) -> dict[str, str]:
    """SQL of every golden column of entity k."""
    found = {
        "entity": ENTITY.get(kind.name, f"'{kind.name}' || k"),
        "alive": "true",
        "area": VILLAGE,
        "observed_at": observed(0),
        "main": "k % 20 > 0",
        "version": "1",
    }
    if kind.name == "residency":
        found |= {"person": PERSON, "dwelling": HOME.replace("k", "(k * 2 // 5)")}
    for bit, source in enumerate(sources):
        spoken = {"delivery": f"'{source[:6]}aaaaaa'", "row": "k", "record": "'R' || k", "observed_at": observed(bit)}
        found |= {f"{source}__{name}": f"case when {speaks(sources, bit)} then {sql} end" for name, sql in spoken.items()}
    found |= {each.name: NAME if each.name == "name" else VALUES[each.type] for each in kind.attributes}
    found["deregistered_on"] = "case when k % 97 = 0 then date '2026-01-01' + (k % 300)::integer end"
    always = next(bit for bit in range(len(sources)) if speaks(sources, bit) == "true")
    status = f"case when k % 21 = 0 then {DISPUTED} when k % 7 < 3 then {AGREED} else {SINGLE} end"
    found |= {f"{unit.name}__basis": packed_sql(status, str(always), str(1 << always), "0") for unit in kind.units}
    first = kind.units[min(1, len(kind.units) - 1)].name
    other = next((bit for bit in range(len(sources)) if bit != always), always)
    found["differs"] = (
        f"case when k % 3 = 0 and {speaks(sources, other)} then [{{'attribute': '{first}', 'source': '{sources[other]}', 'record': 'R' || k, 'claimed': 'other', 'golden': 'golden', "
        f"'judged': false, 'observed_at': {observed(other)}, 'delivery': '{sources[other][:6]}aaaaaa', 'row': k}}] end"
    )
    return found


def claim_columns(kind: Kind, source: str, bit: int, recorded_at: str) -> dict[str, str]:
    found = {"entity": ENTITY.get(kind.name, f"'{kind.name}' || k"), "source": f"'{source}'", "delivery": f"'{source[:6]}aaaaaa'", "row": "k", "repair": "0"}
    found |= {"contract_version": "1", "recorded_at": f"timestamp_ms '{recorded_at}'", "record": "'R' || k", "observed_at": observed(bit), "withdraws": "false"}
    found |= {
        "own_time": "true",
        "listed": "true",
        "moment": "timestamp_ms '2026-08-31'",
        "area": VILLAGE,
        "person": PERSON,
        "dwelling": HOME.replace("k", "(k * 2 // 5)"),
    }
    return found | {each.name: NAME if each.name == "name" else VALUES[each.type] for each in kind.attributes}


def chunks(engine: duckdb.DuckDBPyConnection, schema: pa.Schema, columns: dict[str, str], numbers: str) -> Iterator[pa.Table]:
    """Rows of entities `numbers` (a table function call), in chunks."""
    listed = ", ".join(f'{columns.get(field.name, "null")} as "{field.name}"' for field in schema)
    for batch in engine.sql(f"select {listed} from {numbers} as numbers(k)").to_arrow_reader(CHUNK_ROWS):
        yield pa.Table.from_batches([batch]).cast(schema)


def fill(log: EmbeddedLog, known: Contracts, people: int) -> dict[str, int]:
    """The district on the log: claims, golden changes, closed deliveries and outcomes."""
    counts = {"claims": 0, "golden": 0}
    with duckdb.connect() as engine:
        for name, share in SHARES.items():
            kind, sources, entities = known.kinds[name], known.sources(name), max(2, int(people * share))
            columns = golden_columns(kind, sources)
            for number, chunk in enumerate(chunks(engine, golden_schema(kind, sources), columns, f"range({entities})")):
                log.append("cabin.changes", number % PARTITIONS, [message(f"golden.{name}", chunk)])
                counts["golden"] += chunk.num_rows
            for bit, source in enumerate(sources):
                numbers = f"(select range from range({entities}) where {speaks(sources, bit).replace('k', 'range')})"
                for number, chunk in enumerate(chunks(engine, claim_schema(kind), claim_columns(kind, source, bit, "2026-09-01"), numbers)):
                    log.append("cabin.claims", number % PARTITIONS, [message(f"claim.{name}", chunk)])
                    counts["claims"] += chunk.num_rows
    close(log, known, datetime(2026, 9, 1))
    return counts


def close(log: EmbeddedLog, known: Contracts, at: datetime) -> None:
    rows = [
        {
            "source": name,
            "delivery": f"{name[:6]}aaaaaa",
            "mode": "snapshot",
            "delivered": 9,
            "refused": 0,
            "reduced": 0,
            "layout": 0,
            "landed": 9,
            "recorded_at": at,
        }
        for name in known.feeds
    ]
    log.append("cabin.claims", 0, [message("closed", pa.Table.from_pylist(rows, CLOSED))])
    log.append("cabin.outcomes", 0, [outcome(name, f"{name[:6]}aaaaaa", 0, at) for name in known.feeds])


def deliver(log: EmbeddedLog, known: Contracts, rows: int) -> None:
    """A further delivery: `rows` persons, who move by their golden version only, and their links."""
    with duckdb.connect() as engine:
        for name in ("person", "residency"):
            kind, sources = known.kinds[name], known.sources(name)
            golden = golden_columns(kind, sources) | {"version": "2", "area": "'330302000001'"}
            for chunk in chunks(engine, golden_schema(kind, sources), golden, f"range(0, {rows * 10}, 10)"):
                log.append("cabin.changes", 0, [message(f"golden.{name}", chunk)])
            again = claim_columns(kind, "ps_resident", 0, "2026-09-02") | {"delivery": "'bbbbbbbbbbbb'"}
            for chunk in chunks(engine, claim_schema(kind), again, f"range(0, {rows * 10}, 10)"):
                log.append("cabin.claims", 0, [message(f"claim.{name}", chunk)])
    close(log, known, datetime(2026, 9, 2))


def megabytes(folder: Path) -> int:
    return sum(each.stat().st_size for each in folder.rglob("*") if each.is_file()) // 1_000_000


def measure(people: int, folder: Path) -> dict[str, object]:
    """Seconds per step, sizes, peak memory of this process."""
    known = contracts()
    figures: dict[str, object] = {"people": people}

    def timed(name: str, started: float) -> None:
        figures[name] = round(time.perf_counter() - started, 2)

    with EmbeddedLog.open(folder / "log.sqlite", PARTITIONS) as log:
        figures |= fill(log, known, people)
        figures["made_peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1000
        with Current.open(folder / "warehouse" / "current.duckdb", known) as current:
            publisher = Publisher(folder / "published", "bench")
            started = time.perf_counter()
            current.load(log)
            timed("load_seconds", started)
            started = time.perf_counter()
            publisher.publish(current)
            timed("publish_seconds", started)
            deliver(log, known, 1000)
            started = time.perf_counter()
            current.load(log)
            timed("load_1000_seconds", started)
            again = publisher.publish(current)
            timed("visible_1000_seconds", started)
            figures["whole_again"] = again.whole
    figures["current_mb"], figures["published_mb"] = megabytes(folder / "warehouse"), megabytes(folder / "published")
    figures["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1000
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=20_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(measure(given.people, Path(folder)), indent=2))


if __name__ == "__main__":
    main()
