"""Finding records by sixteen or twelve bytes, many at once: sorted runs of the first eight bytes, merged as they grow."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from vault.records import Bytes

MOST_RUNS = 6
Integers = npt.NDArray[np.int64]


class Index:
    """Maps keys (rows of bytes, at least 8 long) to the numbers of their records. Keys are unique."""

    def __init__(self) -> None:
        self._runs: list[tuple[npt.NDArray[np.uint64], Integers]] = []

    def add(self, keys: Bytes, first: int) -> None:
        """Records `first`, `first + 1`, ... have these keys."""
        if not len(keys):
            return
        heads = _heads(keys)
        order = np.argsort(heads, kind="stable")
        self._runs.append((heads[order], order + first))
        if len(self._runs) > MOST_RUNS:
            self._merge()

    def find(self, keys: Bytes, stored: Bytes) -> Integers:
        """The record number of each key, -1 where there is none; `stored` are the keys of all records, which settle equal heads."""
        found = np.full(len(keys), -1, np.int64)
        heads = _heads(keys)
        for run_heads, numbers in self._runs:
            places = np.searchsorted(run_heads, heads)
            open_ = np.flatnonzero(places < len(run_heads))
            while len(open_):
                open_ = open_[run_heads[places[open_]] == heads[open_]]
                candidates = numbers[places[open_]]
                same = (stored[candidates] == keys[open_]).all(axis=1)
                found[open_[same]] = candidates[same]
                open_ = open_[~same]  # another key with the same head: look at the next place
                places[open_] += 1
                open_ = open_[places[open_] < len(run_heads)]
        return found

    def _merge(self) -> None:
        heads = np.concatenate([run[0] for run in self._runs])
        numbers = np.concatenate([run[1] for run in self._runs])
        order = np.argsort(heads, kind="stable")
        self._runs = [(heads[order], numbers[order])]


def _heads(keys: Bytes) -> npt.NDArray[np.uint64]:
    heads: npt.NDArray[np.uint64] = np.ascontiguousarray(keys[:, :8]).view("<u8").reshape(-1)
    return heads
