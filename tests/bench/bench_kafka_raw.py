"""Raw rows to durable golden records through Faust workers on Kafka, one for each partition, against the embedded cabin on the same raw messages.

What: the demo district's deliveries, landed on Kafka before the workers start. Unit: raw rows a second of wall time, from the workers' start (of processes, and of
the first partition taken) to the last fact folded and the last change acknowledged. The same messages, copied to a log file beside a copy of the vault, go through
`normalise_log` and the fold, with one process and with two; the ratio is to the faster of both. Aim: at least 0.7 of the embedded rate; under 0.5 is too slow.
Back of the envelope: the same 10 + 8 microseconds a row, and the broker's share of two cores.
One partition is the right number for a district of twenty thousand on two cores: every partition plans every kind's golden statement, however few rows there are.
Run: `python -m tests.bench.bench_kafka_raw [people] [partitions]`.
"""

from __future__ import annotations

import json
import shutil
import sys
import time
from functools import partial
from pathlib import Path

from cabin.demo.generate import generate
from cabin.pipeline import Pipeline
from cabin.ports import open_log, open_ports
from cabin.settings import Brokers, Settings
from contracts.ports import Log
from contracts.topics import CLAIMS, RAW
from streams.local import normalise_log
from streams.outcomes import Outcomes, Place
from tests.bench import on_broker

WAIT_SECONDS = 3600.0
EMBEDDED = (1, 2)
"""How many processes the embedded cabin is given."""


def raw_places(log: Log) -> dict[Place, int]:
    """Every raw partition and where it ends."""
    ends = {(topic, partition): log.end(topic, partition) for topic in log.topics() if topic.startswith(RAW) for partition in range(log.partitions)}
    return {place: end for place, end in ends.items() if end}


def copied(log: Log, place: on_broker.Place, to: Path) -> None:
    """The raw messages and the vault as an embedded cabin's."""
    shutil.copytree(place.data / "vault", to / "vault")
    with open_log(to, None, place.partitions) as embedded:
        for topic, partition in raw_places(log):
            offset = 0
            while read := log.read(topic, partition, offset):
                embedded.append(topic, partition, [stored.message for stored in read])
                offset = read[-1].position.offset + 1


def embedded(data: Path, processes: str) -> None:
    """Run in a process of its own: normalise and fold what a log file holds; says how long it took."""
    settings = Settings.from_mapping({"CABIN_DATA": str(data), "CABIN_PROCESSES": processes})
    with Pipeline.open(settings) as pipeline:
        begun = time.perf_counter()
        rows = normalise_log(pipeline.ports, partial(open_ports, data), settings.processes)
        normalised = time.perf_counter()
        facts = sum(each.claims for each in pipeline.fold())
        print(json.dumps({"rows": rows, "facts": facts, "normalise_seconds": normalised - begun, "fold_seconds": time.perf_counter() - normalised}))


def through(found: on_broker.Running, log: Log) -> tuple[int, float, float]:
    """Waits until workers have done everything that is on the log: the number of facts, when the last raw row was normalised and when the last fact was folded."""
    ends, outcomes = raw_places(log), Outcomes(log)

    def normalised() -> bool:
        outcomes.follow(range(log.partitions))
        return all(outcomes.next(place) >= end for place, end in ends.items())

    done = found.until(normalised, WAIT_SECONDS, "raw rows normalised")
    facts = sum(int(headers["rows"]) for partition in range(log.partitions) for _, headers in log.headers(CLAIMS, partition, 0))
    found.until(lambda: found.when(facts) is not None, WAIT_SECONDS, "claims folded")
    return facts, done, found.when(facts) or done


def through_workers(place: on_broker.Place, log: Log) -> dict[str, float]:
    """Seconds of the whole way, and what it took."""
    broker = on_broker.broker_seconds(place)
    with on_broker.workers(place) as found:
        facts, done, end = through(found, log)
        found.usage.look(found.family())
        broker = on_broker.broker_seconds(place) - broker
    taken = min(found.events("partition.taken"))
    return {
        "facts": facts,
        "seconds": end - taken,
        "seconds_from_process_start": end - found.begun,
        "seconds_normalise": done - taken,
        "worker_processor_seconds": found.usage.processor_seconds,
        "broker_processor_seconds": broker,
        "peak_mb_per_worker": found.usage.peak_mb,
    }


def beside(place: on_broker.Place, data: Path, processes: int) -> dict[str, float]:
    """The embedded way with so many processes: seconds and memory."""
    command = [sys.executable, "-m", "tests.bench.bench_kafka_raw", "embedded", str(data), str(processes)]
    with on_broker.running(place, command, f"embedded-{processes}", {"CABIN_BROKERS": ""}) as found:
        if found.process.wait(WAIT_SECONDS):
            raise SystemExit(found.said.read_text()[-3000:])
    told: dict[str, float] = json.loads(found.said.read_text().splitlines()[-1])
    return told | {"processes": processes, "seconds": told["normalise_seconds"] + told["fold_seconds"], "peak_mb": found.usage.peak_mb}


def measure(people: int, partitions: int) -> dict[str, float]:
    """Both ways at one size."""
    with on_broker.on_broker(partitions) as place:
        generate(place.folder / "demo", people)
        place.cabin("topics", "apply")
        place.cabin("land", "auto", str(place.folder / "demo" / "deliveries"))
        with open_log(place.data, Brokers(place.broker.address, partitions)) as log:
            for processes in EMBEDDED:
                copied(log, place, place.folder / f"embedded-{processes}")
            kafka = through_workers(place, log)
        alone = min((beside(place, place.folder / f"embedded-{processes}", processes) for processes in EMBEDDED), key=lambda found: found["seconds"])
    rows = alone["rows"]
    figures = {
        "people": people,
        "partitions": partitions,
        "raw_rows": rows,
        "rows_per_second": rows / kafka["seconds"],
        "rows_per_second_from_process_start": rows / kafka["seconds_from_process_start"],
        "embedded_rows_per_second": rows / alone["seconds"],
        "ratio": alone["seconds"] / kafka["seconds"],
        "ratio_from_process_start": alone["seconds"] / kafka["seconds_from_process_start"],
    }
    return figures | {f"kafka_{name}": value for name, value in kafka.items()} | {f"embedded_{name}": value for name, value in alone.items()}


def main() -> None:
    if len(sys.argv) > 3 and sys.argv[1] == "embedded":
        embedded(Path(sys.argv[2]), sys.argv[3])
        return
    people, partitions = (int(given) for given in (*sys.argv[1:], *("20000", "1")[len(sys.argv) - 1 :]))
    print(json.dumps({name: round(value, 2) for name, value in measure(people, partitions).items()}, indent=1))


if __name__ == "__main__":
    main()
