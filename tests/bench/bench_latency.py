"""How long a landed row takes to be seen: from its file, through landing, Kafka, workers and the loader, to the golden record in the published snapshot.

What: a district on a broker with `cabin worker` (a process for each partition) and `cabin loader`; small increments of the police's list of residents are landed in this process, one a
second, each row a newer statement about a person who is known. A delivery is seen when the newest snapshot's table `person_current` shows all of its rows.
Unit: seconds, from the moment a delivery was due (so a landing that falls behind counts as well) to the first look at a snapshot that shows it; looked at every
50 ms. First a steady rate, then a burst: how long after its end until all is seen. Aim at 20,000 people on 2 cores: p99 at most 5 s at 500 rows/s for
10 minutes; a burst of 5,000 rows/s for 60 s drained within 120 s. Too slow: twice that.
One partition is the right number for twenty thousand people on two cores: every partition plans every golden statement anew for a few hundred rows.
Run: `python -m tests.bench.bench_latency [people] [--rate 500] [--seconds 600] [--burst 5000] [--burst-seconds 60] [--partitions 1]`.
"""

from __future__ import annotations

import argparse
import json
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import cycle, islice
from pathlib import Path

import pyarrow as pa

from cabin.clock import BeijingClock
from cabin.demo.generate import Manifest, generate
from cabin.ports import open_landing, open_log
from cabin.settings import Brokers
from streams.landing import Declared, Landing, engine_of, land
from tests.bench.bench_kafka_raw import through
from tests.bench.on_broker import Place, loader, on_broker, workers
from warehouse.publish import pointed
from warehouse.query import opened

FEED = "ps_resident"
LOOK_SECONDS = 0.05
OLD_ENOUGH = "2008"
"""Landing reduces rows of children to a count."""
PATIENCE_SECONDS = 300.0
SEEN = """select waiting.delivery from waiting left join person_current known on known.ps_resident__record = waiting.record
group by waiting.delivery having bool_and(coalesce(known.ps_resident__observed_at >= waiting.stamp, false))"""


@dataclass(frozen=True, slots=True)
class Sent:
    """A delivery on its way: which records it speaks about, with which stamp; moments are of the monotonic clock."""

    stamp: datetime
    records: tuple[str, ...]
    due: float
    landed: float


@dataclass
class Watcher:
    """Looks at every new snapshot and notes which deliveries it shows."""

    published: Path
    waiting: dict[int, Sent] = field(default_factory=dict)
    seen: dict[int, tuple[Sent, float]] = field(default_factory=dict)
    """What was seen, and when."""
    alone: threading.Lock = field(default_factory=threading.Lock)
    stop: threading.Event = field(default_factory=threading.Event)
    snapshots: int = 0

    def run(self) -> None:
        held: str | None = None
        while not self.stop.wait(LOOK_SECONDS):
            now, name = time.monotonic(), pointed(self.published)
            if name is not None and name != held:
                held = name
                self.snapshots += 1
                self._look(now)

    def _look(self, now: float) -> None:
        with self.alone:
            waiting = dict(self.waiting)
        rows = [(number, record, sent.stamp) for number, sent in waiting.items() for record in sent.records]
        if not rows:
            return
        columns = zip(*rows, strict=True)
        table = pa.table(
            [pa.array(values, kind) for values, kind in zip(columns, (pa.int64(), pa.string(), pa.timestamp("ms")), strict=True)],
            ["delivery", "record", "stamp"],
        )
        with opened(self.published) as snapshot:
            shown = [number for (number,) in snapshot.from_arrow(table).query("waiting", SEEN).fetchall()]
        with self.alone:
            for number in shown:
                self.seen[number] = (self.waiting.pop(number), now)

    def add(self, number: int, sent: Sent) -> None:
        with self.alone:
            self.waiting[number] = sent


@contextmanager
def watching(published: Path) -> Iterator[Watcher]:
    watcher = Watcher(published)
    thread = threading.Thread(target=watcher.run)
    thread.start()
    try:
        yield watcher
    finally:
        watcher.stop.set()
        thread.join()


@dataclass
class Station:
    """A police station that sends its rows again and again, each time stamped later."""

    landing: Landing
    folder: Path
    header: list[str]
    rows: Iterator[tuple[str, list[str]]]
    stamp: datetime
    number: int = 0

    def send(self, count: int, due: float) -> Sent:
        """Lands the next `count` rows as an increment."""
        self.number += 1
        self.stamp += timedelta(seconds=1)
        place = self.header.index("更新时间")
        taken = list(islice(self.rows, count))
        lines = [",".join(self.header), *(",".join([*row[:place], f"{self.stamp:%Y-%m-%d %H:%M:%S}", *row[place + 1 :]]) for _, row in taken), ""]
        file = self.folder / f"{self.number}.csv"
        file.write_bytes("\r\n".join(lines).encode("gb18030"))
        land(self.landing, self.landing.contracts.feeds[FEED], file, Declared(mode="increment"))
        file.unlink()
        return Sent(self.stamp, tuple({record for record, _ in taken}), due, time.monotonic())


