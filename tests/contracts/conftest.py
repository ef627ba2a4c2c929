"""What tests of contracts share: one engine that speaks the macros."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from contracts import load
from contracts.engine import prepare
from tests.contracts.rules_kit import Asker


@pytest.fixture(scope="session")
def rules() -> Iterator[Asker]:
    """The macros, loaded once a session."""
    with duckdb.connect() as con:
        prepare(con, load(), threads=1, memory_limit="500MB")
        yield Asker(con)
