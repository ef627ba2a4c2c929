"""What all laws share: the example's contracts under the contracts' own vocabulary."""

from __future__ import annotations

import pytest

from contracts import load
from contracts.model import Contracts
from tests.laws.example import SHALLOWER, example_contracts


@pytest.fixture(scope="session")
def contracts() -> Contracts:
    rules = load().rules_sql
    return example_contracts(rules if "address_silent" in rules else SHALLOWER)
