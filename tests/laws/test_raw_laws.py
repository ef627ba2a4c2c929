"""The laws of raw messages: whatever their order, repetition, batches, partitions, restarts and forgetting, the same marts."""

from __future__ import annotations

import tempfile
from itertools import product
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.landing import Sizes
from tests.laws.raw import District, Raw, RawWay, marts_of, raw_messages, rearranged
from tests.laws.strategies import NIGHTLY, cases

pytestmark = pytest.mark.slow
Marts = dict[str, str]
WAYS = [RawWay(1, True, False), RawWay(3, False, True), RawWay(4, True, True)]
EVERY_WAY = [RawWay(*way) for way in product((1, 3, 4), (False, True), (False, True))]
raw_cases = settings(cases, max_examples=30 if NIGHTLY else 2)
"""A case is seconds long: it derives everything, several times over."""


@pytest.fixture(scope="module")
def expected(district: District, raw: Raw, tmp_path_factory: pytest.TempPathFactory) -> Marts:
    """The marts of the messages in their own order on one partition."""
    with district.vault() as vault:
        return marts_of(district.contracts, vault, tmp_path_factory.mktemp("plain"), [raw], RawWay(), Random(0))


@pytest.fixture(scope="module")
def few_expected(few: tuple[District, Raw], tmp_path_factory: pytest.TempPathFactory) -> Marts:
    """The same of the few households."""
    district, raw = few
    with district.vault() as vault:
        return marts_of(district.contracts, vault, tmp_path_factory.mktemp("few-plain"), [raw], RawWay(), Random(0))


@pytest.mark.parametrize("way", EVERY_WAY if NIGHTLY else WAYS, ids=str)
@raw_cases
@given(seed=st.integers(0, 2**32 - 1))
def test_no_arrangement_of_raw_messages_changes_a_mart(few: tuple[District, Raw], few_expected: Marts, way: RawWay, seed: int) -> None:
    """Raw messages of a few households shuffled, a fifth of them twice, in two or three batches, over any number of partitions, stopped and opened again between
    any two steps or not, by states that forget or not, give equal marts."""
    (district, raw), chance = few, Random(seed)
    messages = rearranged(raw, chance, 0.2)
    cuts = sorted(chance.randint(0, len(messages)) for _ in range(chance.randint(1, 2)))
    batches = [messages[start:stop] for start, stop in zip([0, *cuts], [*cuts, len(messages)], strict=True)]
    with tempfile.TemporaryDirectory() as folder, district.vault() as vault:
        assert marts_of(district.contracts, vault, Path(folder), batches, way, chance) == few_expected, f"seed {seed}"


@pytest.mark.skipif(not NIGHTLY, reason="one case takes half a minute")
@pytest.mark.parametrize("partitions", [1, 3, 4])
def test_order_repetition_and_partitions_change_no_mart_of_a_district(district: District, raw: Raw, expected: Marts, tmp_path: Path, partitions: int) -> None:
    """A whole small district with all its feeds, shuffled, a fifth twice, in two batches."""
    chance = Random(partitions)
    messages = rearranged(raw, chance, 0.2)
    cut = chance.randint(1, len(messages) - 1)
    with district.vault() as vault:
        found = marts_of(district.contracts, vault, tmp_path, [messages[:cut], messages[cut:]], RawWay(partitions), chance)
    assert found == expected


def test_the_size_of_raw_messages_changes_no_mart(district: District, raw: Raw, expected: Marts, tmp_path: Path) -> None:
    """The same deliveries landed in large messages, read backwards over four partitions, give equal marts."""
    _, path = district.land("large", Sizes())
    large = raw_messages(path)
    assert len(large) < len(raw)
    with district.vault() as vault:
        assert marts_of(district.contracts, vault, tmp_path, [large[::-1]], RawWay(4), Random(0)) == expected
