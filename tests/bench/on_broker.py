"""A cabin on a real broker for measurements: everything in a temporary folder, every process ended at the end, also after a failure or a SIGTERM."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, build_opener

import psutil
from prometheus_client.parser import text_string_to_metric_families

from cabin.broker import Broker
from tests.broker import free_port

PARTITIONS = 2
ENDING_SECONDS = 60.0
LOOK_SECONDS = 0.2
MEMORY_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Place:
    """A data folder and the broker it works on; a worker for each of its partitions. Workers serve their metrics on the ports after `metrics`."""

    folder: Path
    broker: Broker
    metrics: int
    partitions: int = PARTITIONS

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def environment(self) -> dict[str, str]:
        own = {"CABIN_DATA": self.data, "CABIN_BROKERS": self.broker.address, "CABIN_PARTITIONS": self.partitions, "CABIN_METRICS_PORT": self.metrics}
        return {**os.environ, **{name: str(value) for name, value in own.items()}, "CABIN_NODE": "bench", "CABIN_LANG": "en"}

    def cabin(self, *arguments: str, **settings: str) -> None:
        """Runs one command to its end; its complaint ends the measurement."""
        environment = self.environment | {"CABIN_METRICS_PORT": "0"} | settings
        done = subprocess.run([sys.executable, "-m", "cabin", *arguments], env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"cabin {' '.join(arguments)} ended with {done.returncode}: {done.stderr[-2000:]}")


@contextmanager
def on_broker(partitions: int = PARTITIONS) -> Iterator[Place]:
    """A broker and an empty data folder beside it."""
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    with tempfile.TemporaryDirectory(dir=os.environ.get("CABIN_BENCH_FOLDER")) as name:
        folder = Path(name)
        broker = Broker(folder / "broker", free_port())
        try:
            broker.start()
            yield Place(folder, broker, free_port(), partitions)
        finally:
            broker.stop()


@dataclass
class Usage:
    """What the processes below one were seen to use: the largest memory of each, processor seconds of all."""

    peaks: dict[int, float] = field(default_factory=dict)
    seconds: dict[int, float] = field(default_factory=dict)

    @property
    def peak_mb(self) -> int:
        """Resident memory of the largest process."""
        return round(max(self.peaks.values(), default=0))

    @property
    def processor_seconds(self) -> float:
        return round(sum(self.seconds.values()), 2)

    def look(self, processes: Sequence[psutil.Process]) -> None:
        for each in processes:
            try:
                peak, times = each.memory_info().rss / 1e6, each.cpu_times()
            except psutil.Error:
                continue
            self.peaks[each.pid] = max(self.peaks.get(each.pid, 0), peak)
            self.seconds[each.pid] = times.user + times.system


@dataclass
class Running:
    """A process with its children: who they are, what they use, what the workers among them measure."""

    process: subprocess.Popen[bytes]
    said: Path
    metrics: int
    workers: int
    begun: float = field(default_factory=time.monotonic)
    usage: Usage = field(default_factory=Usage)
    folded: list[tuple[float, float]] = field(default_factory=list)
    """When how many claims were folded and published by all workers together, each time it grew."""

    def family(self) -> list[psutil.Process]:
        """The process and everything below it that still runs."""
        try:
            root = psutil.Process(self.process.pid)
            return [root, *root.children(recursive=True)]
        except psutil.Error:
            return []

    def sampled(self, child: int) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
        """What the i-th worker measures now; nothing where it does not answer."""
        direct = build_opener(ProxyHandler({}))
        try:
            with direct.open(f"http://127.0.0.1:{self.metrics + 1 + child}/metrics", timeout=2) as answer:
                text = answer.read().decode()
        except (OSError, ValueError):
            return {}
        families = text_string_to_metric_families(text)
        return {(each.name, frozenset(each.labels.items())): each.value for family in families for each in family.samples}

    def total(self, name: str, child: int | None = None) -> float:
        """A metric summed over its labels, of one worker or of all."""
        children = range(self.workers) if child is None else [child]
        return sum(value for each in children for (found, _), value in self.sampled(each).items() if found == name)

    def until(self, reached: Callable[[], bool], seconds: float, what: str) -> float:
        """Looks until something is so, remembering how the fold went on; the moment it was seen. Whoever waits in vain ends the measurement."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.process.poll() is not None:
                break
            folded = self.total("cabin_claims_folded_total")
            if not self.folded or folded != self.folded[-1][1]:
                self.folded.append((time.monotonic(), folded))
            if reached():
                return time.monotonic()
            time.sleep(LOOK_SECONDS)
        raise SystemExit(f"{what}: not after {seconds:.0f} s; the processes say\n{self.said.read_text()[-3000:]}")

    def events(self, name: str) -> list[float]:
        """The moments (of the monotonic clock) at which the processes logged an event."""
        lines = [json.loads(line) for line in self.said.read_text().splitlines() if line.startswith("{")]
        since = time.time() - time.monotonic()
        return [datetime.fromisoformat(line["at"]).timestamp() - since for line in lines if line["event"] == name]

    def when(self, claims: float) -> float | None:
        """The moment at which so many claims were seen to be folded."""
        return next((moment for moment, folded in self.folded if folded >= claims), None)


@contextmanager
def running(place: Place, command: Sequence[str], name: str, environment: Mapping[str, str] | None = None) -> Iterator[Running]:
    """A long-lived process with all its children, from here to the end of the block."""
    said = place.folder / f"{name}.log"
    with said.open("ab") as lines:
        process = subprocess.Popen(list(command), env={**place.environment, **(environment or {})}, stdout=lines, stderr=lines, start_new_session=True)
    found = Running(process, said, place.metrics, place.partitions)
    stop = threading.Event()
    watcher = threading.Thread(target=_watch, args=(found, stop))
    watcher.start()
    try:
        yield found
    finally:
        stop.set()
        watcher.join()
        _end(found)


def workers(place: Place, *, name: str = "worker") -> Any:
    """`cabin worker`, as an installation runs it."""
    return running(place, [sys.executable, "-m", "cabin", "worker", "--processes", str(place.partitions)], name)


def loader(place: Place) -> Any:
    """`cabin loader`, without metrics: its port is the workers'."""
    return running(place, [sys.executable, "-m", "cabin", "loader"], "loader", {"CABIN_METRICS_PORT": "0"})


def broker_seconds(place: Place) -> float:
    """Processor seconds of the broker so far."""
    times = psutil.Process(place.broker.pid()).cpu_times()
    return float(times.user + times.system)


def _watch(found: Running, stop: threading.Event) -> None:
    while not stop.wait(MEMORY_SECONDS):
        found.usage.look(found.family())


def _end(found: Running) -> None:
    family = found.family()
    if found.process.poll() is None:
        found.process.terminate()
    with suppress(subprocess.TimeoutExpired):
        found.process.wait(ENDING_SECONDS)
    for each in family:
        with suppress(psutil.Error):
            each.kill()
    found.process.wait()
