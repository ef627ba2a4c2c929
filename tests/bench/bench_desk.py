"""How fast the quarantine desk answers and mends: list and facets over a million quarantined rows, a fix of 100,000 rows from its dry run to the log.

Aims: list and facets below 200 ms each, index up to date; the fix below 10 seconds, tried, planned and redriven (leases: personal cells are opened and sealed again).
Also printed: making the index of the million rows anew, which happens once, and how long it takes to follow a step. Run: `python -m tests.bench.bench_desk [rows] [fixed]`.
Figures are wall-clock seconds and, in brackets, processor seconds; landing and normalising before are not measured.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

import duckdb
import pyarrow as pa

from contracts.ports import Message
from contracts.quarantined import QUARANTINED
from contracts.topics import QUARANTINE
from quality.desk import ask
from quality.desk.decide import rejected
from quality.desk.index import NAME, opened
from quality.desk.pattern import Pattern
from quality.desk.redrive import redriven
from quality.desk.work import planned, tried
from streams.normalise.wire import encode
from tests.quality.desk.kit import Place, contracts, lease, place

MESSAGE_ROWS, DELIVERIES, SOUND = 20_000, 10, 3
"""Three of four rows of each delivery are sound."""
NOW = datetime(2026, 2, 4, 9)
LIMIT = 1 << 40
Got = TypeVar("Got")


def timed(name: str, work: Callable[[], Got], times: int = 1) -> Got:
    """The median of several times."""
    taken: list[tuple[float, float]] = []
    for _ in range(times):
        wall, processor = time.perf_counter(), time.process_time()
        found = work()
        taken.append((time.perf_counter() - wall, time.process_time() - processor))
    wall, processor = sorted(taken)[len(taken) // 2]
    print(f"{name}: {wall:.3f} s ({processor:.3f})")
    return found


def quarantine(here: Place, rows: int) -> None:
    """Rows of all feeds with a rule, over ninety days, as normalising writes them."""
    rules = [(feed.name, rule.reason, rule.column) for feed in contracts().feeds.values() for rule in feed.rules if rule.severity == "error"]
    con = duckdb.connect()
    con.register("rule", pa.Table.from_pylist([{"n": n, "source": s, "reason": r, "column": c} for n, (s, r, c) in enumerate(rules)]))
    for start in range(0, rows, MESSAGE_ROWS):
        table = con.sql(
            f"""select source, format('d{{:011d}}', k // 5000) as delivery, (k % 5000 + 1)::int as "row", (k % 5000 // 2000)::int as chunk,
            timestamp_ms '2025-11-06' + to_seconds((k * 7776 // 1000)::bigint) as recorded_at, reason, "column",
            case when "column" is not null then '{{"' || "column" || '":"' || (k % 977)::varchar || case when k % 3 = 0 then '号' else 'x' end || '"}}' else '{{}}' end as cells,
            null::varchar as subject, null::blob as sealed
            from (select k, k // 100 % {len(rules)} as n from range({start}, {min(rows, start + MESSAGE_ROWS)}) as a(k)) join rule using (n)"""
        ).to_arrow_table()
        here.log.append(QUARANTINE, start // MESSAGE_ROWS % 2, [Message(encode(table.cast(QUARANTINED)), {"ce_type": "quarantined"})])


def answers(folder: Path, rows: int) -> None:
    with place(folder) as here:
        quarantine(here, rows)
        desk = here.desk(rows_an_hour=LIMIT)
        departments = [(feed.name, feed.department.en) for feed in contracts().feeds.values()]

        def asked(question: Callable[[duckdb.DuckDBPyConnection], Got]) -> Got:
            with opened(desk.folder, desk.log) as con:
                return question(con)

        print(f"{rows:,} quarantined rows")
        timed("index made anew", lambda: asked(lambda con: None))
        timed("list", lambda: asked(lambda con: ask.listed(con, Pattern())), 7)
        timed("list of one reason", lambda: asked(lambda con: ask.listed(con, Pattern(feed="rental", reason="status-unknown"))), 7)
        timed("facets", lambda: asked(lambda con: ask.facets(con, Pattern(), "open", NOW + timedelta(hours=1), departments)), 7)
        timed("trend", lambda: asked(lambda con: ask.trend(con, Pattern())), 7)
        timed("account", lambda: asked(ask.accounts), 7)
        timed("reject a pattern", lambda: rejected(desk, Pattern(feed="rental", reason="status-unknown"), "measured"))
        timed("follow that step", lambda: asked(lambda con: None))
        print(f"index {(desk.folder / NAME).stat().st_size / 1e6:.0f} MB")


def fixed(folder: Path, rows: int) -> None:
    with place(folder) as here:
        each = rows // DELIVERIES
        for number in range(DELIVERIES):
            first = number * each * (SOUND + 1)
            here.deliver("rental", [lease(n, "1" if n % (SOUND + 1) else "在租") for n in range(first, first + each * (SOUND + 1))])
        desk = here.desk(rows_an_hour=LIMIT)
        with opened(desk.folder, desk.log):
            pass
        print(f"a fix of {rows:,} leases among {rows * (SOUND + 1):,}")
        pattern, given = Pattern(feed="rental", reason="status-unknown"), {"kind": "map", "columns": ["status"], "values": {"在租": "1"}}
        wall, processor = time.perf_counter(), time.process_time()
        trial = timed("tried", lambda: tried(desk, pattern, given))
        step = timed("planned", lambda: planned(desk, trial, "measured"))
        sent = timed("redriven", lambda: redriven(desk, step.step, trial))
        assert sent == trial.accepted == rows, (sent, trial.accepted)
        print(f"in all: {time.perf_counter() - wall:.2f} s ({time.process_time() - processor:.2f}), {rows / (time.perf_counter() - wall):,.0f} rows a second")


def main() -> None:
    rows, mended = (int(given) for given in [*sys.argv[1:], *("1000000", "100000")[len(sys.argv) - 1 :]])
    with tempfile.TemporaryDirectory() as name:
        answers(Path(name) / "answers", rows)
        fixed(Path(name) / "fixed", mended)
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
