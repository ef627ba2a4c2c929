"""The table of statuses in words: which row chose a value, and what would change it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from contracts.model import Label


@dataclass(frozen=True, slots=True)
class StatusRule:
    """One row of the table of statuses (reconcile rules, section 5): its number, and why it chose."""

    row: int
    why: Label


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the answer to "what would change it" depends on.

    `visit`: whether a visit may change the unit. `spent_after`: until when the finding holds against different claims. Departments: `owner` gave the value,
    `differing` say otherwise, `heard` would be chosen if they said something else now; each None where there is none.
    """

    visit: bool
    spent_after: datetime | None = None
    owner: Label | None = None
    differing: Label | None = None
    heard: Label | None = None


RULES = {
    1: StatusRule(1, Label("没有来源给出该项", "no source says anything")),
    2: StatusRule(
        2,
        Label(
            "走访结果有效，但其后有来源给出不同的新值，或走访结果互相矛盾",
            "a visit's finding holds, but a source says something new and different since, or findings differ",
        ),
    ),
    3: StatusRule(3, Label("走访更正了全部来源的值", "a visit corrected what every source said")),
    4: StatusRule(4, Label("走访核实，至少一个来源一致", "a visit confirmed it and at least one source agrees")),
    5: StatusRule(5, Label("仅走访给出该项", "the visit is the only voice")),
    6: StatusRule(6, Label("来源之间不一致，按优先级和时间取值", "sources differ; priority, then time, chose")),
    7: StatusRule(7, Label("至少两个来源一致，无人反对", "at least two sources agree and none differs")),
    8: StatusRule(8, Label("仅一个来源给出该项", "a single source says it")),
}
NOTHING = Label("无：没有来源提供该项，走访也不能更改", "nothing: no feed delivers it and no visit may change it")


def rule_of(status: str | None, source: str | None, agreeing: int) -> StatusRule:
    """The row of the table that fits a golden value: by its status, whether a visit speaks, and how many sources agree."""
    if status is None:
        return RULES[1]
    if source == "visit":
        return RULES[{"disputed": 2, "corrected": 3}.get(status, 4 if agreeing else 5)]
    return RULES[{"disputed": 6, "agreed": 7}.get(status, 8)]


def change_of(rule: StatusRule, known: Circumstances) -> Label:
    """What would change a value chosen by this row, as things are. What no visit may change becomes a correction request to the department that gave it."""
    ways = _against_finding(known) if rule.row in (2, 3, 4, 5) else _against_feeds(known)
    return Label("；或".join(way.zh for way in ways), "; or ".join(way.en for way in ways)) if ways else NOTHING


def _against_finding(known: Circumstances) -> list[Label]:
    ways = [Label("再次走访", "another visit"), Label("复核不同意", "a verifier who disagrees")]
    if known.spent_after:
        day = known.spent_after.date()
        ways.append(Label(f"来源在 {day} 之后观察到不同的值", f"a different value that a source observes after {day}"))
    return ways + _corrected(known)


def _against_feeds(known: Circumstances) -> list[Label]:
    ways: list[Label] = []
    if known.visit:
        ways.append(Label("走访核实", "a visit"))
    elif known.owner:
        ways.append(Label(f"向{known.owner.zh}提交更正申请（30 日内办理）", f"a correction request to {known.owner.en} (answered within 30 days)"))
    if known.heard:
        ways.append(Label(f"{known.heard.zh}给出新值", f"a new value from {known.heard.en}"))
    return ways + _corrected(known)


def _corrected(known: Circumstances) -> list[Label]:
    return [Label(f"{known.differing.zh}更正其值", f"a correction by {known.differing.en}")] if known.differing else []
