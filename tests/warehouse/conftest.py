"""A log and a current file over it, for tests that load and publish."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from streams.log import EmbeddedLog
from tests.warehouse.samples import NAME_KEY, add_households, contracts, log_at
from warehouse.load import Current
from warehouse.publish import Publisher


@pytest.fixture
def log(tmp_path: Path) -> Iterator[EmbeddedLog]:
    with log_at(tmp_path) as opened:
        yield opened


@pytest.fixture
def current(tmp_path: Path) -> Iterator[Current]:
    with Current.open(tmp_path / "current.duckdb", contracts()) as opened:
        yield opened


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published snapshot of four households: even numbers are 王小明, odd ones 欧阳小明."""
    base = tmp_path_factory.mktemp("district")
    with log_at(base) as log, Current.open(base / "current.duckdb", contracts()) as current:
        add_households(log, current.contracts, range(4))
        current.load(log)
        Publisher(base / "published", NAME_KEY).publish(current)
    return base / "published"
