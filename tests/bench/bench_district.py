"""The main job as a person runs it: a whole district from files to published marts, then one further delivery of 1,000 rows.

Aims on 2 cores at 1.2 million people (3.8 million records): first load 75 s (bound 120 s), peak memory of all processes 4 GB, disk 2.5 GB; a further delivery in the
marts within 10 s (3 s at 20,000 people). Back of the envelope, processor seconds: landing 3.8 M x 15 us = 57, normalising 3.8 M x 10 us = 38, folding 5.5 M x 5 us = 28,
loading and marts 30; together 153 on two cores: 77 s. Commands run as processes of their own, so their starting counts.
Run: `python -m tests.bench.bench_district [people]`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from cabin.demo.generate import generate

FURTHER_ROWS = 1_000


@dataclass
class Measured:
    """Seconds of one command and the largest memory of all its processes together, in megabytes."""

    seconds: float
    megabytes: float


def command(data: Path, *arguments: str) -> Measured:
    """Runs one cabin command and watches the memory of its whole process tree (proportional set size, so shared pages count once)."""
    started = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", "cabin", "--data", str(data), *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    peak: list[float] = [0.0]
    stop = threading.Event()
    watcher = threading.Thread(target=_watch, args=(process.pid, peak, stop))
    watcher.start()
    code = process.wait()
    seconds = time.perf_counter() - started
    stop.set()
    watcher.join()
    if code:
        raise SystemExit(f"cabin {' '.join(arguments)} ended with {code}")
    return Measured(seconds, peak[0])


def _watch(pid: int, peak: list[float], stop: threading.Event) -> None:
    while not stop.wait(0.2):
        try:
            root = psutil.Process(pid)
            total = sum(each.memory_full_info().pss for each in [root, *root.children(recursive=True)])
        except psutil.Error:
            continue
        peak[0] = max(peak[0], total / 1e6)


def disk_megabytes(data: Path) -> float:
    return sum(path.stat().st_size for path in data.rglob("*") if path.is_file()) / 1e6


def further(folder: Path) -> Path:
    """The first rows of the district's first police file as a new increment: what a station sends in the evening, stamped later."""
    first = next(iter(sorted((folder / "deliveries").glob("*ps_resident*.csv"))))
    lines = first.read_bytes().decode("gb18030").split("\r\n")
    place = lines[0].split(",").index("更新时间")
    rows = [row.split(",") for row in lines[1 : FURTHER_ROWS + 1]]
    for row in rows:
        row[place] = "2026-11-20 20:00:00"
    path = folder / "ps_resident_further.csv"
    path.write_bytes("\r\n".join([lines[0], *(",".join(row) for row in rows), ""]).encode("gb18030"))
    return path


def measure(people: int, folder: Path) -> dict[str, float]:
    """Everything at one size."""
    rows = generate(folder, people).rows
    data = folder / "data"
    land = command(data, "land", "auto", str(folder / "deliveries"))
    run = command(data, "run")
    disk = disk_megabytes(data)
    more = further(folder)
    again = command(data, "land", "ps_resident", str(more), "--mode", "increment")
    shown = command(data, "run")
    return {
        "people": people,
        "records": rows,
        "land_seconds": land.seconds,
        "run_seconds": run.seconds,
        "first_load_seconds": land.seconds + run.seconds,
        "records_per_second": rows / (land.seconds + run.seconds),
        "peak_megabytes": max(land.megabytes, run.megabytes),
        "disk_megabytes": disk,
        "further_1000_rows_seconds": again.seconds + shown.seconds,
    }


def main() -> None:
    people = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    with tempfile.TemporaryDirectory(dir=os.environ.get("CABIN_BENCH_FOLDER")) as folder:
        print(json.dumps({name: round(value, 1) for name, value in measure(people, Path(folder)).items()}, indent=1))


if __name__ == "__main__":
    main()
