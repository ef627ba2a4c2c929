"""What is known about the promises of what is published: how the last run of all suites marked it, and which broken ones it was published in spite of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from contracts.model import Label
from quality.promises.results import Mark, marks
from warehouse.gating.overrides import Override
from warehouse.publish import overrides_in

FOLDER = "quality"
"""Of the data folder: what runs of checks left."""
State = Literal["kept", "broken", "error", "unchecked"]
STATES: dict[State, Label] = {
    "kept": Label("全部通过", "kept"),
    "broken": Label("有不通过", "broken"),
    "error": Label("有无法判定", "error of a check"),
    "unchecked": Label("未检查", "not checked"),
}


@dataclass(frozen=True, slots=True)
class Marked:
    """`mark`: of the published snapshot where all its suites were run under the contracts of now, else (`of_another`) the newest one there is; `at` is now, Beijing time.
    `overridden`: broken promises that a person let through and that are still broken."""

    mark: Mark | None
    of_another: bool
    at: datetime
    overridden: Sequence[Override]

    @property
    def state(self) -> State:
        """Of the published snapshot."""
        return "unchecked" if self.of_another else self.last

    @property
    def last(self) -> State:
        """Of the snapshot that was checked last. What could not be judged is told only where nothing is known to be broken."""
        if self.mark is None:
            return "unchecked"
        return "broken" if self.mark.failed else "error" if self.mark.errors else "kept"

    @property
    def sound(self) -> bool:
        """Whether nothing was found that nobody decided about: each check that failed or could not be judged is one that a person let through. What was never checked is sound."""
        mark = self.mark
        if mark is None or self.last == "kept":
            return True
        decided = {each.promise for each in self.overridden}
        return len(mark.faults) == mark.failed + mark.errors and decided.issuperset(mark.faults)

    @property
    def age_seconds(self) -> float | None:
        """Since that run began; None where there was none."""
        return None if self.mark is None else max(0.0, (self.at - datetime.fromisoformat(self.mark.at)).total_seconds())

    @property
    def fact(self) -> Label:
        """One sentence: the state, and what the last run found, where and how long ago."""
        mark = self.mark
        if mark is None:
            return STATES["unchecked"]
        found = STATES[self.last]
        counts = Label(
            f"通过 {mark.passed} 项，不通过 {mark.failed} 项，仅提示 {mark.warned} 项，无法判定 {mark.errors} 项，{self.age_seconds:,.0f} 秒前",
            f"{mark.passed} kept, {mark.failed} failed, {mark.warned} failed that only warn, {mark.errors} could not be judged, {self.age_seconds:,.0f} seconds ago",
        )
        if not self.of_another:
            return Label(f"{found.zh}（{counts.zh}）", f"{found.en} ({counts.en})")
        unchecked = STATES["unchecked"]
        return Label(
            f"{unchecked.zh}；最近检查的快照 {mark.snapshot}：{found.zh}（{counts.zh}）",
            f"{unchecked.en}; snapshot {mark.snapshot}, checked last: {found.en} ({counts.en})",
        )

    @property
    def document(self) -> dict[str, object]:
        """The same for machines."""
        mark = self.mark
        counts = {name: getattr(mark, name) for name in ("snapshot", "passed", "failed", "warned", "errors")} if mark else {}
        return {"state": self.state, "last": self.last, **counts, "age_seconds": self.age_seconds, "in_spite_of": [each.promise for each in self.overridden]}


def marked(data: Path, snapshot: str, contracts: str, at: datetime) -> Marked:
    """What is known about a published snapshot under the contracts of this fingerprint."""
    listed = marks(data / FOLDER)
    own = [each for each in listed if (each.snapshot, each.contracts) == (snapshot, contracts)]
    newest = next(reversed(own or listed), None)
    return Marked(newest, newest is not None and not own, at, list(overrides_in(data / "published").standing.values()))


def spite(overridden: Sequence[Override]) -> Label:
    """What a person let through though it is broken, with rows, who decided and when, and until when that holds; empty where nothing was."""
    told = [(each.promise, "?" if each.rows is None else f"{each.rows:,}", each.who, each.at[:10]) for each in overridden]
    return Label(
        "；".join(f"{name}（至多 {rows} 行，{who}，{day}；再次兑现或不符行数增加时失效）" for name, rows, who, day in told),
        "; ".join(f"{name} (at most {rows} rows, {who}, {day}; until it is kept again or more rows break it)" for name, rows, who, day in told),
    )
