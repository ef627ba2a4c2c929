"""Hypothesis strategies of the laws, and the number of cases: 500 in the ordinary run, 10,000 in the nightly one (profile of tests/conftest.py).

A case is one world. One example holds hundreds of them, because a settle costs about the same for one world as for many. What hypothesis draws is the seed;
when a law breaks, `tests.laws.smallest` shrinks the facts of the broken world.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from random import Random
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from tests.laws.worlds import world

NIGHTLY = os.environ.get("CABIN_TEST_PROFILE") == "nightly"
WORLDS = 500
EXAMPLES = 20 if NIGHTLY else 1

cases = settings(
    max_examples=EXAMPLES,
    phases=(Phase.explicit, Phase.generate),
    derandomize=not NIGHTLY,
    print_blob=False,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
"""Runs a law on `EXAMPLES` * `WORLDS` cases; shrinking seeds would only cost time."""


@dataclass(frozen=True)
class Worlds:
    """Many worlds of one seed, told apart by their numbers."""

    seed: int
    count: int = WORLDS

    @cached_property
    def each(self) -> tuple[list[Any], ...]:
        return tuple(world(number, Random(f"{self.seed}/{number}")) for number in range(self.count))

    @property
    def facts(self) -> list[Any]:
        return [fact for one in self.each for fact in one]

    def chance(self) -> Random:
        """Decides order and batches; the same in every run of one seed."""
        return Random(f"{self.seed}/order")


def many_worlds(count: int = WORLDS) -> st.SearchStrategy[Worlds]:
    return st.integers(0, 2**32 - 1).map(lambda seed: Worlds(seed, count))
