"""A run: the suites that are wanted, one table at a time, over a published snapshot or over landed rows. The snapshot is only read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from contracts.database import connect
from contracts.engine import prepare
from contracts.model import Contracts
from quality.errors import SnapshotNotReadable, SuiteUnknown
from quality.promises.checks import Suite
from quality.promises.evidence import Evidence
from quality.promises.outcomes import Outcome, Status

if TYPE_CHECKING:
    import pyarrow as pa

    from quality.promises.expectations import Judged

SNAPSHOT = "snap"


@dataclass(frozen=True, slots=True)
class Means:
    """What a run may use of the machine."""

    memory_mb: int
    threads: int
    spill: Path


def chosen(suites: Sequence[Suite], names: Sequence[str]) -> list[Suite]:
    """The suites of these names, `marts/household` or `household`; without names those of a snapshot. Raises: `SuiteUnknown`."""
    if not names:
        return [suite for suite in suites if suite.flavour != "feeds"]
    for name in names:
        if not any(name in (suite.name, suite.contract) for suite in suites):
            raise SuiteUnknown(name=name)
    return [suite for suite in suites if suite.name in names or suite.contract in names]


def check_snapshot(path: Path, suites: Sequence[Suite], contracts: Contracts, means: Means) -> Iterator[Outcome]:
    """The outcomes of all checks, suite by suite; what a suite needed is let go before the next. Raises: `SnapshotNotReadable`."""
    with _engine(contracts, means) as con:
        try:
            con.execute(f"attach '{str(path).replace(chr(39), chr(39) * 2)}' as {SNAPSHOT} (read_only)")
        except duckdb.Error as fault:
            raise SnapshotNotReadable(snapshot=path.stem) from fault
        con.execute(f"set search_path = '{SNAPSHOT}.main,memory.main'")
        for suite in suites:
            yield from _judged(suite, Evidence(con, suite.relation, suite.key))


def check_rows(rows: Mapping[str, pa.Table], suites: Sequence[Suite], contracts: Contracts, means: Means) -> Iterator[Outcome]:
    """The same over landed rows by feed, in the shape of `contracts.normalising.raw_schema`; checks that read sealed cells are left out, because there is nothing in them to read."""
    with _engine(contracts, means) as con:
        for suite in suites:
            if suite.contract in rows:
                con.register(suite.relation, rows[suite.contract])
                yield from _judged(open_part(suite), Evidence(con, suite.relation, suite.key))
                con.unregister(suite.relation)


def open_part(suite: Suite) -> Suite:
    """The suite without the checks that read sealed cells."""
    return replace(suite, checks=tuple(check for check in suite.checks if not check.reads_sealed))


def _judged(suite: Suite, evidence: Evidence) -> Iterator[Outcome]:
    from quality.promises.expectations import judge

    for check, judged in zip(suite.checks, judge(suite, evidence), strict=True):
        if judged.kept is None:
            yield Outcome(suite, check, Status.ERROR, None, None, fault=judged.fault)
        else:
            yield Outcome(suite, check, _status(judged), judged.rows, judged.broken, () if judged.kept else judged.keys)


def _status(judged: Judged) -> Status:
    return Status.PASSED if judged.kept else Status.FAILED


@contextmanager
def _engine(contracts: Contracts, means: Means) -> Iterator[duckdb.DuckDBPyConnection]:
    """An empty database with the macros and code lists; what does not fit into memory is spilled where the caller says, and taken away."""
    con = connect()
    try:
        prepare(con, contracts, threads=means.threads, memory_limit=f"{means.memory_mb}MB")
        con.execute(f"set temp_directory = '{str(means.spill).replace(chr(39), chr(39) * 2)}'")
        yield con
    finally:
        con.close()
