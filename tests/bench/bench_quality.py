"""All checks of all kinds and marts over a published snapshot: `cabin quality check` as it runs, library included.

What: the synthetic district of bench_marts (per person 1 person, 0.4 dwellings, 1.05 links, each wide table with all its columns), published, then checked whole. Unit: seconds of wall and
processor time, megabytes of peak memory of the checking process, which begins with nothing loaded; the slowest suites by name.
Aim at 1.2 million people, about 3.2 million golden rows and 40 million golden values: 20 s and 2 GB. Twice that is too slow.
Back of the envelope: importing the library 4 s, asking it for 425 checks 3 s; 40 million rows of `entity_value` at 10 million a second 4 s, 20 million cells of wide tables at 5 million a second 4 s.
Run: `python -m tests.bench.bench_quality [--people 1200000] [--data FOLDER]`; with a data folder its published snapshot is checked instead.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from streams.log import EmbeddedLog
from tests.bench.bench_marts import PARTITIONS, fill
from tests.warehouse.samples import contracts
from warehouse.load import Current
from warehouse.publish import Publisher

MEMORY_MB = "3000"
CHECKING = """
import json, resource, sys, time
from pathlib import Path
begun = time.perf_counter()
from contracts.read import load
from quality.promises.from_contracts import suites
from quality.promises.outcomes import Tally
from quality.promises.run import Means, check_snapshot, chosen
import quality.promises.expectations
imported = time.perf_counter() - begun
data, memory_mb = Path(sys.argv[1]), int(sys.argv[2])
known = load()
snapshot = data / "published" / f"{(data / 'published' / 'current').read_text().strip()}.duckdb"
outcomes, spent, last = [], {}, time.perf_counter()
for outcome in check_snapshot(snapshot, chosen(suites(known), ()), known, Means(memory_mb * 2 // 5, 2, data / "spill")):
    outcomes.append(outcome)
    now = time.perf_counter()
    spent[outcome.suite.name] = spent.get(outcome.suite.name, 0) + now - last
    last = now
tally = Tally.of(outcomes)
usage = resource.getrusage(resource.RUSAGE_SELF)
slowest = {name: round(seconds, 2) for name, seconds in sorted(spent.items(), key=lambda each: -each[1])[:6]}
print(json.dumps({
    "checks": len(outcomes), "rows": sum(each.rows or 0 for each in outcomes if each.check.name == "columns" or each.check.name == "key-twice"), "passed": tally.passed, "failed": tally.failed,
    "warned": tally.warned, "errors": tally.errors, "import_seconds": round(imported, 2), "check_seconds": round(sum(spent.values()), 2), "seconds": round(time.perf_counter() - begun, 2),
    "processor_seconds": round(usage.ru_utime + usage.ru_stime, 2), "peak_mb": usage.ru_maxrss // 1000, "slowest": slowest,
}))
"""  # fmt: skip


def publish(people: int, data: Path) -> None:
    """The synthetic district, loaded and published."""
    known = contracts()
    with EmbeddedLog.open(data / "log.sqlite", PARTITIONS) as log:
        fill(log, known, people)
        with Current.open(data / "warehouse" / "current.duckdb", known) as current:
            current.load(log)
            Publisher(data / "published", "bench").publish(current)


def measure(data: Path) -> dict[str, object]:
    """Figures of one run in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    ran = subprocess.run([sys.executable, "-c", CHECKING, str(data), MEMORY_MB], capture_output=True, text=True, check=True, env=environment)
    found: dict[str, object] = json.loads(ran.stdout)
    return found


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--people", type=int, default=20_000)
    asked.add_argument("--data", type=Path)
    given = asked.parse_args()
    if given.data:
        print(json.dumps(measure(given.data), indent=1))
        return
    with tempfile.TemporaryDirectory() as folder:
        publish(given.people, Path(folder))
        print(json.dumps({"people": given.people, **measure(Path(folder))}, indent=1))


if __name__ == "__main__":
    main()
