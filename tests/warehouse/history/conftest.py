"""The small cabin's log and the history loaded from it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from contracts.model import Contracts
from contracts.read import load
from streams.log import EmbeddedLog
from tests.warehouse.history.kit import appended


@pytest.fixture(scope="session")
def known() -> Contracts:
    return load()


@pytest.fixture
def log(small_cabin: Path) -> Iterator[EmbeddedLog]:
    with EmbeddedLog.open(small_cabin / "log.sqlite") as opened:
        yield opened


@pytest.fixture(scope="session")
def whole(small_cabin: Path, known: Contracts, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small cabin's history, read only."""
    folder = tmp_path_factory.mktemp("whole") / "history"
    with EmbeddedLog.open(small_cabin / "log.sqlite") as log:
        appended(folder, known, log)
    return folder
