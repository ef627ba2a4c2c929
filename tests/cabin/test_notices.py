"""What departments are told on the topic is what their officers read in the mart."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb

from contracts.notices import TABLES, asked_kinds_sql, kinds_sql, notices_sql, reached_sqls
from contracts.read import load
from tests.cabin.kit import District
from warehouse.publish import snapshot_path

GRAIN = "kind, entity, attribute, source, coalesce(record, ''), coalesce(origin, ''), why, status, speaker"


def test_the_states_know_the_discrepancies_of_the_mart(district: District) -> None:
    """Over the partitions' states the same discrepancies are open as the published mart shows, with the same records, origins, reasons and statuses."""
    with duckdb.connect(str(snapshot_path(district.data / "published")), read_only=True) as con:
        shown = con.execute(f"select {GRAIN.replace('speaker', 'golden_source')} from discrepancy").fetchall()
    told = [row for state in sorted((district.data / "state").glob("p*.duckdb")) for row in noticed(state)]
    assert sorted(told) == sorted(shown)
    assert {row[6] for row in told} >= {"outranked", "refuted_by_visit", "not_claimed"}


def noticed(state: Path) -> Iterator[tuple[str, ...]]:
    """All that is open in one state, which is only read."""
    known = load()
    with duckdb.connect() as con:
        con.execute(f"attach '{state}' as state (read_only)")
        con.execute("set search_path = 'memory.main,state.main'")
        for statement in (*TABLES, *reached_sqls(known)):
            con.execute(statement)
        kinds, asked = ([kind for (kind,) in con.execute(sql).fetchall()] for sql in (kinds_sql(known), asked_kinds_sql()))
        yield from con.execute(f"select {GRAIN} from ({notices_sql(known, kinds, asked)})").fetchall()
