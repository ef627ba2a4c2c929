"""`make soak`: the harness for hours, a report file beside it. Rows, faults and seed from the environment, as in the test."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
from datetime import date
from pathlib import Path

from tests.broker import running
from tests.faults.nemesis import Trial, run
from tests.faults.site import CABIN_ON_KAFKA

REPORT = Path(".soak/report.md")


def main() -> int:
    """0 where nothing was found; the report tells everything that happened either way."""
    trial = Trial.of(os.environ, rows=1_000_000, attacks=500)
    REPORT.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="soak-") as folder, running(Path(folder) / "broker") as broker:
        story = run(trial, Path(folder) / "run", broker, CABIN_ON_KAFKA, told=lambda line: print(line, file=sys.stderr))
    machine = f"{date.today()}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"
    REPORT.write_text(f"# Soak\n\n{machine}\n\n```\n{story}\n```\n", encoding="utf-8")
    print(f"{len(story.findings)} findings, see {REPORT}", *story.findings, sep="\n", file=sys.stderr)
    return 1 if story.findings else 0


if __name__ == "__main__":
    sys.exit(main())
