"""The macros of the rules, and a warehouse with every table that marts read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import duckdb
import pytest

from tests.contracts.conftest import rules
from tests.warehouse.samples import contracts
from tests.warehouse.test_marts import filled

__all__ = ["rules"]


@pytest.fixture
def tables() -> Iterator[duckdb.DuckDBPyConnection]:
    """Empty tables of golden values: a test puts the figures of a report in."""
    with filled(contracts(), {}, datetime(2026, 9, 1)) as connection:
        yield connection
