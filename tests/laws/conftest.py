"""What all laws share: the example's contracts under the contracts' own vocabulary."""

from __future__ import annotations

import pytest

from contracts import load
from contracts.model import Contracts
from tests.laws.example import example_contracts


@pytest.fixture(scope="session")
def contracts() -> Contracts:
    return example_contracts(load().rules_sql)
