"""What became of checks, as far as a site shows it: the newest runs of each check, all runs in sum, and which snapshots were marked. Counts only: no key of a row is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from quality.promises.results import Mark, history, marks

MOST = 30
"""So many runs of each check are shown, and so many runs in sum."""
CHECKS = f"""
select suite, check_name, run_at, snapshot, contract_version, severity, status, rows, broken, allowed, fault from quality_result
qualify row_number() over (partition by suite, check_name order by run_at desc, snapshot desc) <= {MOST}
order by suite, check_name, run_at, snapshot
"""
RUNS = f"""
select run_at, coalesce(max(snapshot) filter (where suite not like 'feeds/%'), '') as snapshot, count(*) as checks, count_if(status = 'passed') as kept,
  count_if(status = 'failed' and severity = 'error') as failed, count_if(status = 'failed' and severity = 'warning') as warned, count_if(status = 'error') as errors
from quality_result group by run_at order by run_at desc limit {MOST}
"""


@dataclass(frozen=True, slots=True)
class Result:
    """One check in one run. `about`: the snapshot or, of a feed, the delivery; `fault`: why it could not be judged."""

    at: datetime
    about: str
    version: str
    severity: str
    status: str
    rows: int | None
    broken: int | None
    allowed: str
    fault: str | None


@dataclass(frozen=True, slots=True)
class Sum:
    """One run: how many checks were kept, failed, failed that only warn, could not be judged."""

    at: datetime
    snapshot: str
    checks: int
    kept: int
    failed: int
    warned: int
    errors: int


@dataclass(frozen=True, slots=True)
class Results:
    """`checks`: by suite and check, the newest run last; `runs`: the newest first; `marks`: the last one last."""

    checks: Mapping[tuple[str, str], tuple[Result, ...]] = field(default_factory=dict)
    runs: tuple[Sum, ...] = ()
    marks: tuple[Mark, ...] = ()

    def last(self, suite: str, check: str) -> Result | None:
        """What the check came to in its last run; None where it never ran."""
        found = self.checks.get((suite, check))
        return found[-1] if found else None

    def mark(self, snapshot: str) -> Mark | None:
        """What a snapshot is marked with; None where it was not checked as a whole."""
        return next((each for each in reversed(self.marks) if each.snapshot == snapshot), None)


def results_in(folder: Path) -> Results:
    """Of the data folder's `quality`; nothing where nothing was ever checked."""
    with history(folder) as con:
        rows, runs = con.execute(CHECKS).fetchall(), con.execute(RUNS).fetchall()
    by_check: dict[tuple[str, str], list[Result]] = {}
    for suite, check, *rest in rows:
        by_check.setdefault((suite, check), []).append(Result(*rest))
    return Results({key: tuple(found) for key, found in by_check.items()}, tuple(Sum(*each) for each in runs), tuple(marks(folder)))
