"""Claims on Kafka to durable golden records, every change acknowledged on `cabin.changes`, through two Faust workers (one partition each).

The job is that of `bench_fold` (claims of four sources about persons, 20,000 a message): with 1,000,000 entities 4,000,000 claims, as in the comparison of engines.
Two measurements, claims being on the topic before the workers start:
`first`: a new state, which publishes when it has reached what lay on the log; `further`: a state that has published already, and as many claims about further
entities: every settle publishes what it changed, so an entity of four sources goes out up to four times.
Unit: claims a second of wall time, from a worker's taking its first partition (and from the start of its process) to the last claim folded and the last change
acknowledged. Aim on 2 cores, broker included: 150,000 claims/s with settles of at most 100,000 rows; under 63,000 (Kafka Streams on such a job) is too slow.
Beside it the embedded fold of the same claims, and plain consumers: Kafka's own tool and kafka-python.
Run: `python -m tests.bench.bench_kafka_fold [entities] [--settle 100000] [--told]`; `--told`: subscribers are told meanwhile, as in production.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Sequence

from kafka import KafkaConsumer, TopicPartition

from contracts.partition import Share
from contracts.ports import Log
from contracts.topics import CHANGES, CLAIMS
from streams.reconcile import State
from tests.bench import bench_fold, fold_worker
from tests.bench.on_broker import PARTITIONS, Place, broker_seconds, on_broker, running

WAIT_SECONDS = 1800.0


def command(settle_rows: int, told: bool) -> list[str]:
    return [sys.executable, "-m", "tests.bench.fold_worker", "supervise", str(settle_rows), "told" if told else "quiet"]


def folded(place: Place, name: str, claims: int, settle_rows: int, told: bool) -> dict[str, object]:
    """What workers made of `claims` claims that lie on the topic; checked afterwards in the state files."""
    broker = broker_seconds(place)
    with running(place, command(settle_rows, told), name) as found:
        end = found.until(lambda: found.folded[-1][1] >= claims, WAIT_SECONDS, "claims folded")
        broker = broker_seconds(place) - broker
        found.usage.look(found.family())
    check(place)
    taken, whole = min(found.events("partition.taken")) - found.begun, end - found.begun
    return {
        f"{name}_claims_per_second": round(claims / (whole - taken)),
        f"{name}_claims_per_second_from_process_start": round(claims / whole),
        f"{name}_seconds": round(whole - taken, 2),
        f"{name}_worker_processor_seconds": found.usage.processor_seconds,
        f"{name}_broker_processor_seconds": round(broker, 2),
        f"{name}_peak_mb_per_worker": found.usage.peak_mb,
    }


def check(place: Place) -> None:
    """The states have applied everything and published everything; the workers have ended, so their files are free."""
    with fold_worker.open_log(place.broker.address, PARTITIONS) as log:
        for partition in range(PARTITIONS):
            with State.open(place.data / "state" / f"p{partition}.duckdb", bench_fold.contracts(), Share(partition, PARTITIONS)) as state:
                assert state.applied == log.end(CLAIMS, partition), "not everything is folded"
                assert state.published == state.version, "not everything is published"
                assert state.ends.get(CHANGES) == log.end(CHANGES, partition), "published elsewhere"


def changes(log: Log) -> int:
    """Golden rows on the topic of changes."""
    return sum(int(headers["rows"]) for partition in range(PARTITIONS) for _, headers in log.headers(CHANGES, partition, 0))


def tool_rate(place: Place, topic: str, messages: int) -> dict[str, float]:
    """What Kafka's own performance tool reads in a second: messages and megabytes."""
    arguments = ["--bootstrap-server", place.broker.address, "--topic", topic, "--num-records", str(messages), "--group", f"tool-{topic}", "--timeout", "30000"]
    line = ["java", "-Xmx512m", "-cp", f"{place.broker.jars.resolve()}/*", "org.apache.kafka.tools.ConsumerPerformance", *arguments]
    done = subprocess.run(line, capture_output=True, text=True, check=False, timeout=600)
    rows = [dict(zip(head, values, strict=True)) for head, values in _table(done.stdout)]
    if not rows:
        raise SystemExit(f"the performance tool says: {done.stdout[-1000:]}{done.stderr[-1000:]}")
    found = rows[-1]
    seconds = float(found["fetch.time.ms"]) / 1000
    return {"messages_per_second": float(found["data.consumed.in.nMsg"]) / seconds, "mb_per_second": float(found["data.consumed.in.MB"]) / seconds}


