"""What a state takes on disk."""

from __future__ import annotations

from pathlib import Path

import duckdb

from streams.state_files import bytes_of, wal_of


def test_what_is_committed_and_not_written_into_the_file_counts(tmp_path: Path) -> None:
    """A state in use has most of its rows beside its file; one that is not there has no size."""
    file = tmp_path / "p0.duckdb"
    assert bytes_of(file) == 0
    with duckdb.connect(str(file)) as con:
        con.execute("create table t as from range(50000)")
        beside = wal_of(file).stat().st_size
        assert beside > 0
        assert bytes_of(file) == file.stat().st_size + beside
