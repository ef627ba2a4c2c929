"""What a person let through: broken promises that are published all the same, each with who, when and why, recorded beside the snapshots for ever.

An override holds for so many rows as were broken then, from publish to publish, until the promise is kept again or more rows break it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace

from contracts.model import Label
from warehouse.gating.errors import OverridesUnreadable, PromiseBroken, PromiseNotJudged
from warehouse.gating.judge import Verdict

OVERRIDDEN = "overridden.jsonl"
"""The file beside the snapshots: one override a line, oldest first."""


@dataclass(frozen=True, slots=True)
class Despite:
    """A decision to publish though these promises (`household.main-residence-twice`) are broken: by whom, why, and at which Beijing time."""

    promises: tuple[str, ...]
    who: str
    reason: str
    at: str


@dataclass(frozen=True, slots=True)
class Override:
    """A broken promise that was published all the same. `asked`: the digest of what it promises; `rows`: so many broke it, None where it could not be judged; `snapshot`: the first one published so;
    `ended`: the one in which it was kept again, decided anew, or promised no more."""

    promise: str
    rows: int | None
    who: str
    reason: str
    at: str
    snapshot: str
    asked: str = ""
    ended: str | None = None

    def allows(self, verdict: Verdict) -> bool:
        """No more rows than were let through, of the same promise; one that could not be judged is let through as such only."""
        if verdict.asked != self.asked:
            return False
        if verdict.broken is None or self.rows is None:
            return verdict.broken is None and self.rows is None
        return verdict.broken <= self.rows


@dataclass(slots=True)
class Overrides:
    """All that were ever decided, by age."""

    listed: list[Override] = field(default_factory=list)
    changed: bool = False

    @classmethod
    def of(cls, text: str) -> Overrides:
        """Raises: `OverridesUnreadable`."""
        found = []
        for number, line in enumerate(text.splitlines(), 1):
            try:
                found.append(Override(**json.loads(line)))
            except (ValueError, TypeError):
                raise OverridesUnreadable(file=OVERRIDDEN, line=number) from None
        return cls(found)

    def text(self) -> str:
        return "".join(json.dumps(asdict(each), ensure_ascii=False) + "\n" for each in self.listed)

    @property
    def standing(self) -> dict[str, Override]:
        """Those in force, by promise."""
        return {each.promise: each for each in self.listed if each.ended is None}

    def settle(self, verdicts: Sequence[Verdict], snapshot: str, despite: Despite | None = None, whole: bool = False) -> None:
        """What was judged for this snapshot against what a person lets through; ends what is kept again, and of a `whole` snapshot, of which everything is judged, what is promised no more. Raises: `PromiseBroken`, `PromiseNotJudged`, and nothing changed then."""
        standing, named = self.standing, frozenset(despite.promises if despite else ())
        stopping = [each for each in verdicts if not each.kept and each.name not in named and not (each.name in standing and standing[each.name].allows(each))]
        if stopping:
            raise refusal(stopping)
        gone = standing.keys() - {each.name for each in verdicts} if whole else set()
        self._end({each.name for each in verdicts if each.kept or each.name in named} | gone, snapshot)
        if despite:
            decided = [each for each in verdicts if not each.kept and each.name in named]
            self._add(Override(each.name, each.broken, despite.who, despite.reason, despite.at, snapshot, each.asked) for each in decided)

    def _end(self, promises: set[str], snapshot: str) -> None:
        ended = [replace(each, ended=snapshot) if each.ended is None and each.promise in promises else each for each in self.listed]
        self.changed, self.listed = self.changed or ended != self.listed, ended

    def _add(self, decided: Iterable[Override]) -> None:
        found = list(decided)
        self.changed = self.changed or bool(found)
        self.listed += found


def refusal(stopping: Sequence[Verdict]) -> PromiseBroken | PromiseNotJudged:
    """The error for promises that stop a publish; those that are broken before those that cannot be judged."""
    first = min(stopping, key=lambda each: each.broken is None)
    if first.broken is None:
        return PromiseNotJudged(table=first.table, check=first.promise.name, detail=first.fault)
    others = ", ".join(each.name for each in stopping if each is not first) or "-"
    return PromiseBroken(table=first.table, check=first.promise.name, meaning=first.promise.label, count=first.broken, allowed=_allowed(first), others=others)


def _allowed(verdict: Verdict) -> Label:
    limit = verdict.promise.limit
    if limit.share is None:
        return Label(f"{limit.rows} 行", str(limit.rows))
    return Label(f"{limit.share * 100:g} %", f"{limit.share * 100:g} %")