def _table(text: str) -> list[tuple[list[str], list[str]]]:
    lines = [[each.strip() for each in line.split(",")] for line in text.splitlines() if "," in line]
    return [(lines[0], line) for line in lines[1:] if len(line) == len(lines[0])]


def python_seconds(place: Place, topic: str) -> float:
    """How long one kafka-python consumer takes to read a topic to its end."""
    consumer = KafkaConsumer(
        bootstrap_servers=place.broker.address, enable_auto_commit=False, auto_offset_reset="earliest", max_partition_fetch_bytes=16_000_000
    )
    places = [TopicPartition(topic, partition) for partition in range(PARTITIONS)]
    consumer.assign(places)
    ends = consumer.end_offsets(places)
    consumer.seek_to_beginning(*places)
    begun = time.perf_counter()
    while any(consumer.position(each) < ends[each] for each in places):
        consumer.poll(timeout_ms=1000, max_records=100_000)
    seconds = time.perf_counter() - begun
    consumer.close()
    return seconds


def measure(entities: int, settle_rows: int, told: bool) -> dict[str, object]:
    """Everything at one size."""
    figures: dict[str, object] = {"entities": entities, "settle_rows": settle_rows, "subscribers_told": told}
    with on_broker() as place:
        fold_worker.make_topics(place.broker.address, PARTITIONS)
        with fold_worker.open_ports(place.data, place.broker.address, PARTITIONS) as ports:
            claims = bench_fold.write_claims(ports.log, range(entities))
            messages = sum(ports.log.end(CLAIMS, partition) for partition in range(PARTITIONS))
        figures |= {"claims": claims} | folded(place, "first", claims, settle_rows, told)
        with fold_worker.open_log(place.broker.address, PARTITIONS) as log:
            figures["first_changes"] = before = changes(log)
            further = bench_fold.write_claims(log, range(entities, 2 * entities))
        figures |= folded(place, "further", further, settle_rows, told)
        with fold_worker.open_log(place.broker.address, PARTITIONS) as log:
            figures["further_changes"] = changes(log) - before
        figures |= plain(place, claims + further, 2 * messages)
    return figures | {f"embedded_{name}": value for name, value in embedded(entities, settle_rows).items()}


def plain(place: Place, claims: int, messages: int) -> dict[str, object]:
    """What consumers read that do nothing with it."""
    tool, python = tool_rate(place, CLAIMS, messages), python_seconds(place, CLAIMS)
    return {
        "kafka_tool_claims_per_second": round(tool["messages_per_second"] * claims / messages),
        "kafka_tool_mb_per_second": round(tool["mb_per_second"], 1),
        "kafka_python_claims_per_second": round(claims / python),
    }


def embedded(entities: int, settle_rows: int) -> dict[str, object]:
    """The embedded fold of the same claims in the same settles."""
    found = bench_fold.measure(entities, settle_rows)
    return {name: found[name] for name in ("claims_per_second", "claims_per_processor_second", "peak_megabytes")}


def main(given: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("entities", type=int, nargs="?", default=50_000)
    parser.add_argument("--settle", type=int, default=100_000)
    parser.add_argument("--told", action="store_true")
    options = parser.parse_args(given)
    print(json.dumps(measure(options.entities, options.settle, options.told), indent=1))


if __name__ == "__main__":
    main()
