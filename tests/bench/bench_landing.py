"""How fast one core lands: files of the demo district into raw messages, to the last fsync.

Aims: 100,000 rows a second from CSV and JSON with known subjects, 50,000 with new ones; XLSX 70,000; peak memory for one file of 1.2 million rows below 1.5 GB.
Too slow: half of that. Run: `python -m tests.bench.bench_landing [people]` (20,000 people by default; 1,200,000 is the full district).
The set-up (demo deliveries) is not measured. `cpu` is processor time of this process, `wall` includes the disk.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from cabin.clock import BeijingClock
from cabin.demo.generate import Delivered, generate
from contracts import load
from streams.landing import Declared, Landing, engine_of, land
from streams.landing.manifest import declared_for
from streams.log.embedded import EmbeddedLog
from vault import Vault

MEASURED = {
    "ps_resident": "CSV, GB18030, new subjects",
    "rental": "JSON lines, two identifiers and a phone",
    "std_address": "JSON lines, no person",
    "ho_dwelling": "XLSX, no person",
    "thing_device": "XLSX, no person",
    "mr_business": "CSV, GB18030, no person",
}


def largest(deliveries: tuple[Delivered, ...]) -> Iterator[Delivered]:
    """Per measured feed its largest delivery."""
    for feed in MEASURED:
        yield max((each for each in deliveries if each.feed == feed), key=lambda each: each.rows)


def measured(landing: Landing, delivered: Delivered, declared: Declared, what: str) -> None:
    """One line: rows a second by wall clock and by processor time."""
    wall, cpu = time.perf_counter(), time.process_time()
    report = land(landing, landing.contracts.feeds[delivered.feed], delivered.file, declared)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    print(
        f"{delivered.feed:12s} {what:42s} {report.delivered:9,d} rows  wall {report.delivered / wall:9,.0f}/s  cpu {report.delivered / cpu:9,.0f}/s  peak {peak:6,.0f} MB"
    )


def main() -> None:
    """Each delivery with new subjects; the residents a second time, as a list of the next day, with known ones; then the same file again."""
    people = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    contracts = load()
    with tempfile.TemporaryDirectory() as given:
        folder = Path(given)
        deliveries = generate(folder / "demo", people).deliveries
        with EmbeddedLog.open(folder / "log.sqlite") as log, Vault.open(folder / "vault") as vault, engine_of(contracts) as engine:
            landing = Landing(log, vault, BeijingClock(), contracts, folder / "spool", engine=engine)
            for delivered in largest(deliveries):
                measured(landing, delivered, Declared(), MEASURED[delivered.feed])
                if delivered.feed == "ps_resident":
                    declared = declared_for(contracts.feeds[delivered.feed], delivered.file, Declared())
                    later = replace(declared, moment=(declared.moment or landing.clock.now()) + timedelta(days=1))
                    measured(landing, delivered, later, "CSV, GB18030, known subjects")
                    measured(landing, delivered, later, "the same delivery again")


if __name__ == "__main__":
    main()
