"""The table of statuses in words: which row chose a value, and what would change it."""

from __future__ import annotations

from dataclasses import dataclass

from contracts.model import Label


@dataclass(frozen=True, slots=True)
class StatusRule:
    """One row of the table of statuses (reconcile rules, section 5): its number, why it chose, and what would change the value."""

    row: int
    why: Label
    change: Label


RULES = {
    1: StatusRule(1, Label("没有来源给出该项", "no source says anything"), Label("任一来源给出值，或走访核实", "any source that says something, or a visit")),
    2: StatusRule(
        2,
        Label(
            "走访结果有效，但其后有来源给出不同的新值，或走访结果互相矛盾",
            "a visit's finding holds, but a source says something new and different since, or findings differ",
        ),
        Label("再次走访", "another visit"),
    ),
    3: StatusRule(
        3,
        Label("走访更正了全部来源的值", "a visit corrected what every source said"),
        Label(
            "复核不同意，或鲜活期后有来源给出新的不同值，或再次走访",
            "a verifier who disagrees, a new and different claim after the freshness limit, or another visit",
        ),
    ),
    4: StatusRule(
        4,
        Label("走访核实，至少一个来源一致", "a visit confirmed it and at least one source agrees"),
        Label(
            "复核不同意，或鲜活期后有来源给出新的不同值，或再次走访",
            "a verifier who disagrees, a new and different claim after the freshness limit, or another visit",
        ),
    ),
    5: StatusRule(
        5,
        Label("仅走访给出该项", "the visit is the only voice"),
        Label(
            "复核不同意，或鲜活期后有来源给出新的不同值，或再次走访",
            "a verifier who disagrees, a new and different claim after the freshness limit, or another visit",
        ),
    ),
    6: StatusRule(
        6,
        Label("来源之间不一致，按优先级和时间取值", "sources differ; priority, then time, chose"),
        Label("走访核实，或更优先的来源改值，或不一致的来源更正", "a visit, another value from a source that goes first, or a correction by those that differ"),
    ),
    7: StatusRule(
        7,
        Label("至少两个来源一致，无人反对", "at least two sources agree and none differs"),
        Label("走访更正，或来源给出新值", "a visit that corrects it, or a new value from a source"),
    ),
    8: StatusRule(8, Label("仅一个来源给出该项", "a single source says it"), Label("走访核实，或其他来源给出值", "a visit, or a value from another source")),
}


def rule_of(status: str | None, source: str | None, agreeing: int) -> StatusRule:
    """The row of the table that fits a golden value: by its status, whether a visit speaks, and how many sources agree."""
    if status is None:
        return RULES[1]
    if source == "visit":
        return RULES[{"disputed": 2, "corrected": 3}.get(status, 4 if agreeing else 5)]
    return RULES[{"disputed": 6, "agreed": 7}.get(status, 8)]