def known_rows(manifest: Manifest, published: Path) -> tuple[list[str], dict[str, list[str]]]:
    """The header, and by record the newest row of every grown-up for whom the police's list speaks in the snapshot."""
    with opened(published) as snapshot:
        spoken = {record for (record,) in snapshot.execute("select ps_resident__record from person_current where ps_resident__record is not null").fetchall()}
    header: list[str] = []
    rows: dict[str, list[str]] = {}
    for each in manifest.deliveries:
        if each.feed == FEED and each.mode in ("snapshot", "increment"):
            header, *lines = [line.split(",") for line in each.file.read_text("gb18030").splitlines()]
            born = header.index("出生日期")
            rows |= {line[0]: line for line in lines if line[0] in spoken and line[-1] != "D" and line[born] < OLD_ENOUGH}
    return header, rows


def flow(station: Station, watcher: Watcher, rate: int, seconds: int) -> list[int]:
    """Lands `rate` rows a second for so long; the numbers of the deliveries."""
    begun = time.monotonic()
    numbers = []
    for second in range(seconds):
        due = begun + second
        time.sleep(max(0.0, due - time.monotonic()))
        sent = station.send(rate, due)
        watcher.add(station.number, sent)
        numbers.append(station.number)
    return numbers


def drained(watcher: Watcher, numbers: Sequence[int]) -> None:
    """Waits until all of these are seen."""
    end = time.monotonic() + PATIENCE_SECONDS
    while any(number not in watcher.seen for number in numbers):
        if time.monotonic() > end:
            raise SystemExit(f"not seen after {PATIENCE_SECONDS:.0f} s: {sum(number not in watcher.seen for number in numbers)} deliveries")
        time.sleep(LOOK_SECONDS)


def spread(seconds: Sequence[float], name: str) -> dict[str, float]:
    """Median, ninety-ninth centile and largest."""
    listed = sorted(seconds)
    return {f"{name}_p50": listed[len(listed) // 2], f"{name}_p99": listed[min(len(listed) - 1, len(listed) * 99 // 100)], f"{name}_max": listed[-1]}


def latencies(watcher: Watcher, numbers: Sequence[int]) -> dict[str, float]:
    """From the moment a delivery was due, and from its acknowledgement, to its being seen; and how long after its moment it was acknowledged."""
    seen = [watcher.seen[number] for number in numbers]
    return (
        spread([moment - sent.due for sent, moment in seen], "visible_seconds")
        | spread([moment - sent.landed for sent, moment in seen], "visible_after_acknowledged_seconds")
        | spread([sent.landed - sent.due for sent, _ in seen], "acknowledged_seconds")
    )


def begin(place: Place, people: int) -> Manifest:
    """A district landed."""
    manifest = generate(place.folder / "demo", people)
    place.cabin("topics", "apply")
    place.cabin("land", "auto", str(manifest.folder / "deliveries"))
    return manifest


@contextmanager
def station_of(place: Place, manifest: Manifest) -> Iterator[Station]:
    """A station that lands in this process, beginning its stamps some hours ago, so that none lies in the future."""
    header, rows = known_rows(manifest, place.data / "published")
    with ExitStack() as stack:
        landing = stack.enter_context(open_landing(place.data, brokers=Brokers(place.broker.address, place.partitions)))
        engine = stack.enter_context(engine_of(landing.contracts))
        yield Station(
            replace(landing, engine=engine), place.folder, header, cycle(rows.items()), BeijingClock().now().replace(microsecond=0) - timedelta(hours=4)
        )


def measure(given: argparse.Namespace) -> dict[str, float]:
    """Everything at one size."""
    people, rate, seconds = given.people, given.rate, given.seconds
    with ExitStack() as stack:
        place = stack.enter_context(on_broker(given.partitions))
        manifest = begin(place, people)
        working = stack.enter_context(workers(place))
        with open_log(place.data, Brokers(place.broker.address, place.partitions)) as log:
            through(working, log)
        place.cabin("loader", "--once")
        loading = stack.enter_context(loader(place))
        watcher = stack.enter_context(watching(place.data / "published"))
        station = stack.enter_context(station_of(place, manifest))
        drained(watcher, flow(station, watcher, rate, 5))  # first times: engines, caches, plans
        before = watcher.snapshots
        steady = flow(station, watcher, rate, seconds)
        drained(watcher, steady)
        figures = (
            {"people": people, "partitions": place.partitions, "rate": rate, "seconds": seconds}
            | latencies(watcher, steady)
            | {"snapshots": watcher.snapshots - before}
        )
        bursting = flow(station, watcher, given.burst, given.burst_seconds)
        ended = time.monotonic()
        drained(watcher, bursting)
        figures |= {
            "burst_rate": given.burst,
            "burst_seconds": given.burst_seconds,
            "burst_drained_seconds": max(watcher.seen[number][1] for number in bursting) - ended,
        }
        usage = {"peak_mb_per_worker": working.usage.peak_mb, "peak_mb_loader": loading.usage.peak_mb}
    return figures | usage


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("people", type=int, nargs="?", default=2_000)
    parser.add_argument("--rate", type=int, default=500)
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--burst", type=int, default=5_000)
    parser.add_argument("--burst-seconds", type=int, default=60)
    parser.add_argument("--partitions", type=int, default=1)
    found = measure(parser.parse_args())
    print(json.dumps({name: round(value, 2) for name, value in found.items()}, indent=1))


if __name__ == "__main__":
    main()
