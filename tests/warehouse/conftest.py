"""A log and a current file over it, for tests that load and publish."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from streams.log import EmbeddedLog
from tests.warehouse.samples import contracts, log_at
from warehouse.load import Current


@pytest.fixture
def log(tmp_path: Path) -> Iterator[EmbeddedLog]:
    with log_at(tmp_path) as opened:
        yield opened


@pytest.fixture
def current(tmp_path: Path) -> Iterator[Current]:
    with Current.open(tmp_path / "current.duckdb", contracts()) as opened:
        yield opened
