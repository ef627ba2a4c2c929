"""`make bench`: every measurement in turn, each in a process of its own; figures with machine, date and versions go to `.bench/report.md`."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import subprocess
import sys
from datetime import date
from pathlib import Path

import psutil

FULL = os.environ.get("CABIN_BENCH_PEOPLE", "1200000")
CLAIMS = os.environ.get("CABIN_BENCH_ENTITIES", "1000000")
STEPS = (
    ("tests.bench.bench_district", "20000"),
    ("tests.bench.bench_district", FULL),
    ("tests.bench.bench_landing", "100000"),
    ("tests.bench.bench_normalise",),
    ("tests.bench.bench_checks",),
    ("tests.bench.bench_desk",),
    ("tests.bench.bench_fold",),
    ("tests.bench.bench_marts",),
    ("tests.bench.bench_quality", "--people", "20000"),
    ("tests.bench.bench_quality", "--people", FULL),
    ("tests.bench.bench_history",),
    ("tests.bench.bench_officers", "--people", "20000"),
    ("tests.bench.bench_officers", "--people", FULL),
    ("tests.bench.bench_kafka_fold", CLAIMS),
    ("tests.bench.bench_kafka_fold", CLAIMS, "--told"),
    ("tests.bench.bench_kafka_raw", "20000", "1"),
    ("tests.bench.bench_kafka_raw", "20000", "2"),
    ("tests.bench.bench_kafka_raw", "100000", "2"),
    ("tests.bench.bench_entities", "100000"),
    ("tests.bench.bench_latency", "20000"),
    ("tests.bench.bench_latency", "20000", "--seconds", "60", "--partitions", "2"),
    ("tests.bench.bench_restart", "20000"),
    ("tests.bench.bench_restart", FULL, "--trials", "2"),
)
PACKAGES = ("duckdb", "pyarrow", "numpy", "cryptography", "python-calamine", "faust-streaming", "kafka-python", "great-expectations")


def machine() -> str:
    """What the figures were taken on."""
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in PACKAGES)
    memory = psutil.virtual_memory().total / 2**30
    return f"{date.today()}, {os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} {platform.machine()}, Python {platform.python_version()}, {versions}"


def main() -> None:
    report = Path(".bench/report.md")
    report.parent.mkdir(exist_ok=True)
    lines = ["# Measured", "", machine(), ""]
    for module, *arguments in STEPS:
        print(f"measuring {module} {' '.join(arguments)}", file=sys.stderr)
        done = subprocess.run([sys.executable, "-m", module, *arguments], capture_output=True, text=True, check=False)
        lines += [f"## {module} {' '.join(arguments)}", "", "```", done.stdout.strip() or done.stderr.strip()[-2000:], "```", ""]
        report.write_text("\n".join(lines), encoding="utf-8")
    print(report.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
