"""The laws of raw messages: whatever their order, repetition, batches and partitions, the same marts."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from contracts import load
from streams.landing import Sizes
from tests.laws.raw import District, Raw, make_district, marts_of, raw_messages, rearranged

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> District:
    return make_district(tmp_path_factory.mktemp("district"), load())


@pytest.fixture(scope="module")
def raw(district: District) -> Raw:
    """The district's raw messages, small ones so that there is something to rearrange."""
    outcomes, path = district.land("small", Sizes(message_rows=150))
    assert [outcome.error for outcome in outcomes if outcome.error] == []
    return raw_messages(path)


@pytest.fixture(scope="module")
def expected(district: District, raw: Raw, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    with district.vault() as vault:
        return marts_of(district.contracts, vault, tmp_path_factory.mktemp("plain"), [raw], 1, Random(0))


@pytest.mark.parametrize("partitions", [1, 3, 4])
def test_order_repetition_and_partitions_of_raw_messages_change_no_mart(
    district: District, raw: Raw, expected: dict[str, str], tmp_path: Path, partitions: int
) -> None:
    """Raw messages shuffled, a fifth of them twice, in batches that are published in between, over any number of partitions, give equal marts."""
    chance = Random(partitions)
    given = rearranged(raw, chance, 0.2)
    cut = chance.randint(1, len(given) - 1)
    with district.vault() as vault:
        found = marts_of(district.contracts, vault, tmp_path, [given[:cut], given[cut:]], partitions, chance)
    assert found == expected


def test_the_size_of_raw_messages_changes_no_mart(district: District, raw: Raw, expected: dict[str, str], tmp_path: Path) -> None:
    """The same deliveries landed in large messages give equal marts."""
    _, path = district.land("large", Sizes())
    large = raw_messages(path)
    assert len(large) < len(raw)
    with district.vault() as vault:
        assert marts_of(district.contracts, vault, tmp_path, [large], 2, Random(0)) == expected
