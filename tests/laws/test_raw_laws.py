"""The laws of raw messages: whatever their order, repetition, batches and partitions, the same marts."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from streams.landing import Sizes
from tests.laws.raw import District, Raw, marts_of, raw_messages, rearranged
from tests.laws.strategies import NIGHTLY

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def expected(district: District, raw: Raw, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The marts of the messages in their own order on one partition."""
    with district.vault() as vault:
        return marts_of(district.contracts, vault, tmp_path_factory.mktemp("plain"), [raw], 1, Random(0))


@pytest.mark.parametrize("partitions", [1, 3, 4] if NIGHTLY else [3])
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
    """The same deliveries landed in large messages, read backwards over four partitions, give equal marts."""
    _, path = district.land("large", Sizes())
    large = raw_messages(path)
    assert len(large) < len(raw)
    with district.vault() as vault:
        assert marts_of(district.contracts, vault, tmp_path, [large[::-1]], 4, Random(0)) == expected
