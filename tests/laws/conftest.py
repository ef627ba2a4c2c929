"""What the laws share: the example's contracts under the contracts' own vocabulary, and one small demo district for the laws of raw messages."""

from __future__ import annotations

import pytest

from contracts import load
from contracts.model import Contracts
from streams.landing import Outcome, Sizes
from tests.laws.example import example_contracts
from tests.laws.raw import District, Raw, make_district, make_few, raw_messages


@pytest.fixture(scope="session")
def contracts() -> Contracts:
    return example_contracts(load().rules_sql)


@pytest.fixture(scope="session")
def district(tmp_path_factory: pytest.TempPathFactory) -> District:
    return make_district(tmp_path_factory.mktemp("district"), load())


@pytest.fixture(scope="session")
def landed(district: District) -> tuple[list[Outcome], Raw]:
    """The district's deliveries, landed in small messages so that there is something to rearrange."""
    reports, path = district.land("small", Sizes(message_rows=150))
    return reports, raw_messages(path)


@pytest.fixture(scope="session")
def raw(landed: tuple[list[Outcome], Raw]) -> Raw:
    return landed[1]


@pytest.fixture(scope="session")
def few(tmp_path_factory: pytest.TempPathFactory) -> tuple[District, Raw]:
    """A few households and their raw messages, small enough to be derived again and again."""
    made = make_few(tmp_path_factory.mktemp("few"), load())
    reports, path = made.land("small", Sizes(message_rows=8))
    assert not [each.error for each in reports if each.error]
    return made, raw_messages(path)
