"""Somebody who kept every release of a mart by area and solves for what is hidden: exact ranges by integer programming, independent of how cells are chosen.

He even knows which villages' numbers did not change from one release to the next; there is no stronger reader of what was published.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

Cell = tuple[str, str]
"""Area and count."""
ENDLESS = 10**5


@dataclass
class Attacker:
    """Knows of each release what was shown (`shown`, None where hidden) and which numbers of the smallest areas were what they were before (`true`, only compared).
    `whole`: counts that are the sum of others, as a year is of its months."""

    counts: Sequence[str]
    remainders: Sequence[tuple[str, str]]
    whole: Mapping[str, Sequence[str]] = field(default_factory=dict)
    variables: dict[tuple[int, str, str], int] = field(default_factory=dict)
    rows: list[tuple[dict[int, float], float, float]] = field(default_factory=list)
    shown_ever: set[frozenset[int]] = field(default_factory=set)
    sums: dict[tuple[int, str, str], list[int]] = field(default_factory=dict)
    hidden: list[tuple[int, str, str]] = field(default_factory=list)
    leaves: set[str] = field(default_factory=set)
    made: int = 0

    def learn(self, true: Sequence[Mapping[str, object]], shown: Sequence[Mapping[str, object]], before: Sequence[Mapping[str, object]] | None) -> None:
        """One more release; `before`: the true rows of the one before it."""
        release = 1 + max((key[0] for key in self.variables), default=-1)
        old = {str(row["area"]): row for row in before or ()}
        areas = [str(row["area"]) for row in true]
        leaves = {area for area in areas if not any(other != area and other.startswith(area) for other in areas)}
        self.leaves |= leaves
        for row in true:
            area = str(row["area"])
            if area in leaves:
                for count in (count for count in self.counts if count not in self.whole):
                    same = area in old and old[area][count] == row[count]
                    self.variables[release, area, count] = self.variables[release - 1, area, count] if same else self._new()
        for area in areas:
            for count in self.counts:
                self.sums[release, area, count] = [
                    self.variables[release, leaf, part]
                    for leaf in areas
                    if leaf in leaves and leaf.startswith(area)
                    for part in self.whole.get(count, (count,))
                ]
            for whole, part in self.remainders:
                if area in leaves:
                    weights = {self.variables[release, area, whole]: 1.0, self.variables[release, area, part]: -1.0}
                    self.rows.append((weights, 0, np.inf))
        for row in shown:
            for count in self.counts:
                key = (release, str(row["area"]), count)
                if row[count] is None:
                    self.hidden.append(key)
                else:
                    self.rows.append((dict.fromkeys(self.sums[key], 1.0), float(str(row[count])), float(str(row[count]))))
                    self.shown_ever.add(frozenset(self.sums[key]))

    def told(self, least: int) -> list[tuple[tuple[int, str, str], float, float]]:
        """Narrow cells after several releases, apart from larger areas that add up to 0, or to ten or more, from what was openly shown and has not changed."""
        return [found for found in self.narrow(least) if found[0][1] in self.leaves or (found[2] > 0 and found[1] < 10)]

    def narrow(self, least: int) -> Iterator[tuple[tuple[int, str, str], float, float]]:
        """Hidden cells (release, area, count) whose range is narrower than `least`, apart from those that were openly shown and have not changed."""
        asked: set[tuple[int, ...]] = set()
        for key in self.hidden:
            terms = tuple(sorted(self.sums[key]))
            if terms not in asked and frozenset(terms) not in self.shown_ever:
                asked.add(terms)
                low, high = self._range(terms, (True, False))
                if high - low < least:  # presolving also calls a few ends optimal that are not, so whatever it finds narrow is solved again without
                    low, high = self._range(terms, (False,))
                if high - low < least:
                    yield key, low, high

    def _new(self) -> int:
        self.made += 1
        return self.made - 1

    def _range(self, terms: Sequence[int], presolving: Sequence[bool]) -> tuple[float, float]:
        return self._end(terms, 1, presolving), self._end(terms, -1, presolving)

    def _end(self, terms: Sequence[int], sign: int, presolving: Sequence[bool]) -> float:
        """The least (`sign` 1) or the greatest (-1) sum."""
        aim = np.zeros(self.made)
        aim[list(terms)] = sign
        for presolve in presolving:  # the truth is a solution, yet the solver's presolving calls a few of these systems infeasible
            found = milp(aim, constraints=self._constraints(), integrality=np.ones(self.made), bounds=Bounds(0, ENDLESS), options={"presolve": presolve})
            if found.success:
                return float(sign * round(found.fun))
        raise AssertionError(found.message)

    def _constraints(self) -> LinearConstraint:
        matrix = np.zeros((len(self.rows), self.made))
        for at, (weights, _, _) in enumerate(self.rows):
            for variable, weight in weights.items():
                matrix[at, variable] += weight
        return LinearConstraint(matrix, [low for _, low, _ in self.rows], [high for _, _, high in self.rows])
