"""How soon a worker is back after `kill -9`: with its state file, and without it.

What: a district on a broker, everything folded, `cabin worker --processes 2`; the worker of one partition after the other is killed and a small delivery is landed at
once. Back means: the next change of that partition is folded and acknowledged, whoever owns it by then. Unit: seconds from the kill, the largest of all trials. Aim: at most 15 s in 20 trials; too slow: 20 s.
The supervisor waits longer before each start of a worker that lives less than a minute, at most 10 s: `--rest 60` between trials leaves that out.
Then a worker is killed and its state files are taken away: how long until its partition is folded anew and published, with the number of claims.
Run: `python -m tests.bench.bench_restart [people] [--trials 20] [--rest 0]`.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from contextlib import ExitStack, suppress

import psutil

from cabin.ports import open_log
from cabin.settings import Brokers
from contracts.ports import Log
from contracts.topics import CHANGES, CLAIMS
from tests.bench.bench_kafka_raw import through
from tests.bench.bench_latency import Station, begin, station_of
from tests.bench.on_broker import PARTITIONS, Place, Running, on_broker, workers

ROWS = 50
QUIET_SECONDS = 4.0
WAIT_SECONDS = 120.0
REFOLD_SECONDS = 3600.0
FOLDED = "cabin_claims_folded_total"


def holder(place: Place, found: Running, partition: int) -> psutil.Process:
    """The worker that has the partition's state file open, as soon as there is one."""
    file = str(place.data / "state" / f"p{partition}.duckdb")
    while True:
        for each in found.family():
            with suppress(psutil.Error):
                if any(opened.path == file for opened in each.open_files()):
                    return each
        time.sleep(0.05)


def killed(place: Place, found: Running, partition: int) -> float:
    """The moment at which the partition's worker was killed."""
    process = holder(place, found, partition)
    process.kill()
    return time.monotonic()


def quiet(log: Log) -> list[int]:
    """Where the changes end, when nothing more is added."""
    while True:
        before = _ends(log)
        time.sleep(QUIET_SECONDS)
        if before == _ends(log):
            return [log.end(CHANGES, partition) for partition in range(PARTITIONS)]


def _ends(log: Log) -> list[int]:
    return [log.end(topic, partition) for topic in (CLAIMS, CHANGES) for partition in range(PARTITIONS)]


def trial(place: Place, log: Log, found: Running, station: Station, partition: int) -> float:
    """Seconds from the kill to the next change of the partition: rows are stamped later each time, so every one of them changes something."""
    before = quiet(log)[partition]
    begun = killed(place, found, partition)
    station.send(ROWS, begun)
    return found.until(lambda: log.end(CHANGES, partition) > before, WAIT_SECONDS, f"partition {partition} back") - begun


def without_state(place: Place, log: Log, found: Running, partition: int) -> dict[str, float]:
    """Seconds from the kill until a partition whose state files are gone is folded to its end. Metrics begin anew with a process."""
    quiet(log)
    claims = sum(int(headers["rows"]) for _, headers in log.headers(CLAIMS, partition, 0))
    begun = killed(place, found, partition)
    for file in (place.data / "state").glob(f"p{partition}.duckdb*"):
        file.unlink()
    before = folded(found, partition)
    end = found.until(lambda: folded(found, partition) - before >= claims, REFOLD_SECONDS, "folded anew")
    return {"without_state_claims": claims, "without_state_seconds": end - begun}


def folded(found: Running, partition: int) -> float:
    """Claims of a partition that the workers running now have folded."""
    series = (FOLDED, frozenset({("partition", str(partition))}))
    return sum(found.sampled(index).get(series, 0.0) for index in range(PARTITIONS))


def measure(people: int, trials: int, rest: float) -> dict[str, float]:
    """Everything at one size."""
    with ExitStack() as stack:
        place = stack.enter_context(on_broker())
        manifest = begin(place, people)
        found = stack.enter_context(workers(place))
        log = stack.enter_context(open_log(place.data, Brokers(place.broker.address, PARTITIONS)))
        through(found, log)
        place.cabin("loader", "--once")
        station = stack.enter_context(station_of(place, manifest))
        seconds = []
        for number in range(trials):
            time.sleep(rest)
            seconds.append(trial(place, log, found, station, number % PARTITIONS))
            print(f"trial {number + 1}: back after {seconds[-1]:.1f} s", file=sys.stderr)
        gone = without_state(place, log, found, 0)
        memory = found.usage.peak_mb
    figures = {"people": people, "trials": trials, "rest_seconds": rest, "back_seconds_median": sorted(seconds)[trials // 2], "back_seconds_max": max(seconds)}
    return figures | gone | {"peak_mb_per_worker": memory}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("people", type=int, nargs="?", default=2_000)
    parser.add_argument("--trials", type=int, default=20)
    parser.add_argument("--rest", type=float, default=0.0)
    given = parser.parse_args()
    print(json.dumps({name: round(value, 2) for name, value in measure(given.people, given.trials, given.rest).items()}, indent=1))


if __name__ == "__main__":
    main()
