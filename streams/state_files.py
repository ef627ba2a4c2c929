"""The files of a state on disk, for whoever looks at them without an engine."""

from __future__ import annotations

from pathlib import Path


def bytes_of(path: Path) -> int:
    """How large a state is on disk: its file, and what was committed beside it since it was last written into it."""
    return sum(file.stat().st_size for file in (path, wal_of(path)) if file.exists())


def wal_of(path: Path) -> Path:
    """Where DuckDB keeps what was committed and is not written into the file yet."""
    return path.with_name(path.name + ".wal")
