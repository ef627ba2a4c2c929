"""Seeded chance: one independent stream per name, so that a new draw in one department leaves all others as they were."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Dice:
    """All draws of one seed."""

    seed: int

    def of(self, name: str) -> np.random.Generator:
        """The stream of this name, from its beginning."""
        return np.random.Generator(np.random.PCG64(np.random.SeedSequence([self.seed, zlib.crc32(name.encode())])))

    def ints(self, name: str, low: int, high: int, count: int) -> Ints:
        """Whole numbers from `low` up to and without `high`."""
        return self.of(name).integers(low, high, count, dtype=np.int64)

    def flags(self, name: str, share: float, count: int) -> Flags:
        """True for about this share."""
        return self.of(name).random(count, dtype=np.float32) < share

    def choice(self, name: str, shares: Mapping[int, float], count: int) -> Ints:
        """Keys drawn by their shares; what the shares leave of 1 goes to the last key."""
        edges = np.cumsum(list(shares.values()))[:-1]
        return np.array(list(shares), dtype=np.int64)[np.searchsorted(edges, self.of(name).random(count), side="right")]

    def faults(self, name: str, rates: Mapping[str, float], count: int) -> NDArray[np.str_]:
        """At most one fault per row, by name; an empty text for a row without."""
        edges = np.cumsum(list(rates.values()))
        return np.array([*rates, ""])[np.searchsorted(edges, self.of(name).random(count), side="right")]
