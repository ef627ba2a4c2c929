"""Claims to durable golden records, without landing or normalising.

What: synthetic claims of four sources about persons, as Arrow chunks on an embedded log, folded by two threads (one partition each) into state files and
`cabin.changes`. Unit: claims a second of wall time, and peak memory. Aim 200,000 claims/s on 2 cores; under 100,000 is too slow.
Back of the envelope: 2 threads, 10 microseconds a claim.
Run: `python tests/bench/bench_fold.py [--entities 1000000] [--settle 1000000]`.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb

from contracts.facts import claim_schema
from contracts.model import Attribute, Classification, Contracts, Feed, Kind, Label, Mapping
from contracts.partition import Share
from contracts.ports import Log, Message, Stored
from contracts.topics import CLAIMS
from streams.log.embedded import EmbeddedLog
from streams.reconcile import State, fold
from streams.reconcile.batches import encoded

SOURCES = ("ca_deregister", "ho_dwelling", "ps_resident", "rental")
PARTITIONS = 2
CHUNK_ROWS = 20_000
TYPES = {
    "name": "text",
    "sex": "code",
    "born_on": "date",
    "doc_type": "code",
    "phone": "text",
    "nation": "code",
    "education": "code",
    "employer": "text",
    "hukou": "text",
}


def attribute(name: str, type_: str) -> Attribute:
    return Attribute(name, f"person.{name}", type_, Label(name, name), "", Classification.PLAIN, "bench", "bench", 180)  # type: ignore[arg-type]


def feed(name: str) -> Feed:
    label = Label(name, name)
    return Feed(name, name, 1, "1.0.0", label, label, "csv", "utf-8", ",", ("increment",), (), ("t",), "''", (Mapping("person", ()),))


def contracts() -> Contracts:
    priorities = {"*": (("ps_resident",), ("rental", "ho_dwelling"), ("ca_deregister",)), "phone": (("rental",), ("ps_resident",))}
    attributes = (attribute("present", "boolean"), *(attribute(*one) for one in TYPES.items()))
    person = Kind("person", 1, "1.0.0", Label("person", "person"), "", attributes, priorities, 365)
    macro = "create or replace macro address_silent(a, b) as starts_with(b, a || '/');"
    return Contracts({name: feed(name) for name in SOURCES}, {"person": person}, {}, {}, macro, "bench")


def claims_sql(source: str, number: int, entities: range, partition: int) -> str:
    """One claim per entity of one source; one in ten values differs between sources."""
    differs = f"case when (k * 7 + {number}) % 40 = 0 then {number} else 0 end"
    return f"""select 'p' || md5('e' || k)[1:24] as entity, '{source}' as source, '{source[:6]}aaaaaa' as delivery, k::integer as "row", 0::smallint as repair, 1::smallint as contract_version,
    timestamp_ms '2026-11-01 00:00:00' as recorded_at, 'R' || k as record, (timestamp '2026-01-01' + to_hours((k * 31 % 5000)::bigint))::timestamp_ms as observed_at, null::smallint as "rank",
    false as withdraws, (('0x' || md5('c' || k || '{source}')[1:16])::ubigint) as content, true as own_time, true as listed, timestamp_ms '2026-10-01 00:00:00' as moment,
    '330302' || lpad((k % 171)::varchar, 6, '0') as area, null::varchar as flags, true as present, '王' || (k % 9973) || '号' as name, (k % 2 + 1)::varchar as sex,
    (date '1940-01-01' + (k % 30000)::integer) as born_on, '10' as doc_type, 't' || md5('t' || k || ({differs}))[1:24] as phone, lpad((k % 56)::varchar, 2, '0') as nation,
    case when {number} % 2 = 0 then (k % 9)::varchar end as education, case when {number} = 1 then '单位' || (k % 5000) end as employer, '330302' || (k % 171 + ({differs}))::varchar as hukou
  from range({entities.start}, {entities.stop}) r(k) where ('0x' || md5('p' || md5('e' || k)[1:24])[1:8])::ubigint % {PARTITIONS} = {partition}"""


def chunks(entities: range) -> Iterator[tuple[int, list[Message]]]:
    """The synthetic claims about these entities, source after source: a partition and the messages for it."""
    schema = claim_schema(contracts().kinds["person"])
    with duckdb.connect() as con:
        for number, source in enumerate(SOURCES):
            for partition in range(PARTITIONS):
                rows = con.sql(claims_sql(source, number, entities, partition)).to_arrow_table().select(schema.names).cast(schema)
                parts = [rows.slice(start, CHUNK_ROWS) for start in range(0, rows.num_rows, CHUNK_ROWS)]
                yield partition, [Message(encoded(part), {"ce_type": "claim.person", "rows": str(part.num_rows)}) for part in parts]


def write_claims(log: Log, entities: range) -> int:
    """Put the synthetic claims on a log of `PARTITIONS` partitions; gives their number."""
    total = 0
    for partition, messages in chunks(entities):
        log.append(CLAIMS, partition, messages)
        total += sum(int(each.headers["rows"]) for each in messages)
    return total


def fold_partition(folder: Path, partition: int, settle_rows: int) -> None:
    with EmbeddedLog.open(folder / "log.sqlite") as log, State.open(folder / f"p{partition}.duckdb", contracts(), Share(partition, PARTITIONS)) as state:
        fold(log, state, refused, settle_rows=settle_rows)


def refused(stored: Stored, reason: str, data: bytes) -> None:
    raise AssertionError(reason)


def measure(entities: int, settle_rows: int) -> dict[str, object]:
    """Fold everything once; setting up the log is not timed."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with EmbeddedLog.open(folder / "log.sqlite", PARTITIONS) as log:
            total = write_claims(log, range(entities))
        started, processor = time.perf_counter(), time.process_time()
        threads = [threading.Thread(target=fold_partition, args=(folder, partition, settle_rows)) for partition in range(PARTITIONS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        seconds, processor = time.perf_counter() - started, time.process_time() - processor
        bytes_used = sum(file.stat().st_size for file in folder.glob("p*.duckdb"))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return {
        "claims": total,
        "settle_rows": settle_rows,
        "seconds": round(seconds, 2),
        "processor_seconds": round(processor, 2),
        "claims_per_second": round(total / seconds),
        "claims_per_processor_second": round(total / processor),
        "peak_megabytes": peak,
        "state_megabytes": bytes_used // 1_000_000,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entities", type=int, default=1_000_000)
    parser.add_argument("--settle", type=int, default=1_000_000)
    given = parser.parse_args()
    print(
        json.dumps(measure(given.entities, given.settle) | {"duckdb": duckdb.__version__, "python": platform.python_version(), "machine": platform.machine()})
    )


if __name__ == "__main__":
    main()
