"""Results that stay: every metric of every run as Parquet, the keys of the last run as JSON lines, and which snapshots were checked.

The table is `quality_result` (its contract: quality_result.yaml) and no mart: marts follow from the log alone, and a run has a moment and a machine. So it lies beside the snapshots, which nobody
alters once they are published. A month is one file, replaced by a renamed one, so that a run is in it whole or not at all.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from contracts.database import connect
from contracts.model import Mart, Severity
from contracts.odcs import document_of
from contracts.read_kind import mart_of
from quality.promises.outcomes import Outcome, Status, Tally

UNFINISHED = ".unfinished"
MARKS = "checked.json"
KEYS = "failing.jsonl"
CONTRACT = "quality_result.yaml"
MOST_MARKS = 200
"""So many snapshots are remembered as checked: far more than ever stay."""
RESULT = pa.schema(
    [
        ("run_at", pa.timestamp("ms")),
        *((name, pa.string()) for name in ("suite", "check_name", "snapshot", "contract_version", "severity", "status")),
        ("rows", pa.int64()),
        ("broken", pa.int64()),
        ("allowed", pa.string()),
        ("fault", pa.string()),
    ]
)
"""The columns of `quality_result`, in contract order."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run: when it began (Beijing time), what it looked at, and what it found."""

    at: datetime
    snapshot: str
    outcomes: tuple[Outcome, ...]

    @property
    def tally(self) -> Tally:
        return Tally.of(self.outcomes)

    @property
    def faults(self) -> list[str]:
        """The checks that make a run unsound, by table and name: those of severity `error` that failed, and those that could not be judged."""
        return [
            f"{each.suite.contract}.{each.check.name}"
            for each in self.outcomes
            if each.status is Status.ERROR or (each.status is Status.FAILED and each.check.severity is Severity.ERROR)
        ]


@dataclass(frozen=True, slots=True)
class Mark:
    """What a snapshot is marked with: when all its suites were run, under which contracts, and what that came to. `faults` names the checks that `failed` and `errors` count, `household.key-twice`."""

    snapshot: str
    at: str
    contracts: str
    passed: int
    failed: int
    warned: int
    errors: int
    faults: Sequence[str] = ()


def keep(folder: Path, run: Run) -> None:
    """Adds the run to its month, and replaces the keys of the run before. Whoever dies on the way leaves what was there."""
    home = folder / "results"
    home.mkdir(parents=True, exist_ok=True)
    month = home / f"{run.at:%Y-%m}.parquet"
    earlier = [pq.read_table(month, schema=RESULT)] if month.exists() else []
    unfinished = month.with_name(month.name + UNFINISHED)
    pq.write_table(pa.concat_tables([*earlier, table_of(run)]), unfinished, compression="zstd")
    _replace(unfinished, month)
    _write(folder / KEYS, b"".join(_line(run, outcome) for outcome in run.outcomes))


def mark(folder: Path, run: Run, contracts: str) -> Mark:
    """Says of the run's snapshot that all its suites were run under these contracts (their fingerprint). The snapshot itself stays as it is."""
    made = Mark(run.snapshot, run.at.isoformat(timespec="milliseconds"), contracts, **asdict(run.tally), faults=run.faults)
    others = [each for each in marks(folder) if each.snapshot != run.snapshot]
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / MARKS, orjson.dumps([asdict(each) for each in [*others, made][-MOST_MARKS:]], option=orjson.OPT_INDENT_2))
    return made


def marks(folder: Path) -> list[Mark]:
    """The snapshots that were checked, the last one last."""
    file = folder / MARKS
    return [Mark(**each) for each in json.loads(file.read_text(encoding="utf-8"))] if file.exists() else []


def table_of(run: Run) -> pa.Table:
    """The rows of `quality_result` that a run gives."""
    rows = [
        {
            "run_at": run.at,
            "suite": each.suite.name,
            "check_name": each.check.name,
            "snapshot": each.delivery or run.snapshot,
            "contract_version": each.suite.version,
            "severity": str(each.check.severity),
            "status": str(each.status),
            "rows": each.rows,
            "broken": each.broken,
            "allowed": each.allowed,
            "fault": each.fault,
        }
        for each in run.outcomes
    ]
    return pa.table({name: pa.array([row[name] for row in rows], RESULT.field(name).type) for name in RESULT.names}, RESULT)


def result_contract() -> Mart:
    """What the contract of `quality_result` says, in the shape of a mart's."""
    file = Path(__file__).parent / CONTRACT
    return mart_of(document_of(file.read_text(encoding="utf-8"), file.name))


def history(folder: Path) -> duckdb.DuckDBPyConnection:
    """A connection with the view `quality_result` of all months, to be closed by the caller; the view is empty where nothing was ever checked."""
    con = connect()
    files = sorted((folder / "results").glob("*.parquet"))
    rows = pa.concat_tables([RESULT.empty_table(), *(pq.read_table(file, schema=RESULT) for file in files)])
    con.register("quality_result", rows)
    return con


def _line(run: Run, outcome: Outcome) -> bytes:
    """A check as one JSON object; of failing rows the keys only."""
    told = {
        "run_at": run.at.isoformat(timespec="milliseconds"),
        "snapshot": outcome.delivery or run.snapshot,
        "suite": outcome.suite.name,
        "check": outcome.check.name,
        "type": outcome.check.type,
        "severity": str(outcome.check.severity),
        "status": str(outcome.status),
        "rows": outcome.rows,
        "broken": outcome.broken,
        "allowed": outcome.allowed,
        "keys": list(outcome.keys),
    }
    return orjson.dumps(told | ({"fault": outcome.fault} if outcome.fault else {}), default=str) + b"\n"


def _write(file: Path, content: bytes) -> None:
    unfinished = file.with_name(file.name + UNFINISHED)
    unfinished.write_bytes(content)
    _replace(unfinished, file)


def _replace(unfinished: Path, file: Path) -> None:
    """On disk first, then under its name, closed to other accounts."""
    unfinished.chmod(0o600)
    _sync(unfinished)
    unfinished.replace(file)
    _sync(file.parent)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
